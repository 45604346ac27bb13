"""Post-checks of paid payouts, and the plans that draw payouts for them at random."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from qinqing.kernel.database.immutable_rows import guard_against_deletion, guard_single_decision
from qinqing.kernel.database.triggers import row_guard


class SamplingPlan(models.Model):
    """
    The share of a version's paid payouts that is checked at random.

    A hash of the seed and the payout's id decides whether a payout is drawn: nobody can choose, and anybody can repeat
    the draw. `drawn_until` is the time of the last draw.
    """

    version = models.OneToOneField(
        "policies.PolicyVersion", on_delete=models.PROTECT, related_name="+", verbose_name=_("policy version")
    )
    percentage = models.DecimalField(_("share checked (%)"), max_digits=5, decimal_places=2)
    seed = models.CharField(_("seed"), max_length=32)
    planned_at = models.DateTimeField(_("planned at"))
    planned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("planned by")
    )
    drawn_until = models.DateTimeField(_("drawn until"), null=True)

    class Meta:
        verbose_name = _("sampling plan")
        verbose_name_plural = _("sampling plans")
        constraints = [
            models.CheckConstraint(
                condition=Q(percentage__gt=0, percentage__lte=100), name="sampling_plan_share_is_a_percentage"
            ),
        ]
        triggers = [
            guard_single_decision("sampling_plan_is_not_changed", ["drawn_until"], is_open="true"),
            *guard_against_deletion("sampling_plan_is_kept"),
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.percentage} %"


class PostCheck(models.Model):
    """A check of one paid payout; it is finished when it has a result."""

    class Reason(models.TextChoices):
        """Why the payout is checked."""

        SAMPLE = "sample", _("drawn at random")
        FACTS = "facts", _("the facts changed after the claim")
        ACCOUNT = "account", _("one account collects for many firms")
        OFFICER = "officer", _("an officer asked for it")

    class Result(models.TextChoices):
        """What the check found."""

        KEPT = "kept", _("commitment kept")
        BREACH = "breach", _("commitment broken")

    payout = models.ForeignKey(
        "payouts.Payout", on_delete=models.PROTECT, related_name="checks", verbose_name=_("payout")
    )
    reason = models.CharField(_("why"), max_length=8, choices=Reason.choices)
    detail = models.CharField(_("detail"), max_length=200, blank=True)
    opened_at = models.DateTimeField(_("opened at"))
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("opened by")
    )
    result = models.CharField(_("result"), max_length=8, choices=Result.choices, blank=True)
    finding = models.CharField(_("finding"), max_length=200, blank=True)
    checked_at = models.DateTimeField(_("checked at"), null=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("checked by")
    )

    class Meta:
        verbose_name = _("post-check")
        verbose_name_plural = _("post-checks")
        constraints = [
            models.UniqueConstraint(
                fields=["payout", "reason"], condition=~Q(reason="officer"), name="post_check_once_per_reason"
            ),
            models.UniqueConstraint(
                fields=["payout"], condition=Q(reason="officer", result=""), name="post_check_asked_for_once"
            ),
            models.CheckConstraint(
                condition=Q(result="", finding="", checked_at=None, checked_by=None)
                | Q(checked_at__isnull=False, checked_by__isnull=False) & ~Q(result="") & ~Q(finding=""),
                name="post_check_is_finished_by_somebody_with_a_finding",
            ),
            models.CheckConstraint(
                condition=Q(checked_by=None) | Q(opened_by=None) | ~Q(checked_by=F("opened_by")),
                name="post_check_is_finished_by_another_person",
            ),
        ]
        indexes = [models.Index(fields=["id"], condition=Q(result=""), name="post_check_open")]
        triggers = [
            row_guard(
                __package__,
                "post_check_is_about_what_was_paid",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
            ),
            guard_single_decision(
                "post_check_is_finished_once",
                ["result", "finding", "checked_at", "checked_by_id"],
                is_open="OLD.result = ''",
            ),
            *guard_against_deletion("post_check_is_kept"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
