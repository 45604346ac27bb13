"""Attempts to pay that two persons declared void."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from qinqing.kernel.database.immutable_rows import guard_append_only
from qinqing.proposals.guards import by_proposal


class VoidedAttempt(models.Model):
    """
    An instruction of which two persons confirmed that the bank does not pay it: neither brought the file that says so.

    The proposal says who and why.
    """

    instruction = models.OneToOneField(
        "payouts.Instruction", on_delete=models.PROTECT, related_name="voided", verbose_name=_("instruction")
    )
    proposal = models.ForeignKey(
        "proposals.Proposal", on_delete=models.PROTECT, related_name="+", verbose_name=_("proposal")
    )

    class Meta:
        verbose_name = _("voided attempt")
        verbose_name_plural = _("voided attempts")
        triggers = [
            by_proposal(
                "attempt_is_voided_by_two",
                kind="retry_after_file",
                operation=pgtrigger.Insert,
                subject="(SELECT payout_id FROM payouts_instruction WHERE id = NEW.instruction_id)",
            ),
            *guard_append_only("voided_attempt_is_kept"),
        ]

    def __str__(self) -> str:
        return f"#{self.instruction_id}"
