"""What a policy entitles whom to."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qinqing.kernel.money import DECIMAL_PLACES, MAX_DIGITS


class EntitlementStatus(models.TextChoices):
    """Open ones follow the facts; a claimed one is never rewritten."""

    OPEN = "open", _("can be claimed")
    CLAIMED = "claimed", _("claimed")
    LAPSED = "lapsed", _("lapsed: not claimed in time")
    WITHDRAWN = "withdrawn", _("withdrawn: the facts changed")
    SUPERSEDED = "superseded", _("superseded by another claim")


class Entitlement(models.Model):
    """
    One subject's right under a policy version.

    `company` claims it; `employee` is set when it concerns one person. `evidence` keeps the facts the
    decision rests on: `{"facts": {path: value}, "sources": {dataset: {"department", "as_of"}}}`.
    """

    policy = models.ForeignKey("policies.Policy", on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey("policies.PolicyVersion", on_delete=models.PROTECT, related_name="entitlements")
    company = models.ForeignKey("companies.Company", on_delete=models.PROTECT, related_name="entitlements")
    employee = models.ForeignKey("companies.Employee", on_delete=models.PROTECT, null=True, related_name="entitlements")
    subject_key = models.CharField(max_length=80)
    period_key = models.CharField(max_length=10, blank=True)
    amount_cny = models.DecimalField(_("amount"), max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)
    evidence = models.JSONField(_("evidence"))
    version_hash = models.CharField(max_length=64)
    as_of_on = models.DateField(_("facts as of"))
    # The district in force on the as-of date, for the statistics of the city.
    district = models.CharField(_("district"), max_length=6, blank=True)
    status = models.CharField(
        _("status"), max_length=10, choices=EntitlementStatus.choices, default=EntitlementStatus.OPEN
    )
    decided_at = models.DateTimeField(_("decided at"))

    class Meta:
        verbose_name = _("entitlement")
        verbose_name_plural = _("entitlements")
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "subject_key", "period_key"], name="entitlement_once_per_subject_and_period"
            ),
            models.CheckConstraint(condition=Q(amount_cny__gt=0), name="entitlement_amount_is_positive"),
        ]
        indexes = [
            models.Index(fields=["company", "status"], name="entitlement_of_company"),
            models.Index(fields=["version", "company"], condition=Q(status="open"), name="entitlement_open_of_version"),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id} {self.subject_key} {self.period_key}"
