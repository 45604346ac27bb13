"""Batches of instructions, the files with their lines, and the downloads of these files."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import FSMField

from payouts.batch_states import (
    APPROVED_ONCE,
    BATCH_MOVES,
    SEALED_ONCE,
    WITH_THE_BANK,
    BatchStatus,
    Channel,
    Duty,
    batch_sources,
    is_duty,
)
from payouts.formats.exports.layout import Kind
from qinqing.kernel.database.columns import MoneyField
from qinqing.kernel.database.triggers import change_of, guard_against, row_guard
from qinqing.kernel.machines import declare_transition
from qinqing.kernel.money import DECIMAL_PLACES
from qinqing.kernel.text import Bilingual
from qinqing.proposals.guards import by_proposal

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

    from companies.models import User

_CHANGED = pgtrigger.Update | pgtrigger.Delete
_ENDED_UNPAID = (BatchStatus.REJECTED, BatchStatus.DISCARDED)


def _person(words: StrPromise) -> models.ForeignKey[User | None, User | None]:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=words
    )


def _sum(words: StrPromise) -> models.DecimalField[Decimal | None, Decimal | None]:
    return MoneyField(words, max_digits=16, decimal_places=DECIMAL_PLACES, null=True)


def _another(*, person: str, than: tuple[str, ...], name: str) -> models.CheckConstraint:
    """The constraint that the person of a step is none of the persons of the other steps."""
    differs = Q(**{person: None})
    same = Q()
    for other in than:
        same |= Q(**{f"{other}__isnull": False, person: F(other)})
    return models.CheckConstraint(condition=differs | ~same, name=name)


def _transition(name: str, after: BatchStatus) -> Callable[[Batch], None]:
    """Declare the transition to `after`, as the table of a batch's moves says."""

    def permits(before: str, duty: str) -> bool:
        return is_duty(before=BatchStatus(before), after=after, duty=Duty(duty))

    return declare_transition(name, before=batch_sources(after), after=after, permits=permits)


