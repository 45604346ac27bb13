"""Arrivals of rows from departments, and what they touched."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class DeliveryStatus(models.TextChoices):
    """A delivery lands as a whole or not at all."""

    LANDED = "landed", _("landed")
    FAILED = "failed", _("failed")


class Delivery(models.Model):
    """
    One arrival of rows of one dataset, idempotent by the sender's id.

    The same id with the same bytes is answered again without effect; with other bytes it is an error. A
    failed delivery landed nothing, so its id may be used again.
    """

    delivery_id = models.CharField(_("delivery id"), max_length=64)
    dataset = models.CharField(_("dataset"), max_length=40)
    as_of_on = models.DateField(_("as of"))
    sha256 = models.CharField(max_length=64)
    byte_count = models.BigIntegerField()
    status = models.CharField(_("status"), max_length=8, choices=DeliveryStatus.choices)
    refusal = models.TextField(_("refusal"), blank=True)
    landed_count = models.IntegerField(_("rows landed"), default=0)
    quarantined_count = models.IntegerField(_("rows in quarantine"), default=0)
    received_at = models.DateTimeField(_("received at"))
    delivered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(
                fields=["delivery_id"],
                condition=models.Q(status=DeliveryStatus.LANDED),
                name="delivery_lands_once",
            ),
        ]
        indexes = [models.Index(fields=["dataset", "-as_of_on"], name="delivery_freshness")]

    def __str__(self) -> str:
        return f"{self.dataset} {self.delivery_id}"


class QuarantinedRow(models.Model):
    """A row that did not land, with the reason; personal numbers are not kept here."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="quarantined_rows")
    row_number = models.IntegerField(_("row"))
    column = models.CharField(_("column"), max_length=40, blank=True)
    reason = models.CharField(_("reason"), max_length=200)

    class Meta:
        verbose_name = _("row in quarantine")
        verbose_name_plural = _("rows in quarantine")
        constraints = [
            models.UniqueConstraint(fields=["delivery", "row_number"], name="quarantined_row_once_per_row"),
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id} #{self.row_number}: {self.reason}"


class TouchedCompany(models.Model):
    """A company some of whose facts a delivery changed: the row that matching polls, and removes."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="+")
    company = models.ForeignKey("companies.Company", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["delivery", "company"], name="touched_company_once_per_delivery")
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.company_id}"
