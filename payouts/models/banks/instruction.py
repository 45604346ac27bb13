"""Instructions to banks, and the replies of banks to them."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payouts.states import Status
from qinqing.kernel.database.columns import MoneyField
from qinqing.kernel.database.triggers import guard_against, row_guard, set_guard
from qinqing.kernel.money import DECIMAL_PLACES, LARGEST_CNY, MAX_DIGITS


class Outcome(models.TextChoices):
    """The outcome of an instruction, as a bank reports it."""

    PAID = "paid", _("paid")
    REFUSED = "refused", _("refused")
    # The bank had paid, and the money came back.
    RETURNED = "returned", _("returned")
    # The bank had not seen the instruction by the cut-off, so it never executes it.
    UNKNOWN = "unknown", _("unknown to the bank")


class Instruction(models.Model):
    """
    One attempt to have a bank pay one payout, stored before the bank is called.

    A deliberate retry is a new instruction with the next attempt number; after a time-out, the platform asks the bank
    about the same `end_to_end_id`.
    """

    # Not checked by foreign keys: the guard `instruction_pays_its_payout` compares the columns with the payout's.
    payout = models.ForeignKey(
        "payouts.Payout",
        on_delete=models.PROTECT,
        related_name="instructions",
        db_index=False,
        db_constraint=False,
        verbose_name=_("payout"),
    )
    attempt = models.PositiveSmallIntegerField(_("attempt"))
    end_to_end_id = models.CharField(_("end-to-end id"), max_length=35)
    fund = models.ForeignKey(
        "payouts.Fund", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    account = models.ForeignKey(
        "companies.PayeeAccount",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("account"),
    )
    amount_cny = MoneyField(_("amount"), max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)
    stored_at = models.DateTimeField(_("stored at"))
    # The cut-off: the bank executes no instruction after it, so it never pays one that it has not seen by then.
    valid_until = models.DateTimeField(_("valid until"))
    batch = models.ForeignKey(
        "payouts.Batch",
        on_delete=models.PROTECT,
        null=True,
        related_name="instructions",
        db_index=False,
        verbose_name=_("batch"),
    )

    class Meta:
        verbose_name = _("instruction")
        verbose_name_plural = _("instructions")
        constraints = [
            models.UniqueConstraint(fields=["payout", "attempt"], name="instruction_once_per_attempt"),
            # Not `unique=True` on the field: Django would add a second index for LIKE searches, which nobody makes.
            models.UniqueConstraint(fields=["end_to_end_id"], name="instruction_known_to_the_bank_by_one_id"),
            models.CheckConstraint(
                # PostgreSQL's NaN is larger than any number, so only an upper bound keeps it out.
                condition=Q(amount_cny__gt=0, amount_cny__lte=LARGEST_CNY),
                name="instruction_amount_is_positive",
            ),
        ]
        indexes = [
            models.Index(fields=["fund", "id"], condition=Q(batch=None), name="instruction_due_for_batch"),
            models.Index(fields=["batch", "id"], name="instruction_of_batch"),
        ]
        triggers = [
            set_guard(__package__, "instruction_pays_its_payout", operation=pgtrigger.Insert),
            set_guard(__package__, "instruction_goes_to_a_usable_account", operation=pgtrigger.Insert),
            set_guard(__package__, "instruction_stays_on_its_channel", operation=pgtrigger.Insert),
            set_guard(__package__, "instruction_is_sealed_once", operation=pgtrigger.Update),
            *guard_against(
                promise="instruction_is_kept",
                why="An instruction is never deleted.",
                operation=pgtrigger.Delete,
            ),
        ]

    def __str__(self) -> str:
        return self.end_to_end_id


class Reply(models.Model):
    """A bank's reply about an instruction; the platform records it first, and applies it at its own pace."""

    instruction = models.ForeignKey(
        Instruction,
        on_delete=models.PROTECT,
        related_name="replies",
        db_index=False,
        verbose_name=_("instruction"),
    )
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome.choices)
    bank_reference = models.CharField(_("bank reference"), max_length=35, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    received_at = models.DateTimeField(_("received at"))
    # The row of a file that a person brought; null if the bank's interface replied. Not checked by a foreign key: rows
    # of files are never deleted, and only the statement that reads the row writes the reply.
    line = models.ForeignKey(
        "payouts.ReplyLine",
        on_delete=models.PROTECT,
        null=True,
        related_name="replies",
        db_index=False,
        db_constraint=False,
        verbose_name=_("row of a reply file"),
    )
    applied_at = models.DateTimeField(_("applied at"), null=True)
    # A reply that contradicts its payout waits for a person. No other row keeps the status that the payout had then,
    # nor whether the bank could still pay a later attempt.
    contradicted_status = models.CharField(
        _("contradiction"), max_length=12, choices=Status.choices, blank=True, default="", db_default=""
    )
    contradicted_latest = models.BooleanField(null=True)

    class Meta:
        verbose_name = _("reply")
        verbose_name_plural = _("replies")
        constraints = [
            models.UniqueConstraint(fields=["instruction", "outcome"], name="reply_once_per_outcome"),
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="reply_has_a_known_outcome"),
            models.CheckConstraint(
                condition=Q(contradicted_status="", contradicted_latest__isnull=True)
                | ~Q(contradicted_status="") & Q(contradicted_latest__isnull=False, applied_at__isnull=False),
                name="reply_contradicts_when_it_is_applied",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(applied_at=None), name="reply_due"),
            # The replies that a person looks at, newest first.
            models.Index(
                fields=["-received_at", "-id"], condition=~Q(contradicted_status=""), name="reply_contradicts"
            ),
            # The circuit breaker counts recent refusals.
            models.Index(fields=["received_at"], condition=Q(outcome=Outcome.REFUSED), name="reply_refused"),
        ]
        triggers = [
            row_guard(__package__, "reply_is_applied_once", when=pgtrigger.Before, operation=pgtrigger.Update),
            *guard_against(
                promise="reply_is_kept",
                why="What the bank said is never deleted.",
                operation=pgtrigger.Delete,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instruction} · {self.get_outcome_display()}"
