"""Findings about payments of which the bank's replies contradict each other or the payout."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from qinqing.kernel.database.immutable_rows import guard_append_only
from qinqing.kernel.database.triggers import row_guard
from qinqing.proposals.guards import by_proposal


class Finding(models.Model):
    """
    Whether the bank made a payment: one clerk asked it and proposed the answer, another confirmed it. Appended only.

    It moves money.
    """

    reply = models.OneToOneField(
        "payouts.Reply", on_delete=models.PROTECT, related_name="finding", verbose_name=_("reply")
    )
    was_paid = models.BooleanField(_("the bank paid it"))
    proposal = models.OneToOneField(
        "proposals.Proposal", on_delete=models.PROTECT, related_name="+", verbose_name=_("proposal")
    )

    class Meta:
        verbose_name = _("finding about a payment")
        verbose_name_plural = _("findings about payments")
        triggers = [
            by_proposal("finding_takes_two_people", kind="finding", operation=pgtrigger.Insert, subject="NEW.reply_id"),
            row_guard(
                __package__,
                "finding_leaves_no_payout_paid_by_nothing",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
            ),
            *guard_append_only("finding_is_kept"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
