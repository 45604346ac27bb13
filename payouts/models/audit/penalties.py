"""What two people found about a demand: that it is for fraud, and the fine for it. The ban is on the blacklist."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from payouts.models.audit.recovery import LARGEST_FINE, SMALLEST_FINE
from qinqing.kernel.database.columns import money
from qinqing.kernel.database.immutable_rows import guard_append_only
from qinqing.kernel.money import LARGEST_CNY
from qinqing.proposals.guards import by_proposal


class FraudFinding(models.Model):
    """
    A demand is for fraud: finance proposed it, the firm was heard, an officer confirmed it. Appended only.

    It stands unless an appeal overturns the demand. A fine and a ban need one that stands.
    """

    recovery = models.OneToOneField(
        "payouts.Recovery", on_delete=models.PROTECT, related_name="fraud_finding", verbose_name=_("recovery")
    )
    proposal = models.OneToOneField(
        "proposals.Proposal", on_delete=models.PROTECT, related_name="+", verbose_name=_("proposal")
    )

    class Meta:
        verbose_name = _("finding of fraud")
        verbose_name_plural = _("findings of fraud")
        triggers = [
            by_proposal(
                "fraud_finding_takes_two_people", kind="fraud", operation=pgtrigger.Insert, subject="NEW.recovery_id"
            ),
            *guard_append_only("fraud_finding_is_kept"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class Fine(models.Model):
    """The fine of a demand for fraud, a percentage of the amount demanded. Appended only."""

    recovery = models.OneToOneField(
        "payouts.Recovery", on_delete=models.PROTECT, related_name="imposed_fine", verbose_name=_("recovery")
    )
    percentage = models.PositiveSmallIntegerField(_("fine (%)"))
    amount_cny = money(_("fine"))
    proposal = models.OneToOneField(
        "proposals.Proposal", on_delete=models.PROTECT, related_name="+", verbose_name=_("proposal")
    )

    class Meta:
        verbose_name = pgettext_lazy("penalty", "fine")
        verbose_name_plural = _("fines")
        constraints = [
            models.CheckConstraint(
                condition=Q(percentage__gte=SMALLEST_FINE, percentage__lte=LARGEST_FINE),
                name="fine_is_within_the_law",
            ),
            models.CheckConstraint(
                condition=Q(amount_cny__gte=0, amount_cny__lte=LARGEST_CNY), name="fine_amount_is_not_negative"
            ),
        ]
        triggers = [
            by_proposal("fine_takes_two_people", kind="fine", operation=pgtrigger.Insert, subject="NEW.recovery_id"),
            *guard_append_only("fine_is_kept"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
