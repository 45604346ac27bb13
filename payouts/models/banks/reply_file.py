"""Reply files of banks, and the meaning of each of their rows."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from payouts.formats.replies.answer import LONGEST_AMOUNT, ReplyKind
from payouts.models.banks.instruction import Outcome
from qinqing.kernel.database.columns import MoneyField
from qinqing.kernel.database.triggers import guard_against, refuse_when, row_guard
from qinqing.kernel.money import DECIMAL_PLACES
from qinqing.kernel.text import Bilingual
from qinqing.proposals.guards import by_proposal


class ReplyFileStatus(models.TextChoices):
    """The state of a reply file; it has no effect before a person applies it."""

    UPLOADED = "uploaded", _("being read")
    READ = "read", _("read, to be applied")
    APPLIED = "applied", _("applied")
    REFUSED = "refused", _("refused")
    WITHDRAWN = "withdrawn", _("set aside unapplied")


class Verdict(models.TextChoices):
    """The effect of a row of a reply file on its payout."""

    NEWS = "news", _("changes a payout")
    FINAL = "final", _("known already, skipped")
    PENDING = "pending", _("not decided by the bank yet")
    DUPLICATE = "duplicate", _("repeats a row of this file, refused")
    CONTRADICTS = "contradicts", _("contradicts what the payout became")
    AMBIGUOUS = "ambiguous", _("says different things of one payment")
    WRONG_AMOUNT = "wrong_amount", _("of another amount than instructed")
    UNKNOWN = "unknown", _("no instruction of ours")
    UNSENT = "unsent", _("its batch is not released")
    UNCLEAR = "unclear", _("the result is not understood")


# When a file is applied, rows with these verdicts become replies; a contradicting reply then waits for a person.
RECORDED = (Verdict.NEWS, Verdict.CONTRADICTS)
FOR_A_PERSON = (Verdict.AMBIGUOUS, Verdict.WRONG_AMOUNT, Verdict.UNKNOWN, Verdict.UNSENT, Verdict.UNCLEAR)


class ReplyFile(models.Model):
    """
    A file from a bank, stored byte by byte as it came.

    Uploading the same bytes again yields the same file; the same message id with other bytes is refused.
    """

    bank = models.ForeignKey(
        "payouts.Bank", on_delete=models.PROTECT, null=True, related_name="reply_files", verbose_name=_("paying bank")
    )
    kind = models.CharField(_("kind of file"), max_length=10, choices=ReplyKind.choices, blank=True)
    name = models.CharField(_("file name"), max_length=120)
    message_id = models.CharField(_("message id"), max_length=35, blank=True)
    stored = models.ForeignKey("payouts.StoredFile", on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField("SHA-256", max_length=64)
    status = models.CharField(_("status"), max_length=10, choices=ReplyFileStatus.choices)
    # The text is stored in Chinese and in English, because nobody knows which of the two its reader will want.
    refusal = models.CharField(_("refusal"), max_length=300, blank=True)
    refusal_en = models.CharField(_("refusal in English"), max_length=300, blank=True, db_default="")
    row_count = models.PositiveIntegerField(_("rows"), default=0)
    uploaded_at = models.DateTimeField(_("uploaded at"))
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("uploaded by")
    )
    applied_at = models.DateTimeField(_("applied at"), null=True)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("applied by")
    )
    leased_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("reply file")
        verbose_name_plural = _("reply files")
        constraints = [
            models.UniqueConstraint(
                fields=["sha256"],
                condition=~Q(status__in=[ReplyFileStatus.REFUSED, ReplyFileStatus.WITHDRAWN]),
                name="reply_file_once_per_content",
            ),
            models.UniqueConstraint(
                fields=["bank", "kind", "message_id"],
                condition=~Q(message_id="") & Q(status__in=[ReplyFileStatus.READ, ReplyFileStatus.APPLIED]),
                nulls_distinct=False,
                name="reply_file_once_per_message_id",
            ),
            models.CheckConstraint(
                condition=~Q(status=ReplyFileStatus.APPLIED) | Q(applied_at__isnull=False, applied_by__isnull=False),
                name="reply_file_is_applied_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(applied_by=None) | ~Q(applied_by=F("uploaded_by")), name="reply_file_is_applied_by_another"
            ),
            models.CheckConstraint(
                condition=~Q(status=ReplyFileStatus.REFUSED) | ~Q(refusal=""), name="reply_file_is_refused_for_a_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(status=ReplyFileStatus.UPLOADED), name="reply_file_due_to_read"),
        ]
        triggers = [
            row_guard(__package__, "reply_file_is_applied_once", when=pgtrigger.Before, operation=pgtrigger.Update),
            by_proposal(
                "reply_file_is_applied_by_two",
                kind="apply_reply_file",
                columns=["status"],
                condition=f"NEW.status = '{ReplyFileStatus.APPLIED}'",
            ),
            refuse_when(
                promise="reply_file_enters_unread",
                why="A reply file is read and applied after it was brought.",
                operation=pgtrigger.Insert,
                condition=f"NEW.status <> '{ReplyFileStatus.UPLOADED}'",
            ),
            *guard_against(
                promise="reply_file_is_kept", why="A reply file is never deleted.", operation=pgtrigger.Delete
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def why(self) -> Bilingual:
        """The reason of the refusal, in the reader's language."""
        return Bilingual(self.refusal, self.refusal_en)


