"""A layout of batch files as a value, and the cells that it makes of a batch."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy

from payouts.formats.exports.lines import Line, Payer
from qinqing.kernel.refusals import Refusal

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

BATCH_NUMBER = re.compile(r"[A-Za-z0-9]{11,32}")
PATTERN = re.compile(r"(?:[A-Za-z0-9]|\{date\}|\{(?:batch|part)(?::0[1-9]d)?\})*")
# A spreadsheet takes a text with one of these beginnings for a formula.
RUNS_IN_A_SPREADSHEET = ("=", "+", "-", "@", "\t", "\r")
# Control characters would break a row; a bank has no use for them.
CONTROL = re.compile("[\x00-\x1f\x7f\u2028\u2029]+")


class LayoutRefused(Refusal):
    """
    The batch cannot be written in this layout; the sentence names the fault, and the line if one is at fault.

    A lazy sentence is translated when it is read, into the reader's language; `places` holds the values of its places.
    """

    def __init__(self, sentence: StrOrPromise, **places: object) -> None:
        super().__init__(sentence)
        self._sentence, self._places = sentence, places

    def __str__(self) -> str:
        return str(self._sentence) % self._places if self._places else str(self._sentence)


class Kind(models.TextChoices):
    """The kinds of batch files."""

    PAIN001 = "pain.001.001.09", "ISO 20022 pain.001.001.09"
    PAIN001_03 = "pain.001.001.03", "ISO 20022 pain.001.001.03"
    WORKBOOK = "xlsx", gettext_lazy("workbook (xlsx)")
    DELIMITED = "delimited", gettext_lazy("delimited text (CSV)")


class Encoding(models.TextChoices):
    """Encodings of characters; each of them can write every character of a name."""

    UTF8 = "utf-8", "UTF-8"
    UTF8_BOM = "utf-8-sig", gettext_lazy("UTF-8 with a mark for spreadsheets")
    GB18030 = "gb18030", "GB18030"


class LineEnd(models.TextChoices):
    """The characters that end a line."""

    CRLF = "crlf", "CR LF"
    LF = "lf", "LF"


class AmountForm(models.TextChoices):
    """The forms of an amount."""

    YUAN = "yuan", gettext_lazy("yuan with two decimals: 1234.50")
    FEN = "fen", gettext_lazy("whole fen: 123450")


class DateForm(models.TextChoices):
    """The forms of a day."""

    COMPACT = "%Y%m%d", "20260302"
    DASHED = "%Y-%m-%d", "2026-03-02"
    SLASHED = "%Y/%m/%d", "2026/03/02"


class Content(models.TextChoices):
    """The contents that a cell can have; they come from the line or from the whole file."""

    NUMBER = "number", gettext_lazy("line number")
    END_TO_END_ID = "end_to_end_id", gettext_lazy("end-to-end id")
    PAYEE_NAME = "payee_name", gettext_lazy("payee’s name")
    PAYEE_ACCOUNT = "payee_account", gettext_lazy("payee’s account")
    PAYEE_BANK_NAME = "payee_bank_name", gettext_lazy("payee’s bank")
    PAYEE_BANK_NUMBER = "payee_bank_number", gettext_lazy("payee’s bank number")
    AMOUNT = "amount", gettext_lazy("amount")
    PURPOSE = "purpose", gettext_lazy("purpose")
    REASON = "reason", gettext_lazy("reason")
    PAYER_NAME = "payer_name", gettext_lazy("payer’s name")
    PAYER_ACCOUNT = "payer_account", gettext_lazy("payer’s account")
    PAYER_BANK_NUMBER = "payer_bank_number", gettext_lazy("payer’s bank number")
    MESSAGE_ID = "message_id", gettext_lazy("message id")
    BATCH_NUMBER = "batch_number", gettext_lazy("batch number")
    DATE = "date", gettext_lazy("date")
    COUNT = "count", gettext_lazy("number of lines")
    TOTAL = "total", gettext_lazy("total amount")
    TEXT = "text", gettext_lazy("fixed text")
    BLANK = "blank", gettext_lazy("nothing")


# Only a cell of a line can have these contents.
OF_A_LINE = frozenset(
    {
        Content.NUMBER,
        Content.END_TO_END_ID,
        Content.PAYEE_NAME,
        Content.PAYEE_ACCOUNT,
        Content.PAYEE_BANK_NAME,
        Content.PAYEE_BANK_NUMBER,
        Content.AMOUNT,
        Content.PURPOSE,
        Content.REASON,
    }
)
# These contents are words, which may be cut; the others are numbers, by which somebody must find a payment again.
WORDS = frozenset(
    {Content.PAYEE_NAME, Content.PAYEE_BANK_NAME, Content.PURPOSE, Content.REASON, Content.PAYER_NAME, Content.TEXT}
)
MONEY = frozenset({Content.AMOUNT, Content.TOTAL})
COUNTS = frozenset({Content.NUMBER, Content.COUNT})


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `longest` counts characters, 0 sets no limit; `width` is the width of the column in a workbook."""

    content: Content
    title: str = ""
    text: str = ""
    longest: int = 0
    width: int = 20


