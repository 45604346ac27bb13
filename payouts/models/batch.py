"""Instructions sealed together, and the files made of them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payouts.models import guards
from qinqing.kernel.money import DECIMAL_PLACES


class Batch(models.Model):
    """Instructions of one fund, sealed: their count, their sum and the SHA-256 of their lines never change."""

    fund = models.ForeignKey("payouts.Fund", on_delete=models.PROTECT, related_name="batches", verbose_name=_("fund"))
    message_id = models.CharField(_("message id"), max_length=35, unique=True)
    sealed_at = models.DateTimeField(_("sealed at"))
    sealed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("sealed by")
    )
    line_count = models.PositiveIntegerField(_("lines"))
    control_sum_cny = models.DecimalField(_("control sum"), max_digits=16, decimal_places=DECIMAL_PLACES)
    sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        constraints = [
            models.CheckConstraint(condition=Q(line_count__gt=0), name="batch_has_lines"),
            models.CheckConstraint(condition=Q(control_sum_cny__gt=0), name="batch_sum_is_positive"),
        ]
        triggers = guards.BATCH_IS_KEPT

    def __str__(self) -> str:
        return self.message_id


class BatchFile(models.Model):
    """A batch in one file format; the bytes are made once and only ever read again."""

    class Format(models.TextChoices):
        """The formats we write."""

        PAIN001 = "pain.001", "ISO 20022 pain.001.001.09"
        WORKBOOK = "xlsx", _("workbook (xlsx)")

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="files", db_index=False)
    format = models.CharField(_("format"), max_length=8, choices=Format.choices)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    written_at = models.DateTimeField(_("written at"))

    class Meta:
        verbose_name = _("batch file")
        verbose_name_plural = _("batch files")
        constraints = [models.UniqueConstraint(fields=["batch", "format"], name="batch_file_once_per_format")]
        triggers = guards.BATCH_FILE_IS_KEPT

    def __str__(self) -> str:
        return f"{self.batch_id} {self.format}"