class ReplyLine(models.Model):
    """One row of a reply file or statement, stored as it was read; `number` is its position in the file."""

    file = models.ForeignKey(ReplyFile, on_delete=models.PROTECT, related_name="lines", db_index=False)
    number = models.PositiveIntegerField(_("row"))
    end_to_end_id = models.CharField(_("end-to-end id"), max_length=35, blank=True)
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome.choices, blank=True)
    said = models.CharField(_("the bank’s word"), max_length=60, blank=True)
    bank_reference = models.CharField(_("bank reference"), max_length=35, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    amount_cny = MoneyField(_("amount"), max_digits=16, decimal_places=DECIMAL_PLACES, null=True)
    # The text of the amount if it is no amount of yuan and fen; a row with such a text pays nothing.
    amount_said = models.CharField(max_length=LONGEST_AMOUNT, blank=True, db_default="")
    instruction = models.ForeignKey(
        "payouts.Instruction",
        on_delete=models.PROTECT,
        null=True,
        related_name="reply_lines",
        verbose_name=_("instruction"),
    )
    verdict = models.CharField(_("meaning"), max_length=12, choices=Verdict.choices, blank=True)
    # The meaning that the row had when a person decided it; the database writes it, and it never changes.
    first_verdict = models.CharField(
        _("first meaning"), max_length=12, choices=Verdict.choices, blank=True, default="", db_default=""
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_because = models.CharField(_("decision"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("row of a reply file")
        verbose_name_plural = _("rows of reply files")
        constraints = [
            models.UniqueConstraint(fields=["file", "number"], name="reply_line_once_per_row"),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True, decided_because="")
                | Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(decided_because=""),
                name="reply_line_is_decided_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["file", "verdict", "number"], name="reply_line_by_verdict"),
            models.Index(
                fields=["id"],
                condition=Q(decided_at=None, verdict__in=FOR_A_PERSON),
                name="reply_line_due_for_a_person",
            ),
        ]
        triggers = [
            row_guard(__package__, "reply_line_is_decided_once", when=pgtrigger.Before, operation=pgtrigger.Update),
            # A row that is set aside keeps its instruction and its meaning.
            by_proposal(
                "reply_line_is_matched_by_two",
                kind="match_reply_line",
                columns=["instruction_id", "verdict"],
                condition="NEW.decided_at IS NOT NULL",
            ),
            refuse_when(
                promise="reply_line_enters_undecided",
                why="A row is decided after it was read.",
                operation=pgtrigger.Insert,
                condition="NEW.decided_at IS NOT NULL OR NEW.first_verdict <> ''",
            ),
            # If a file is refused half-way, its rows are rolled back, so no row ever has to be deleted.
            *guard_against(promise="reply_line_is_kept", why="A row is never deleted.", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.file} · {self.number}"
