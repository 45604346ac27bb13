"""Circuit breakers: the thresholds at which the platform pauses a policy by itself."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Breaker(models.Model):
    """
    The thresholds of one policy; the row without a policy holds for all policies without thresholds of their own.

    The platform pauses a version in three cases: within `refused_minutes` the bank refuses at least `refused_count` of
    its payouts, which are at least `refused_percent` of the payouts that the bank decided; more than
    `payees_per_account` payees collect on one account number; or, with `stops_when_stale`, data that the version reads
    becomes too old.
    """

    policy = models.OneToOneField(
        "policies.Policy", on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("policy")
    )
    refused_count = models.PositiveIntegerField(
        _("refused payouts"), default=20, validators=[MinValueValidator(1), MaxValueValidator(1_000_000)]
    )
    refused_percent = models.PositiveSmallIntegerField(
        _("and percent of those decided"), default=20, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    refused_minutes = models.PositiveSmallIntegerField(
        _("within minutes"), default=60, validators=[MinValueValidator(1), MaxValueValidator(1_440)]
    )
    payees_per_account = models.PositiveSmallIntegerField(
        _("payees that may share an account"), default=5, validators=[MinValueValidator(1), MaxValueValidator(1_000)]
    )
    stops_when_stale = models.BooleanField(_("pauses when its data is too old"), default=True)

    class Meta:
        verbose_name = _("circuit breaker")
        verbose_name_plural = _("circuit breakers")
        constraints = [
            models.UniqueConstraint(
                fields=["policy"],
                name="breaker_once",
                nulls_distinct=False,
                violation_error_message=_("There is one for this policy, or for all policies, already."),
            ),
            models.CheckConstraint(
                condition=Q(refused_count__gte=1, refused_percent__range=(1, 100), refused_minutes__range=(1, 1_440))
                & Q(payees_per_account__gte=1),
                name="breaker_thresholds_are_sane",
            ),
        ]

    def __str__(self) -> str:
        return str(self.policy) if self.policy_id else str(_("all policies without one of their own"))
