"""Circuit breakers: the thresholds at which the platform pauses a policy by itself."""

from __future__ import annotations

import json

import pgtrigger
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qinqing.kernel.database.triggers import guard_against_truncate, row_guard

# What a breaker watches for, and the thresholds where no row says otherwise.
USUAL_TERMS = {
    "refused_count": 20,
    "refused_percent": 20,
    "refused_minutes": 60,
    "payees_per_account": 5,
    "stops_when_stale": True,
}


class Breaker(models.Model):
    """
    The thresholds of one policy; the row without a policy holds for all policies without thresholds of their own.

    The platform pauses a version in three cases: within `refused_minutes` the bank refuses at least `refused_count` of
    its payouts, which are at least `refused_percent` of the payouts that the bank decided; more than
    `payees_per_account` payees collect on one account number; or, with `stops_when_stale`, data that the version reads
    becomes too old.

    One person makes a breaker stricter, or adds one that is no looser than what watches the policy now. To loosen one
    or to delete it takes two: a proposal of the kind `breaker_terms`.
    """

    policy = models.OneToOneField(
        "policies.Policy", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("policy")
    )
    refused_count = models.PositiveIntegerField(
        _("refused payouts"),
        default=USUAL_TERMS["refused_count"],
        validators=[MinValueValidator(1), MaxValueValidator(1_000_000)],
    )
    refused_percent = models.PositiveSmallIntegerField(
        _("and percent of those decided"),
        default=USUAL_TERMS["refused_percent"],
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    refused_minutes = models.PositiveSmallIntegerField(
        _("within minutes"),
        default=USUAL_TERMS["refused_minutes"],
        validators=[MinValueValidator(1), MaxValueValidator(1_440)],
    )
    payees_per_account = models.PositiveSmallIntegerField(
        _("payees that may share an account"),
        default=USUAL_TERMS["payees_per_account"],
        validators=[MinValueValidator(1), MaxValueValidator(1_000)],
    )
    stops_when_stale = models.BooleanField(
        _("pauses when its data is too old"), default=USUAL_TERMS["stops_when_stale"]
    )

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
        triggers = [
            # It runs after the write, so that the constraints come first: their refusals are more exact.
            row_guard(
                __package__,
                "breaker_is_loosened_by_two",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                usual=json.dumps(USUAL_TERMS),
            ),
            guard_against_truncate(
                "breakers_are_not_emptied",
                promise="breakers_are_not_emptied",
                why="Circuit breakers are deleted one by one, by two people.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.policy) if self.policy_id else str(_("all policies without one of their own"))
