"""`manage.py reseal`: seal everything sealed by the present key, after a key or the cipher was replaced."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from companies.keys.reseal import UnknownKey, count_unsealed, reseal_everything

SECONDS_PER_LINE = 5


class Command(BaseCommand):
    """Reseal all sealed columns; the command may be stopped and started again."""

    help = "Seal everything anew that another key than QINQING_DATA_KEY, or another cipher than QINQING_CIPHER, sealed."

    def handle(self, *_arguments: Any, **_options: Any) -> None:
        """Reseal, and print the progress."""
        due, done, byte_count = count_unsealed(), Counter[str](), 0
        self.stdout.write(f"{sum(due.values()):,} values in {len(due)} columns are sealed by another key.")
        begun = said = time.monotonic()
        try:
            for each in reseal_everything(now=timezone.now()):
                done[each.column] += each.count
                byte_count += each.byte_count
                if time.monotonic() - said > SECONDS_PER_LINE:
                    said = time.monotonic()
                    self.stdout.write(
                        f"{each.column}: {done[each.column]:,} of {due.get(each.column, done[each.column]):,}"
                    )
        except UnknownKey as unknown:
            raise CommandError(f"{done.total():,} values are sealed anew. {unknown}") from unknown
        self._report(due, done, byte_count, time.monotonic() - begun)

    def _report(self, due: dict[str, int], done: Counter[str], byte_count: int, seconds: float) -> None:
        for column in sorted({*due, *done}):
            self.stdout.write(f"{column}: {done[column]:,} sealed anew")
        per_second, megabytes = done.total() / max(seconds, 0.001), byte_count / 1e6
        self.stdout.write(
            f"{done.total():,} values ({megabytes:,.1f} MB) in {seconds:.1f} s, {per_second:,.0f} a second."
            " Everything sealed is under the present key; the hashes by which persons are found stay under the oldest."
        )
