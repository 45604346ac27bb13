"""
The rows of a workbook's first sheet, row by row.

The libraries that read workbooks hold a whole sheet in memory or pass formulas on as values. We read a file from
outside as a stream, and refuse a formula.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Generic, TypeVar
from zipfile import ZipFile

from django.utils.translation import gettext_lazy as _

from qinqing.kernel.tables.markup import Reader, feed
from qinqing.kernel.tables.refusals import LARGEST_ROWS, ROWS_BEFORE_TITLES, Row, UnreadableTable, too_many_rows
from qinqing.kernel.tables.unpacking import DAMAGES, is_bomb, open_archive

LARGEST_PART_BYTES = 1 << 30
MOST_TEXT_CHARACTERS = 40_000_000
MOST_TEXTS = 1_500_000
LONGEST_CELL = 2_000
# A longer number with a point is a rounded one: the float that is nearest to what the person wrote.
LONGEST_EXACT = 16
MOST_COLUMNS = 200
# The last row that a workbook can have.
LAST_ROW = 1 << 20
PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
T = TypeVar("T")
SHEET = "xl/worksheets/sheet1.xml"
TEXTS = "xl/sharedStrings.xml"


def read_rows(content: IO[bytes]) -> Iterator[Row]:
    """
    The number of each row and its cells; empty cells are empty texts.

    Raises:
        UnreadableTable: the file is no sound workbook, holds a formula, or is built to exhaust us.
    """
    with open_workbook(content) as archive:
        yield from take_rows(archive, _find_first_sheet(archive), _Texts(read_shared_strings(archive)))


@contextmanager
def open_workbook(content: IO[bytes]) -> Iterator[ZipFile]:
    """
    The archive that a workbook is; what is wrong with it comes out as one sentence.

    Raises:
        UnreadableTable: it is no archive, cut off, damaged, or has a password.
    """
    try:
        with open_archive(content) as archive:
            yield archive
    except DAMAGES as fault:
        sentence = _("The workbook is damaged, cut off or protected; save it as xlsx without a password and try again.")
        raise UnreadableTable(sentence) from fault


def take_rows(archive: ZipFile, name: str, sheet: Sheet[T]) -> Iterator[tuple[int, list[T | str]]]:
    """The rows of a sheet's part, as its reader finishes them."""
    with open_part(archive, name) as part:
        for _pause in feed(part, sheet):
            yield from sheet.finished
            sheet.finished.clear()


