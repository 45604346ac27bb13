"""`manage.py code NAME`: the code that the app of a demo official shows now."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from qinqing.demo.factors import current_code
from qinqing.demo.people import LOGINS
from qinqing.env import IS_PRODUCTION


class Command(BaseCommand):
    """Print the code, which is good for half a minute and for one use."""

    help = "Prints the code that the second factor of a login of the demo shows now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", choices=[login.username for login in LOGINS])

    def handle(self, *args: Any, **options: Any) -> None:
        if IS_PRODUCTION:
            raise CommandError("The demo’s secrets are published; there are none in production.")
        self.stdout.write(current_code(username=options["username"], now=timezone.now()))
