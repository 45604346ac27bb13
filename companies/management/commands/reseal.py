"""`manage.py reseal`: seal the ID numbers of persons by the new key, after a key was replaced."""

from __future__ import annotations

from typing import Any

from cryptography.exceptions import InvalidTag
from django.core.management.base import BaseCommand, CommandError

from companies.people.reseal import reseal_people

SETS_PER_LINE = 50


class Command(BaseCommand):
    """Reseal all persons once; the command may be stopped and started again."""

    help = "Seal the ID numbers anew after QINQING_DATA_KEY has replaced the keys of QINQING_DATA_KEY_BEFORE."

    def handle(self, *_arguments: Any, **_options: Any) -> None:
        """Reseal, and print the progress."""
        seen = sealed = 0
        try:
            for number, (seen, sealed) in enumerate(reseal_people(), start=1):
                if number % SETS_PER_LINE == 0:
                    self.stdout.write(f"{seen:,} persons seen, {sealed:,} sealed anew")
        except InvalidTag as unknown:
            raise CommandError(
                f"Behind {seen:,} persons an ID number belongs to no key; name its key in QINQING_DATA_KEY_BEFORE."
            ) from unknown
        self.stdout.write(f"{seen:,} persons seen, {sealed:,} sealed anew. Accounts, files and contacts stay as they")
        self.stdout.write("were written, so the keys of QINQING_DATA_KEY_BEFORE have to stay, too.")
