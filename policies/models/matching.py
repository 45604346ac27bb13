"""What matching has done; deliveries without a row here are still to be matched."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class MatchRun(models.Model):
    """One run of a version over the whole city, asked for by publishing it; done when `finished_at` is set."""

    version = models.ForeignKey("policies.PolicyVersion", on_delete=models.CASCADE, related_name="match_runs")
    asked_at = models.DateTimeField(_("asked at"))
    finished_at = models.DateTimeField(_("finished at"), null=True)
    # Companies up to this id are decided; a worker that dies leaves the rest for the next.
    decided_through_id = models.BigIntegerField(default=0)
    entitlement_count = models.IntegerField(_("entitlements"), default=0)

    class Meta:
        verbose_name = _("matching run")
        verbose_name_plural = _("matching runs")
        indexes = [models.Index(fields=["id"], condition=models.Q(finished_at=None), name="match_run_due")]

    def __str__(self) -> str:
        return f"{self.version_id} {self.asked_at}"


class MatchedDelivery(models.Model):
    """A delivery whose touched companies were decided again."""

    delivery = models.OneToOneField("companies.Delivery", on_delete=models.CASCADE, related_name="+")
    matched_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.delivery_id)
