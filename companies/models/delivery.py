"""Deliveries of rows by departments, and the rows and companies that they affected."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from companies.datasets.references import never_deleted
from companies.datasets.row_faults import Reason
from companies.models.delivery_key import DeliveryKey
from qinqing.kernel.database.triggers import change_of, refuse_when, row_guard
from qinqing.kernel.text import Bilingual


class DeliveryStatus(models.TextChoices):
    """Whether a delivery was stored; it is stored as a whole or not at all."""

    LANDED = "landed", _("landed")
    FAILED = "failed", _("failed")


# A delivery in which no row is right tells nothing of its day; one that has no rows tells that nothing is new.
HAS_NEWS = models.Q(landed_count__gt=0) | models.Q(quarantined_count=0)

_EVIDENCE = ("signed_with_id", "manifest", "signature")
_TOLD = ("delivery_id", "dataset", "as_of_on", "sha256", "byte_count", "status", "received_at", "delivered_by_id")


class Delivery(models.Model):
    """
    One delivery of rows of one dataset; it is idempotent by the sender's `delivery_id`.

    If a sender repeats an id with the same bytes and the same day, it gets the first answer again and nothing is
    stored; other bytes or another day are an error. A failed delivery stored nothing, so its id may be used again.
    """

    delivery_id = models.CharField(_("delivery id"), max_length=64)
    dataset = models.CharField(_("dataset"), max_length=40)
    as_of_on = models.DateField(_("as of"))
    sha256 = models.CharField("SHA-256", max_length=64)
    byte_count = models.BigIntegerField(_("bytes"))
    # The format as which the file was read, such as “CSV, UTF-8”; empty if it was refused before.
    read_as = models.CharField(_("read as"), max_length=24, blank=True, default="", db_default="")
    status = models.CharField(_("status"), max_length=8, choices=DeliveryStatus.choices)
    # The text is stored in Chinese and in English, because nobody knows which of the two its reader will want.
    refusal = models.TextField(_("refusal"), blank=True)
    refusal_en = models.TextField(_("refusal in English"), blank=True, default="", db_default="")
    landed_count = models.IntegerField(_("rows landed"), default=0)
    quarantined_count = models.IntegerField(_("rows in quarantine"), default=0)
    changed_count = models.IntegerField(_("facts changed or new"), default=0)
    received_at = models.DateTimeField(_("received at"))
    delivered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("delivered by")
    )
    # The evidence of a signed delivery: the manifest as it came, its signature, and the key that the signature is by.
    signed_with = models.ForeignKey(
        DeliveryKey, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("signed with")
    )
    manifest = models.TextField(_("manifest"), blank=True, default="", db_default="")
    signature = models.BinaryField(_("signature"), null=True)
    # True on the object that answers a repeated delivery, which stored nothing.
    is_repeated: bool = False

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(
                fields=["delivery_id"],
                condition=models.Q(status=DeliveryStatus.LANDED),
                name="delivery_lands_once",
            ),
            models.CheckConstraint(
                condition=models.Q(signed_with=None, manifest="", signature=None)
                | models.Q(~models.Q(manifest=""), signed_with__isnull=False, signature__isnull=False),
                name="delivery_signature_is_whole",
            ),
        ]
        indexes = [models.Index(fields=["dataset", "-as_of_on"], name="delivery_freshness")]
        triggers = [
            *never_deleted("delivery"),
            refuse_when(
                promise="delivery_keeps_its_evidence",
                why="What a delivery was signed with, and what was signed, stays as it came.",
                condition=f"{change_of(*_EVIDENCE)} OR NEW.signed_with_id IS NOT NULL AND {change_of(*_TOLD)}",
            ),
            row_guard(
                __package__,
                "delivery_is_signed_with_a_key_in_force",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition="NEW.signed_with_id IS NOT NULL AND NEW.status = 'landed'",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dataset} {self.delivery_id}"

    @property
    def why(self) -> Bilingual:
        """The reason of the refusal, in the reader's language."""
        return Bilingual(self.refusal, self.refusal_en)


class QuarantinedRow(models.Model):
    """
    A row that was not stored, and the reason.

    The values of the row are not kept, because in a shifted row any column may hold a personal number. `row_number`
    counts as a spreadsheet does: the header of a CSV file is row 1.
    """

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="quarantined_rows")
    row_number = models.IntegerField(_("row"))
    column = models.CharField(_("column"), max_length=40, blank=True)
    reason = models.CharField(_("reason"), max_length=24, choices=Reason.choices)
    detail = models.CharField(_("detail"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("row in quarantine")
        verbose_name_plural = _("rows in quarantine")
        constraints = [
            models.UniqueConstraint(fields=["delivery", "row_number"], name="quarantined_row_once_per_row"),
        ]

    def __str__(self) -> str:
        return f"#{self.row_number} {self.column}: {self.sentence}"

    @property
    def sentence(self) -> str:
        """The reason as a sentence, in the reader's language."""
        return str(Reason(self.reason).label).format(detail=self.detail)


class TouchedCompany(models.Model):
    """A company of which a delivery changed facts; matching polls these rows and deletes those it has dealt with."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="+")
    company = models.ForeignKey("companies.Company", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["delivery", "company"], name="touched_company_once_per_delivery")
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.company_id}"
