"""The steps by which the file of a batch is handed over to the drop of its bank."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payouts.formats.exports.layout import Kind as FileKind
from qinqing.kernel.database.immutable_rows import guard_append_only
from qinqing.kernel.database.triggers import row_guard


class HandOverStepKind(models.TextChoices):
    """What happened to the file."""

    ORDERED = "ordered", _("ordered")
    # The encrypted bytes and their signature are kept; the process that wrote this row alone sends them, once.
    STORED = "stored", _("signed, on its way")
    TAKEN = "taken", _("taken by the bank")
    DOUBTED = "doubted", _("in doubt: the bank is asked")
    # The bank says, after the time until which it takes the file, that it never saw it.
    ABSENT = "absent", _("never arrived")
    REFUSED = "refused", _("refused")


K = HandOverStepKind
# The steps that follow a step; the first is ordered. After what the bank took or may have, no second file is ordered.
HAND_OVER_STEPS: dict[HandOverStepKind | None, tuple[HandOverStepKind, ...]] = {
    None: (K.ORDERED,),
    K.ORDERED: (K.STORED, K.REFUSED),
    K.STORED: (K.TAKEN, K.DOUBTED, K.ABSENT, K.REFUSED),
    K.DOUBTED: (K.TAKEN, K.ABSENT, K.REFUSED),
    K.ABSENT: (K.ORDERED,),
    K.REFUSED: (K.ORDERED,),
}


class HandOverStep(models.Model):
    """
    One step of handing the file of a released batch over; the last one says how it stands.

    `number` counts from 1 within the batch. A step that was stored keeps what was sent: the encrypted archive, its
    detached signature (Ed25519) with the public key, and the time after which the bank takes it no more.
    """

    Kind = HandOverStepKind

    batch = models.ForeignKey("payouts.Batch", on_delete=models.PROTECT, related_name="hand_over_steps", db_index=False)
    number = models.PositiveIntegerField(_("number"))
    kind = models.CharField(_("step"), max_length=8, choices=HandOverStepKind.choices)
    at = models.DateTimeField(_("at"))
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("ordered by")
    )
    layout_kind = models.CharField(_("kind of file"), max_length=20, choices=FileKind.choices)
    layout_template = models.ForeignKey(
        "payouts.BankTemplate", on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("layout")
    )
    stored = models.ForeignKey("payouts.StoredFile", on_delete=models.PROTECT, null=True, related_name="+")
    signature = models.BinaryField(_("signature"), max_length=64, null=True)
    public_key = models.BinaryField(_("public key"), max_length=32, null=True)
    valid_until = models.DateTimeField(_("taken until"), null=True)
    # A sentence of ours in English, which the page translates.
    detail = models.CharField(_("why"), max_length=200, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("step of a hand-over")
        verbose_name_plural = _("steps of hand-overs")
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="hand_over_step_once_per_number"),
            models.CheckConstraint(
                condition=Q(kind=K.ORDERED, ordered_by__isnull=False) | ~Q(kind=K.ORDERED) & Q(ordered_by=None),
                name="hand_over_is_ordered_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind=K.STORED,
                    stored__isnull=False,
                    signature__isnull=False,
                    public_key__isnull=False,
                    valid_until__isnull=False,
                )
                | ~Q(kind=K.STORED) & Q(stored=None, signature=None, public_key=None, valid_until=None),
                name="hand_over_is_stored_with_its_signature",
            ),
        ]
        triggers = [
            row_guard(
                __package__,
                "hand_over_goes_step_by_step",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                steps=",\n        ".join(
                    f"('{before or ''}', '{after}')" for before, afters in HAND_OVER_STEPS.items() for after in afters
                ),
            ),
            *guard_append_only("hand_over_step_is_kept"),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.number} {self.kind}"
