"""Transitions: the record of every move of a payout."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from qinqing.kernel.database.triggers import guard_against, guard_against_direct_writes


class Transition(models.Model):
    """One move of a payout; the database writes it, appended only."""

    # No foreign key is needed: only the payout's own trigger writes here, and payouts are never deleted.
    payout = models.ForeignKey(
        "payouts.Payout", on_delete=models.PROTECT, related_name="transitions", db_index=False, db_constraint=False
    )
    sequence = models.PositiveSmallIntegerField()
    # Empty for the transition that opens the payout.
    before = models.CharField(_("before"), max_length=12, blank=True)
    after = models.CharField(_("after"), max_length=12)
    moved_at = models.DateTimeField(_("at"))
    moved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    moved_as = models.CharField(_("as"), max_length=8)
    moved_because = models.CharField(_("reason"), max_length=200, blank=True)
    # The reply that caused the move, if one did.
    reply = models.ForeignKey(
        "payouts.Reply", on_delete=models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        verbose_name = _("transition")
        verbose_name_plural = _("transitions")
        constraints = [models.UniqueConstraint(fields=["payout", "sequence"], name="transition_once_per_sequence")]
        triggers = [
            guard_against_direct_writes(
                "transition_is_written_by_the_move", "Only the move of a payout records itself."
            ),
            *guard_against(
                promise="transition_is_kept",
                why="Transitions are appended only.",
                operation=pgtrigger.Update | pgtrigger.Delete,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payout_id}/{self.sequence} {self.before} → {self.after}"
