"""Grants of more money to a fund: one person enters a grant, another approves it."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qinqing.kernel.database.columns import MoneyField
from qinqing.kernel.database.immutable_rows import guard_against_deletion, guard_single_decision, require_condition
from qinqing.kernel.database.triggers import row_guard
from qinqing.kernel.money import DECIMAL_PLACES, LARGEST_CNY, MAX_DIGITS

_DECISION = ["decision", "decided_at", "decided_by_id"]


class Grant(models.Model):
    """
    Money that a clerk entered for a fund; the database posts it when a second clerk approves it.

    The opening grant of a version has no row here, because two officers signed it with the version.
    """

    class Decision(models.TextChoices):
        """The decision of the second person."""

        APPROVED = "approved", pgettext_lazy("grant", "approved")
        TURNED_DOWN = "turned_down", _("turned down")

    fund = models.ForeignKey("payouts.Fund", on_delete=models.PROTECT, related_name="grants", verbose_name=_("fund"))
    amount_cny = MoneyField(_("amount"), max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)
    because = models.CharField(_("what it rests on"), max_length=200)
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
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        constraints = [
            models.CheckConstraint(
                # PostgreSQL's NaN is larger than any number, so only an upper bound keeps it out.
                condition=Q(amount_cny__gt=0, amount_cny__lte=LARGEST_CNY),
                name="grant_amount_is_positive",
            ),
            models.CheckConstraint(condition=~Q(because=""), name="grant_has_its_reason"),
            # Sending the form twice enters one grant.
            models.UniqueConstraint(
                fields=["fund", "amount_cny", "because"], condition=Q(decision=""), name="grant_entered_once"
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_at=None, decided_by=None)
                | Q(decision__in=["approved", "turned_down"], decided_at__isnull=False, decided_by__isnull=False),
                name="grant_is_decided_by_somebody",
            ),
            models.CheckConstraint(
                # The person who entered a grant may turn it down, but not approve it.
                condition=~Q(decision="approved") | ~Q(decided_by=F("entered_by")),
                name="grant_is_approved_by_another_person",
            ),
        ]
        indexes = [models.Index(fields=["fund", "id"], condition=Q(decision=""), name="grant_open")]
        triggers = [
            require_condition("grant_is_entered_open", "NEW.decision = ''"),
            guard_single_decision("grant_is_decided_once", _DECISION, is_open="OLD.decision = ''"),
            *guard_against_deletion("grant_is_kept"),
            row_guard(
                __package__,
                "grant_is_posted_when_approved",
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                condition="OLD.decision <> 'approved' AND NEW.decision = 'approved'",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
