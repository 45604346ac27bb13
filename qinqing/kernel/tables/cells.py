"""
The rows of the one sheet of a workbook that holds any, with what each cell is worth: a text, a day, or a fault.

A number never becomes a float: the sheet's own decimal text is taken, and a spreadsheet keeps fifteen digits of it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import IO, NamedTuple

from django.utils.translation import gettext_lazy as _

from qinqing.kernel.tables.book import Book, find_sheet, read_book
from qinqing.kernel.tables.refusals import UnreadableTable
from qinqing.kernel.tables.workbook import Sheet, open_workbook, read_shared_strings, take_rows

EXACT_DIGITS = 15
# No spreadsheet keeps a smaller number, and each of its places would be written out.
SMALLEST_PLACE = -308
# Excel's calendar has a 29 February 1900, so its numbers below this one name days that are one off.
FIRST_SURE_DAY = 61
# A spreadsheet knows no time zone.
_DAY_ZERO, _DAY_ZERO_OF_1904 = dt.datetime(1899, 12, 30), dt.datetime(1904, 1, 1)  # noqa: DTZ001
_LAST_DAY = 2_958_465
_PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)


class Flaw(StrEnum):
    """Why a cell is worth nothing."""

    ROUNDED = "rounded"
    TOO_LONG = "too long"
    NO_RESULT = "no result"
    ERROR = "error"


class FlawedCell(NamedTuple):
    """A cell whose value is lost or in doubt, and what stands in it."""

    flaw: Flaw
    text: str


Cell = str | dt.datetime | FlawedCell


def read_cells(content: IO[bytes]) -> Iterator[tuple[int, Sequence[Cell]]]:
    """
    The number of each row and its cells; empty cells are empty texts.

    Raises:
        UnreadableTable: the file is no sound workbook, two of its sheets hold rows, or cells of it are merged.
    """
    with open_workbook(content) as archive:
        book = read_book(archive)
        texts = read_shared_strings(archive)
        yield from take_rows(archive, find_sheet(archive, book), _Cells(texts, book))


class _Cells(Sheet[Cell]):
    """Collects the rows with what each cell is worth; a formula is worth the result that the workbook keeps."""

    def __init__(self, texts: list[str], book: Book) -> None:
        super().__init__(texts)
        self._book, self._is_day, self._is_formula = book, False, False
        self._day_zero = _DAY_ZERO_OF_1904 if book.counts_from_1904 else _DAY_ZERO

    def opens(self, name: str, attributes: dict[str, str]) -> None:
        super().opens(name, attributes)
        if name == "c":
            self._is_day, self._is_formula = attributes.get("s") in self._book.day_styles, False
        elif name == "f":
            self._is_formula = True
        elif name == "mergeCell":
            sentence = _(
                "The cells %(area)s of the sheet are merged, so all but one of them are empty; unmerge them, fill each"
                " and choose the file again."
            )
            raise UnreadableTable(sentence, area=attributes.get("ref", "?"))

    def _worth(self) -> Cell:
        if self._kind == "e":
            return FlawedCell(Flaw.ERROR, self._text)
        if not self._text:
            return FlawedCell(Flaw.NO_RESULT, "") if self._is_formula and self._kind != "str" else ""
        if self._kind == "n":
            return self._number_or_day()
        return self._text_of_kind()

    def _text_of_kind(self) -> Cell:
        if self._kind == "s":
            return self._shared_text()
        if self._kind == "b":
            return "true" if self._text == "1" else "false"
        return dt.datetime.fromisoformat(self._text).replace(tzinfo=None) if self._kind == "d" else self._text

    def _number_or_day(self) -> Cell:
        if not self._is_day:
            return exact_number(self._text)
        days = float(self._text)
        if not FIRST_SURE_DAY <= days <= _LAST_DAY:
            return exact_number(self._text)
        # A spreadsheet keeps the time of day as a fraction, whose last digits are dust.
        return self._day_zero + dt.timedelta(seconds=round(days * 86_400))


def exact_number(text: str) -> str | FlawedCell:
    """
    The decimal number that stands in a cell, without an exponent.

    A spreadsheet writes the binary number nearest to what was typed: 1.1000000000000001 for 1.1. The shortest decimal
    of that binary number is what was typed, as long as it has fifteen digits; beyond, nobody knows.

    Raises:
        ValueError: the text is no number.
    """
    # Most numbers are plain and short; the pattern takes a third of the time.
    if len(text) <= EXACT_DIGITS and _PLAIN.fullmatch(text):
        return text.removesuffix(".0")
    number = _parse(text)
    if _count_digits(number) > EXACT_DIGITS:
        number = Decimal(repr(float(text)))
    if not number.is_finite() or (number and number.adjusted() >= EXACT_DIGITS):
        return FlawedCell(Flaw.ROUNDED, text)
    if _count_digits(number) > EXACT_DIGITS or number.adjusted() < SMALLEST_PLACE:
        return FlawedCell(Flaw.TOO_LONG, text)
    return format(number, "f").removesuffix(".0")


def _parse(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None


def _count_digits(number: Decimal) -> int:
    return len(number.as_tuple().digits)
