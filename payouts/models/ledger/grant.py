"""Grants of more money to a fund, each by a confirmed proposal."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qinqing.kernel.database.columns import MoneyField
from qinqing.kernel.database.immutable_rows import guard_append_only
from qinqing.kernel.database.triggers import row_guard
from qinqing.kernel.money import DECIMAL_PLACES, LARGEST_CNY, MAX_DIGITS
from qinqing.proposals.guards import by_proposal


class Grant(models.Model):
    """
    Money that one clerk proposed for a fund and another approved; the database posts it. Appended only.

    The opening grant of a version has no row here, because two officers signed it with the version.
    """

    fund = models.ForeignKey("payouts.Fund", on_delete=models.PROTECT, related_name="grants", verbose_name=_("fund"))
    amount_cny = MoneyField(_("amount"), max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)
    proposal = models.OneToOneField(
        "proposals.Proposal", on_delete=models.PROTECT, related_name="+", verbose_name=_("proposal")
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
        ]
        triggers = [
            by_proposal("grant_takes_two_people", kind="grant", operation=pgtrigger.Insert, subject="NEW.fund_id"),
            *guard_append_only("grant_is_kept"),
            row_guard(__package__, "grant_is_posted", when=pgtrigger.After, operation=pgtrigger.Insert),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