class _SharedStrings(Reader):
    """The texts that cells point to."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._text, self._count, self._is_text, self._is_sound = "", 0, False, False

    def opens(self, name: str, attributes: dict[str, str]) -> None:
        if name == "si":
            self._text = ""
        self._is_sound = self._is_sound or name == "rPh"
        self._is_text = name == "t" and not self._is_sound

    def reads(self, text: str) -> None:
        if self._is_text and len(self._text) < LONGEST_CELL:
            self._text += text

    def closes(self, name: str) -> None:
        self._is_text = False
        self._is_sound = self._is_sound and name != "rPh"
        if name == "si":
            self.texts.append(self._text[:LONGEST_CELL])
            self._count += len(self._text)
            if len(self.texts) > MOST_TEXTS or self._count > MOST_TEXT_CHARACTERS:
                raise UnreadableTable(
                    _("The workbook holds more text than any table; save only the table that is needed.")
                )


class Sheet(Reader, Generic[T]):
    """Collects the rows of a sheet as they are finished; a subclass says what a cell is worth."""

    def __init__(self, texts: list[str]) -> None:
        self.finished: list[tuple[int, list[T | str]]] = []
        self._texts = texts
        self._number, self._cells = 0, dict[int, T]()
        self._place, self._kind, self._text, self._is_value = "", "", "", False

    def opens(self, name: str, attributes: dict[str, str]) -> None:
        if name == "row":
            self._number = self._next_number(int(attributes.get("r", self._number + 1)))
            self._cells = {}
        elif name == "c":
            self._place, self._kind, self._text = attributes.get("r", ""), attributes.get("t", "n"), ""
        self._is_value = name in ("v", "t")

    def reads(self, text: str) -> None:
        if self._is_value and len(self._text) < LONGEST_CELL:
            self._text += text

    def closes(self, name: str) -> None:
        self._is_value = False
        if name == "c":
            self._cells[self._column()] = self._worth()
        elif name == "row":
            width = max(self._cells, default=-1) + 1
            self.finished.append((self._number, [self._cells.get(place, "") for place in range(width)]))

    def _next_number(self, number: int) -> int:
        if not self._number < number <= LAST_ROW:
            sentence = _(
                "The rows of the sheet are not numbered in order; save it as xlsx once more and choose it again."
            )
            raise UnreadableTable(sentence)
        return number

    def _column(self) -> int:
        if not self._place:
            column = max(self._cells, default=-1) + 1
        else:
            match = PLACE.fullmatch(self._place)
            column = -1
            for letter in match[1] if match else "":
                column = (column + 1) * 26 + ord(letter) - ord("A")
        if not 0 <= column < MOST_COLUMNS:
            sentence = _("Row %(row)s has more than %(count)s columns; this is no table.")
            raise UnreadableTable(sentence, row=self._number, count=MOST_COLUMNS)
        return column

    def _worth(self) -> T:
        raise NotImplementedError

    def _shared_text(self) -> str:
        return self._texts[int(self._text)] if int(self._text) < len(self._texts) else ""


class _Texts(Sheet[str]):
    """The cells as texts; a formula is refused."""

    def opens(self, name: str, attributes: dict[str, str]) -> None:
        super().opens(name, attributes)
        if name == "dimension":
            self._refuse_length(attributes.get("ref", ""))
        elif name == "f":
            sentence = _("Cell %(cell)s holds a formula; save the sheet with values alone and choose it again.")
            raise UnreadableTable(sentence, cell=self._place or "?")

    def _refuse_length(self, area: str) -> None:
        """Refuse a sheet that states too large a size, before we read it; if it states none, the reader counts rows."""
        match = PLACE.fullmatch(area.rpartition(":")[2])
        if match and int(match[2]) > LARGEST_ROWS + ROWS_BEFORE_TITLES:
            raise too_many_rows()

    def _worth(self) -> str:
        if self._kind == "s":
            return self._shared_text()
        return _write_number(self._text) if self._kind == "n" else self._text


def _write_number(number: str) -> str:
    """A number as a person wrote it: whole ones without a point, and 1.1 where the sheet holds 1.1000000000000001."""
    if "." in number and len(number) > LONGEST_EXACT:
        shortest = repr(float(number))
        number = number if "e" in shortest else shortest
    return number.removesuffix(".0")


def read_shared_strings(archive: ZipFile) -> list[str]:
    """The texts that the cells of a workbook point to."""
    if TEXTS not in archive.namelist():
        return []
    strings = _SharedStrings()
    with open_part(archive, TEXTS) as part:
        for _pause in feed(part, strings):
            pass
    return strings.texts


def _find_first_sheet(archive: ZipFile) -> str:
    names = archive.namelist()
    sheets = sorted(name for name in names if re.fullmatch(r"xl/worksheets/sheet[0-9]+\.xml", name))
    if SHEET in names:
        return SHEET
    if not sheets:
        raise UnreadableTable(_("The file is no workbook with a sheet; save the table as xlsx or CSV."))
    return sheets[0]


def open_part(archive: ZipFile, name: str) -> IO[bytes]:
    """
    A part of a workbook, to be read as a stream.

    Raises:
        UnreadableTable: it unpacks to more than a part may be.
        KeyError: there is none of this name.
    """
    # `zipfile` never unpacks more bytes than the archive states, so the stated size can be trusted.
    part = archive.getinfo(name)
    if part.file_size > LARGEST_PART_BYTES:
        raise UnreadableTable(_("The workbook unpacks to more than any table; save only the table that is needed."))
    if is_bomb(unpacked_bytes=part.file_size, packed_bytes=part.compress_size):
        sentence = _("The workbook unpacks to more than a hundred times its size; save only the table that is needed.")
        raise UnreadableTable(sentence)
    return archive.open(name)
