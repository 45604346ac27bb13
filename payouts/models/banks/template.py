"""Layouts of batch files and of reply files for each bank, which finance edits."""

from __future__ import annotations

from decimal import Decimal
from itertools import combinations

import pgtrigger
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from payouts.formats.exports.layout import AmountForm, Content, DateForm, Encoding, Kind, LineEnd
from payouts.formats.replies.table import split_words
from payouts.models.banks.layout_life import LayoutStatus, LivingLayout, guard_life
from qinqing.kernel.database.columns import MoneyField
from qinqing.kernel.database.triggers import row_guard
from qinqing.kernel.money import DECIMAL_PLACES, MAX_DIGITS

LARGEST_ROW_LIMIT = 1_000_000
USUAL_BATCH_NUMBER = "QQ{date}B{batch:08d}P{part:03d}"


class Delimiter(models.TextChoices):
    """The character between two cells."""

    COMMA = ",", _("comma")
    TAB = "\t", _("tab")
    BAR = "|", _("vertical bar")
    SEMICOLON = ";", _("semicolon")


class BankTemplate(LivingLayout):
    """A layout of batch files: the content of each column, and the form in which it is written."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    kind = models.CharField(_("kind of file"), max_length=20, choices=Kind.choices, default=Kind.DELIMITED)
    encoding = models.CharField(_("encoding"), max_length=12, choices=Encoding.choices, default=Encoding.UTF8_BOM)
    delimiter = models.CharField(_("delimiter"), max_length=1, choices=Delimiter.choices, default=Delimiter.COMMA)
    line_end = models.CharField(_("line end"), max_length=4, choices=LineEnd.choices, default=LineEnd.CRLF)
    has_titles = models.BooleanField(_("has a row of column titles"), default=True)
    amount_form = models.CharField(_("amounts"), max_length=8, choices=AmountForm.choices, default=AmountForm.YUAN)
    date_form = models.CharField(_("dates"), max_length=12, choices=DateForm.choices, default=DateForm.COMPACT)
    reason_from_cny = MoneyField(
        _("reason required from"),
        max_digits=MAX_DIGITS,
        decimal_places=DECIMAL_PLACES,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.01"))],
        help_text=_("In yuan; a line of at least this amount without a reason stops the file. Empty: never."),
    )
    row_limit = models.PositiveIntegerField(
        _("lines per file"),
        default=3_000,
        validators=[MinValueValidator(1), MaxValueValidator(LARGEST_ROW_LIMIT)],
        help_text=_("A larger batch is split into several files."),
    )
    batch_number = models.CharField(
        _("batch number"),
        max_length=80,
        default=USUAL_BATCH_NUMBER,
        help_text=_("Built from {date}, {batch} and {part}; 11 to 32 letters and digits, never the same twice."),
    )
    is_guarded = models.BooleanField(
        _("guards against formulas"),
        default=True,
        help_text=_("In delimited files, an apostrophe is put before names and texts that a spreadsheet would run."),
    )

    class Meta:
        verbose_name = _("layout of batch files")
        verbose_name_plural = _("layouts of batch files")
        constraints = [
            models.CheckConstraint(
                condition=Q(row_limit__range=(1, LARGEST_ROW_LIMIT)), name="bank_template_has_a_row_limit"
            ),
            models.CheckConstraint(
                condition=Q(reason_from_cny=None) | Q(reason_from_cny__gt=0),
                name="bank_template_reason_threshold_is_positive",
            ),
            models.CheckConstraint(
                condition=Q(status__in=LayoutStatus.values), name="bank_template_has_a_known_status"
            ),
        ]
        triggers = guard_life("bank_template", kind="bank_template")

    def __str__(self) -> str:
        return self.name


class TemplateColumn(models.Model):
    """A cell of a layout: of the head of the file, of each line, or of its foot."""

    class Section(models.TextChoices):
        """The section of the file with the cell."""

        HEAD = "head", _("head of the file")
        LINE = "line", _("each line")
        FOOT = "foot", _("foot of the file")

    template = models.ForeignKey(
        BankTemplate, on_delete=models.CASCADE, related_name="columns", db_index=False, verbose_name=_("layout")
    )
    part = models.CharField(_("place"), max_length=4, choices=Section.choices, default=Section.LINE)
    position = models.PositiveSmallIntegerField(_("order"))
    title = models.CharField(_("title"), max_length=60, blank=True)
    content = models.CharField(_("content"), max_length=20, choices=Content.choices)
    text = models.CharField(_("fixed text"), max_length=120, blank=True)
    longest = models.PositiveSmallIntegerField(
        _("longest"),
        default=0,
        help_text=_("In characters; 0 for any. Names and texts are cut, numbers never: they stop the file."),
    )

    class Meta:
        verbose_name = _("column")
        verbose_name_plural = _("columns")
        constraints = [
            models.UniqueConstraint(
                fields=["template", "part", "position"],
                name="template_column_once_per_position",
                # An officer who exchanges two columns saves them one after the other.
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]
        triggers = [
            row_guard(
                __package__,
                "template_column_is_of_a_draft",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
            ),
        ]

    def __str__(self) -> str:
        return self.title or str(Content(self.content).label)


class ReplyTemplate(LivingLayout):
    """
    A layout of a bank's reply table: the titles of its columns, and the bank's words for the outcome of a payment.

    Only the columns for the end-to-end id and the result are required. Commas or line ends separate words.
    """

    name = models.CharField(_("name"), max_length=80, unique=True)
    delimiter = models.CharField(_("delimiter"), max_length=1, choices=Delimiter.choices, default=Delimiter.COMMA)
    id_title = models.CharField(_("column of the end-to-end id"), max_length=60)
    result_title = models.CharField(_("column of the result"), max_length=60)
    amount_title = models.CharField(_("column of the amount"), max_length=60, blank=True)
    reference_title = models.CharField(_("column of the bank’s reference"), max_length=60, blank=True)
    reason_title = models.CharField(_("column of the reason"), max_length=60, blank=True)
    paid_words = models.TextField(_("words for paid"), default="成功")
    refused_words = models.TextField(_("words for refused"), default="失败")
    returned_words = models.TextField(_("words for returned"), default="退汇", blank=True)
    pending_words = models.TextField(_("words for not decided yet"), default="处理中", blank=True)

    class Meta:
        verbose_name = _("layout of replies")
        verbose_name_plural = _("layouts of replies")
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=LayoutStatus.values), name="reply_template_has_a_known_status"
            ),
        ]
        triggers = guard_life("reply_template", kind="reply_template")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """
        Check that each word of the bank stands for one outcome.

        Raises:
            ValidationError: a word stands in two of the lists.
        """
        texts = (self.paid_words, self.refused_words, self.returned_words, self.pending_words)
        lists = [split_words(text or "") for text in texts]
        if twice := sorted(word for one, other in combinations(lists, 2) for word in one & other):
            sentence = gettext("“%(word)s” stands in two of the lists; a word of the bank means one thing.")
            raise ValidationError(sentence % {"word": twice[0]})