class Batch(models.Model):
    """
    Instructions of one fund; after the seal, their count, sum and the SHA-256 of their lines never change.

    A batch for the file channel opens empty and collects the payouts that were approved until `collects_until`; the
    seal fixes its lines. A batch for the bank's interface is sealed at once. Only a move of `payouts.batch_states`
    changes the status, and its duties fall to different persons.
    """

    fund = models.ForeignKey("payouts.Fund", on_delete=models.PROTECT, related_name="batches", verbose_name=_("fund"))
    bank = models.ForeignKey(
        "payouts.Bank", on_delete=models.PROTECT, null=True, related_name="batches", verbose_name=_("paying bank")
    )
    channel = models.CharField(_("channel"), max_length=8, choices=Channel.choices, default=Channel.HTTP)
    status = FSMField(_("status"), max_length=12, choices=BatchStatus.choices, default=BatchStatus.OPEN)
    message_id = models.CharField(_("message id"), max_length=35, unique=True)
    opened_at = models.DateTimeField(_("opened at"), null=True)
    opened_by = _person(_("opened by"))
    collects_until = models.DateTimeField(_("collects what was approved until"), null=True)
    sealed_at = models.DateTimeField(_("sealed at"), null=True)
    sealed_by = _person(_("sealed by"))
    line_count = models.PositiveIntegerField(_("lines"), null=True)
    control_sum_cny = _sum(_("control sum"))
    # The maker types these from her own papers; the seal compares them with the count and sum of the database.
    declared_count = models.PositiveIntegerField(_("declared lines"), null=True)
    declared_sum_cny = _sum(_("declared sum"))
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    # The payer's account as maker and checker saw it; the bank's row may have changed when a file is written. Empty
    # without a bank, for then the settings name the account.
    payer_name = models.CharField(_("payer"), max_length=140, blank=True, db_default="")
    payer_account = models.CharField(_("payer’s account"), max_length=34, blank=True, db_default="")
    payer_bank_number = models.CharField(_("payer’s bank number"), max_length=12, blank=True, db_default="")
    # The checker types the sum from her own papers, before any page shows it to her.
    checked_sum_cny = _sum(_("sum typed by the checker"))
    checked_at = models.DateTimeField(_("checked at"), null=True)
    checked_by = _person(_("checked by"))
    approved_at = models.DateTimeField(_("approved at"), null=True)
    approved_by = _person(_("approved by"))
    # The one layout in which the file of the batch leaves; the release fixes it.
    layout_kind = models.CharField(
        _("kind of file"), max_length=20, choices=Kind.choices, blank=True, default="", db_default=""
    )
    layout_template = models.ForeignKey(
        "payouts.BankTemplate", on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("layout")
    )
    released_at = models.DateTimeField(_("released at"), null=True)
    released_by = _person(_("released by"))
    answer_due_on = models.DateField(_("answer due on"), null=True)
    reconciled_at = models.DateTimeField(_("answered in full at"), null=True)
    closed_at = models.DateTimeField(pgettext_lazy("batch", "closed at"), null=True)
    closed_by = _person(pgettext_lazy("batch", "closed by"))
    rejected_at = models.DateTimeField(_("rejected at"), null=True)
    rejected_by = _person(_("rejected by"))
    rejected_because = models.CharField(_("why it was rejected"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        permissions = [
            ("check_batch", _("Can check a batch that somebody else made")),
            ("release_batch", _("Can release a batch that others made and checked")),
            ("close_batch", _("Can close a batch that somebody else released")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(line_count__gt=0), name="batch_has_lines"),
            models.CheckConstraint(condition=Q(control_sum_cny__gt=0), name="batch_sum_is_positive"),
            models.CheckConstraint(
                condition=~Q(status__in=SEALED_ONCE)
                | Q(sealed_at__isnull=False, line_count__isnull=False, control_sum_cny__isnull=False) & ~Q(sha256=""),
                name="batch_is_sealed_with_its_sums",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=SEALED_ONCE, channel=Channel.FILE)
                | Q(
                    declared_count__isnull=False,
                    declared_sum_cny__isnull=False,
                    declared_count=F("line_count"),
                    declared_sum_cny=F("control_sum_cny"),
                ),
                name="batch_is_sealed_as_declared",
            ),
            models.CheckConstraint(
                condition=Q(channel=Channel.HTTP)
                | Q(bank__isnull=False, opened_at__isnull=False, collects_until__isnull=False),
                name="batch_of_files_has_a_bank",
            ),
            models.CheckConstraint(
                condition=Q(channel=Channel.HTTP) | ~Q(status__in=SEALED_ONCE) | Q(sealed_by__isnull=False),
                name="batch_has_a_maker",
            ),
            models.CheckConstraint(
                condition=Q(channel=Channel.HTTP)
                | ~Q(status__in=APPROVED_ONCE)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="batch_has_a_checker",
            ),
            models.CheckConstraint(
                condition=Q(checked_sum_cny=None, checked_at=None, checked_by=None)
                | Q(checked_sum_cny=F("control_sum_cny"), checked_at__isnull=False, checked_by__isnull=False),
                name="batch_is_checked_as_sealed",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | Q(checked_by__isnull=False, approved_by=F("checked_by")),
                name="batch_is_approved_by_who_typed_its_sum",
            ),
            models.CheckConstraint(
                condition=Q(channel=Channel.HTTP)
                | ~Q(status__in=WITH_THE_BANK)
                | Q(released_by__isnull=False, released_at__isnull=False),
                name="batch_has_a_releaser",
            ),
            models.CheckConstraint(
                condition=Q(channel=Channel.HTTP) | ~Q(status__in=WITH_THE_BANK) | ~Q(layout_kind=""),
                name="batch_of_files_has_a_layout",
            ),
            models.CheckConstraint(
                condition=~Q(status=BatchStatus.CLOSED) | Q(closed_by__isnull=False, closed_at__isnull=False),
                name="batch_has_a_closer",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=_ENDED_UNPAID)
                | Q(rejected_by__isnull=False, rejected_at__isnull=False) & ~Q(rejected_because=""),
                name="batch_is_rejected_for_a_reason",
            ),
            _another(person="checked_by", than=("sealed_by", "opened_by"), name="batch_sum_is_not_typed_by_its_maker"),
            _another(person="approved_by", than=("sealed_by", "opened_by"), name="batch_checker_is_not_its_maker"),
            _another(
                person="released_by",
                than=("sealed_by", "approved_by"),
                name="batch_releaser_is_neither_maker_nor_checker",
            ),
            _another(person="closed_by", than=("released_by",), name="batch_closer_is_not_its_releaser"),
            models.UniqueConstraint(
                fields=["fund", "bank"], condition=Q(status=BatchStatus.OPEN), name="batch_open_once_per_fund_and_bank"
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(status=BatchStatus.EXPORTED), name="batch_due_to_reconcile"),
        ]
        triggers = [
            row_guard(__package__, "batch_opens", when=pgtrigger.Before, operation=pgtrigger.Insert),
            row_guard(
                __package__,
                "batch_moves_by_the_table",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                moves=",\n        ".join(f"('{before}', '{after}')" for before, after in BATCH_MOVES),
            ),
            by_proposal(
                "batch_layout_is_changed_by_two",
                kind="batch_layout",
                columns=["layout_kind", "layout_template_id"],
                condition=f"OLD.status <> '{BatchStatus.APPROVED}' OR NEW.status <> '{BatchStatus.EXPORTED}'",
            ),
            row_guard(
                __package__,
                "layout_stays_once_handed_over",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=change_of("layout_kind", "layout_template_id"),
            ),
            *guard_against(promise="batch_is_kept", why="A batch is never deleted.", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.message_id

    seal = _transition("seal", BatchStatus.SEALED)
    discard = _transition("discard", BatchStatus.DISCARDED)
    approve = _transition("approve", BatchStatus.APPROVED)
    reject = _transition("reject", BatchStatus.REJECTED)
    export = _transition("export", BatchStatus.EXPORTED)
    reconcile = _transition("reconcile", BatchStatus.RECONCILED)
    close = _transition("close", BatchStatus.CLOSED)


class BatchFile(models.Model):
    """
    A batch or a part of it, written in one layout; the file is written once, and after that only read.

    `part` counts from 1. A layout never uses a batch number twice.
    """

    Kind = Kind

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="files", db_index=False)
    kind = models.CharField(_("kind of file"), max_length=20, choices=Kind.choices)
    template = models.ForeignKey(
        "payouts.BankTemplate", on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("layout")
    )
    part = models.PositiveIntegerField(_("part"), default=1)
    batch_number = models.CharField(_("batch number"), max_length=35)
    message_id = models.CharField(_("message id"), max_length=35)
    line_count = models.PositiveIntegerField(_("lines"))
    control_sum_cny = MoneyField(_("control sum"), max_digits=16, decimal_places=DECIMAL_PLACES)
    # The file holds the lines of the batch from the first of these ids to the last.
    first_instruction_id = models.BigIntegerField()
    last_instruction_id = models.BigIntegerField()
    stored = models.ForeignKey("payouts.StoredFile", on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(_("written at"))

    class Meta:
        verbose_name = _("batch file")
        verbose_name_plural = _("batch files")
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "kind", "template", "part"], name="batch_file_once_per_layout", nulls_distinct=False
            ),
            models.UniqueConstraint(
                fields=["template", "batch_number"],
                condition=Q(template__isnull=False),
                name="batch_number_is_never_used_again",
            ),
            models.CheckConstraint(condition=Q(control_sum_cny__gt=0), name="batch_file_sum_is_positive"),
        ]
        indexes = [models.Index(fields=["message_id"], name="batch_file_by_message_id")]
        triggers = guard_against(promise="batch_file_is_kept", why="A file is written once.", operation=_CHANGED)

    def __str__(self) -> str:
        return self.batch_number


