"""`manage.py reconcile`: do the books balance, and does the bank agree?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now

from payouts.banks.gateway import BooksUnavailable
from payouts.controls.reconcile import invariants


class Command(BaseCommand):
    """Compare our books with themselves and with the bank's; ends with 1 when something is wrong."""

    help = "Prove the books against the bank's own statement."

    def handle(self, *_arguments: Any, **_options: Any) -> None:
        """Print the proofs."""
        try:
            proved = invariants(now=now())
        except BooksUnavailable as unavailable:
            raise CommandError(str(unavailable)) from unavailable
        self.stdout.write(f"books balance:   {'yes' if proved.books_balance else 'NO'}")
        self.stdout.write(
            f"bank agrees:     {'yes' if proved.bank_agrees else 'NO'} ({proved.bank_payments:,} payments)"
        )
        self.stdout.write(f"double payments: {proved.double_payments:,}")
        self.stdout.write(f"lost claims:     {proved.lost:,}")
        self.stdout.write(f"on their way:    {proved.unfinished:,}")
        if not proved.hold:
            raise CommandError(" ".join(proved.troubles))


def _said(is_so: bool) -> str:  # noqa: FBT001 - one word for one fact
    return "yes" if is_so else "NO"
