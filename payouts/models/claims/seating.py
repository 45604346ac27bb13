"""The seats that payouts take in stacking groups; the database writes them when a payout opens."""

from __future__ import annotations

import pgtrigger
from django.db import models

from qinqing.kernel.database.triggers import guard_against, guard_against_direct_writes


class Seating(models.Model):
    """A payout at a seat of a stacking group. It counts until it is cancelled, even if the bank pays it later."""

    payout = models.ForeignKey("payouts.Payout", on_delete=models.PROTECT, related_name="seatings", db_index=False)
    seat = models.ForeignKey("policies.StackingSeat", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["payout", "seat"], name="seating_once_per_payout")]
        triggers = [
            guard_against_direct_writes("seating_is_written_by_the_payout", "Only a payout that opens takes a seat."),
            *guard_against(
                promise="seating_is_kept",
                why="Where a payout sat is kept.",
                operation=pgtrigger.Update | pgtrigger.Delete,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payout_id} {self.seat_id}"
