"""Findings about payments of which the bank's replies contradict each other or the payout."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from qinqing.kernel.database.immutable_rows import guard_against_deletion, guard_single_decision
from qinqing.kernel.database.triggers import row_guard

_DECISION = ["decision", "decided_at", "decided_by_id"]


class Finding(models.Model):
    """
    A clerk's finding, from asking the bank, whether it made a payment; it moves money when a second clerk confirms it.

    After a finding was turned down, a clerk may enter another one.
    """

    class Decision(models.TextChoices):
        """The decision of the second person."""

        CONFIRMED = "confirmed", _("confirmed")
        TURNED_DOWN = "turned_down", _("turned down")

    reply = models.ForeignKey(
        "payouts.Reply", on_delete=models.PROTECT, related_name="findings", verbose_name=_("reply")
    )
    was_paid = models.BooleanField(_("the bank paid it"))
    because = models.CharField(_("what was found"), max_length=200)
    entered_at = models.DateTimeField(_("entered at"))
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("entered by")
    )
    decision = models.CharField(_("decision"), max_length=12, choices=Decision.choices, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )

    class Meta:
        verbose_name = _("finding about a payment")
        verbose_name_plural = _("findings about payments")
        constraints = [
            models.CheckConstraint(condition=~Q(because=""), name="finding_says_what_was_found"),
            models.UniqueConstraint(
                fields=["reply"], condition=~Q(decision="turned_down"), name="finding_once_per_reply"
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_at=None, decided_by=None)
                | Q(decision__in=["confirmed", "turned_down"], decided_at__isnull=False, decided_by__isnull=False),
                name="finding_is_decided_by_somebody",
            ),
            models.CheckConstraint(
                # The person who entered a finding may turn it down, but not confirm it.
                condition=~Q(decision="confirmed") | ~Q(decided_by=F("entered_by")),
                name="finding_is_confirmed_by_another_person",
            ),
        ]
        triggers = [
            row_guard(
                __package__,
                "finding_is_of_a_payment_that_contradicts",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
            ),
            guard_single_decision("finding_is_decided_once", _DECISION, is_open="OLD.decision = ''"),
            row_guard(
                __package__,
                "finding_leaves_no_payout_paid_by_nothing",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
            ),
            *guard_against_deletion("finding_is_kept"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