@dataclass(frozen=True, slots=True)
class Layout:
    """The form of a batch file: its columns, and the way in which their cells are written."""

    kind: Kind
    line: tuple[Column, ...] = ()
    head: tuple[Column, ...] = ()
    foot: tuple[Column, ...] = ()
    has_titles: bool = True
    encoding: Encoding = Encoding.UTF8_BOM
    delimiter: str = ","
    line_end: LineEnd = LineEnd.CRLF
    amount_form: AmountForm = AmountForm.YUAN
    date_form: DateForm = DateForm.COMPACT
    reason_from_cny: Decimal | None = None
    is_guarded: bool = True


@dataclass(frozen=True, slots=True)
class Heading:
    """The data of the whole file; `created_at` has a time zone, and its day is the day of execution."""

    message_id: str
    batch_number: str
    created_at: datetime
    payer: Payer
    count: int
    total_cny: Decimal


# Most Chinese banks take this sheet; its titles belong to the format and are not translated.
COMMON_LINE = (
    Column(Content.NUMBER, "序号", width=8),
    Column(Content.END_TO_END_ID, "业务编号", width=22),
    Column(Content.PAYER_NAME, "付款人名称", width=24),
    Column(Content.PAYER_ACCOUNT, "付款账号", width=26),
    Column(Content.PAYER_BANK_NUMBER, "付款行行号", width=16),
    Column(Content.PAYEE_NAME, "收款人名称", width=32),
    Column(Content.PAYEE_ACCOUNT, "收款账号", width=26),
    Column(Content.PAYEE_BANK_NAME, "收款行名称", width=24),
    Column(Content.PAYEE_BANK_NUMBER, "收款行行号", width=16),
    Column(Content.AMOUNT, "金额", width=16),
    Column(Content.PURPOSE, "用途", width=24),
)
_BLANK = Column(Content.BLANK)
COMMON_FOOT = (_BLANK, Column(Content.MESSAGE_ID), Column(Content.COUNT), *[_BLANK] * 6, Column(Content.TOTAL))
COMMON_SHEET = Layout(Kind.WORKBOOK, line=COMMON_LINE, foot=COMMON_FOOT)
COMMON_TABLE = Layout(Kind.DELIMITED, line=COMMON_LINE, is_guarded=True)


class Cell(NamedTuple):
    """A cell; a workbook writes a `number` as a number, and `is_words` marks a text that may begin with anything."""

    text: str
    number: Decimal | None = None
    is_money: bool = False
    is_words: bool = False


@dataclass(frozen=True, slots=True)
class CellWriter:
    """A writer of the cells of one file, by a layout."""

    layout: Layout
    heading: Heading
    _of_file: dict[Content, Cell] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_of_file", _cells_of_file(self.heading, self.layout))

    def row(self, columns: Sequence[Column]) -> list[Cell]:
        """
        Make the cells of a row about the whole file, which is its head or its foot.

        Raises:
            LayoutRefused: a number is longer than its column.
        """
        return [_fit(column, self._cell_of_file(column), 0) for column in columns]

    def rows(self, lines: Iterable[Line]) -> Iterator[list[Cell]]:
        """
        Make the cells of a row for each line, in the order of the lines.

        Raises:
            LayoutRefused: a number is longer than its column, or a required reason is missing.
        """
        makers = [(column, self._make_cell(column)) for column in self.layout.line]
        for number, line in enumerate(lines, start=1):
            self._check_reason(line, number)
            yield [
                made if isinstance(made, Cell) else _fit(column, made(line, number), number) for column, made in makers
            ]

    def _make_cell(self, column: Column) -> Callable[[Line, int], Cell] | Cell:
        """The function that makes the column's cell of a line, or the cell itself if it is the same in all lines."""
        if column.content in OF_A_LINE:
            return _find_maker(column.content, self.layout)
        return _fit(column, self._cell_of_file(column), 0)

    def _cell_of_file(self, column: Column) -> Cell:
        return _text_cell(column.text) if column.content == Content.TEXT else self._of_file[column.content]

    def _check_reason(self, line: Line, number: int) -> None:
        threshold = self.layout.reason_from_cny
        if threshold is not None and line.amount_cny >= threshold and not line.reason.strip():
            sentence = gettext_lazy(
                "Line %(number)s is of ¥%(amount)s and has no reason, which this bank requires from ¥%(threshold)s."
            )
            raise LayoutRefused(sentence, number=number, amount=line.amount_cny, threshold=threshold)


