"""`manage.py reconcile` proves that the books balance and that the bank agrees."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now

from payouts.banks.gateway import BooksUnavailable
from payouts.controls.reconcile import invariants


class Command(BaseCommand):
    """Prove that the books balance and agree with the bank's books; end with 1 if a proof fails."""

    help = "Prove the books against the bank's own statement."

    def handle(self, *_arguments: Any, **_options: Any) -> None:
        """Print the results of the proofs."""
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