class FileOrder(models.Model):
    """An order to write a large batch in a layout; a worker carries it out and records its progress."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="orders", verbose_name=_("batch"))
    kind = models.CharField(_("kind of file"), max_length=20, choices=Kind.choices)
    template = models.ForeignKey(
        "payouts.BankTemplate", on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("layout")
    )
    ordered_at = models.DateTimeField(_("ordered at"))
    ordered_by = _person(_("ordered by"))
    lines_written = models.PositiveIntegerField(_("lines written"), default=0)
    leased_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    # The text is stored in Chinese and in English, because nobody knows which of the two its reader will want.
    refusal = models.CharField(_("refusal"), max_length=300, blank=True)
    refusal_en = models.CharField(_("refusal in English"), max_length=300, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("order for a file")
        verbose_name_plural = _("orders for files")
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "kind", "template"],
                condition=Q(finished_at=None),
                nulls_distinct=False,
                name="file_order_open_once_per_layout",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.kind}"

    @property
    def why(self) -> Bilingual:
        """Why no file was written, in the reader's language."""
        return Bilingual(self.refusal, self.refusal_en)


class Download(models.Model):
    """The record of a person's download of a file with account numbers."""

    file = models.ForeignKey(BatchFile, on_delete=models.PROTECT, related_name="downloads", verbose_name=_("file"))
    downloaded_at = models.DateTimeField(_("downloaded at"))
    downloaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("downloaded by")
    )
    is_encrypted = models.BooleanField(_("with a password"))
    plain_because = models.CharField(_("why without a password"), max_length=200, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("download")
        verbose_name_plural = _("downloads")
        constraints = [
            models.CheckConstraint(
                condition=Q(is_encrypted=True) | ~Q(plain_because=""), name="download_is_plain_for_a_reason"
            ),
        ]
        triggers = [
            row_guard(__package__, "file_is_taken_after_release", when=pgtrigger.Before, operation=pgtrigger.Insert),
            *guard_against(promise="download_is_kept", why="Who took a file is never forgotten.", operation=_CHANGED),
        ]

    def __str__(self) -> str:
        return f"{self.file_id} {self.downloaded_by_id}"