def _find_maker(content: Content, layout: Layout) -> Callable[[Line, int], Cell]:
    """The function that makes the cell of a line with this content."""
    makers: dict[Content, Callable[[Line, int], Cell]] = {
        Content.NUMBER: lambda line, number: Cell(str(number), Decimal(number)),
        Content.END_TO_END_ID: lambda line, number: Cell(line.end_to_end_id),
        Content.PAYEE_NAME: lambda line, number: _text_cell(line.payee_name),
        Content.PAYEE_ACCOUNT: lambda line, number: Cell(line.payee_account),
        Content.PAYEE_BANK_NAME: lambda line, number: _text_cell(line.bank_name),
        Content.PAYEE_BANK_NUMBER: lambda line, number: Cell(line.bank_number),
        Content.AMOUNT: lambda line, number: _money_cell(line.amount_cny, layout),
        Content.PURPOSE: lambda line, number: _text_cell(line.purpose),
        Content.REASON: lambda line, number: _text_cell(line.reason),
    }
    return makers[content]


def batch_number(pattern: str, *, day: datetime, batch: int, part: int) -> str:
    """
    Make the number by which a bank knows a file.

    Raises:
        LayoutRefused: the pattern has an unknown place, leaves out batch or part, or makes too long or short a number.
    """
    number = pattern.format(date=f"{day:%Y%m%d}", batch=batch, part=part) if PATTERN.fullmatch(pattern) else ""
    if "{batch" not in pattern or "{part" not in pattern or not BATCH_NUMBER.fullmatch(number):
        sentence = gettext_lazy(
            "Build the batch number from {date}, {batch} and {part} so that it has 11 to 32 letters and digits,"
            " for example QQ{date}B{batch:08d}P{part:03d}."
        )
        raise LayoutRefused(sentence)
    return number


def guard_cell(cell: Cell) -> str:
    """The text of a cell in a form that no spreadsheet takes for a formula."""
    return f"'{cell.text}" if cell.is_words and cell.text.startswith(RUNS_IN_A_SPREADSHEET) else cell.text


def _cells_of_file(heading: Heading, layout: Layout) -> dict[Content, Cell]:
    return {
        Content.PAYER_NAME: _text_cell(heading.payer.name),
        Content.PAYER_ACCOUNT: Cell(heading.payer.account),
        Content.PAYER_BANK_NUMBER: Cell(heading.payer.bank_number),
        Content.MESSAGE_ID: Cell(heading.message_id),
        Content.BATCH_NUMBER: Cell(heading.batch_number),
        Content.DATE: Cell(heading.created_at.strftime(layout.date_form.value)),
        Content.COUNT: Cell(str(heading.count), Decimal(heading.count)),
        Content.TOTAL: _money_cell(heading.total_cny, layout),
        Content.BLANK: Cell(""),
    }


def _fit(column: Column, cell: Cell, number: int) -> Cell:
    if not column.longest or len(cell.text) <= column.longest:
        return cell
    if column.content in WORDS:
        return Cell(cell.text[: column.longest], is_words=True)
    sentence = gettext_lazy("Line %(number)s: “%(content)s” is longer than the %(longest)s characters of its column.")
    content = column.title or column.content.label
    raise LayoutRefused(sentence, number=number, content=content, longest=column.longest)


def _text_cell(text: str) -> Cell:
    return Cell((CONTROL.sub(" ", text) if CONTROL.search(text) else text).strip(), is_words=True)


def _money_cell(amount_cny: Decimal, layout: Layout) -> Cell:
    if layout.amount_form == AmountForm.FEN:
        fen = int(amount_cny * 100)
        return Cell(str(fen), Decimal(fen))
    return Cell(f"{amount_cny:.2f}", amount_cny, is_money=True)
