"""What a workbook says of itself beside its rows: its sheets, which styles show days, and which day is number zero."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from posixpath import join, normpath
from zipfile import ZipFile

from django.utils.translation import gettext_lazy as _

from qinqing.kernel.tables.markup import Reader, feed
from qinqing.kernel.tables.refusals import UnreadableTable
from qinqing.kernel.tables.workbook import open_part

BOOK, LINKS, STYLES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"
LONGEST_NAME = 40
# The formats that every workbook has: dates and times, those of Chinese dates included (ECMA-376, part 1, 18.8.30).
_DAY_FORMATS = frozenset(map(str, (*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59))))
_NO_LETTERS = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')
_DAY_LETTERS = re.compile(r"[ymdhs年月日]", re.IGNORECASE)


@dataclass(slots=True)
class Book:
    """The visible sheets, each a name and the part that holds its rows, and how numbers that are days look."""

    sheets: list[tuple[str, str]] = field(default_factory=list)
    day_styles: frozenset[str] = frozenset()
    counts_from_1904: bool = False


def read_book(archive: ZipFile) -> Book:
    """
    Read the list of the sheets and the styles of a workbook.

    Raises:
        KeyError, UnreadableTable: it has no list of sheets, or that is no XML.
    """
    listed, links, styles = _Listed(), _Links(), _Styles()
    for name, reader in ((BOOK, listed), (LINKS, links), (STYLES, styles)):
        if name != STYLES or STYLES in archive.namelist():
            _read(archive, name, reader)
    sheets = [(name, links.parts[link]) for name, link in listed.sheets if link in links.parts]
    return Book(sheets, styles.days(), listed.counts_from_1904)


def find_sheet(archive: ZipFile, book: Book) -> str:
    """
    The part of the one visible sheet that holds a value.

    Raises:
        UnreadableTable: there is none, or there are two.
    """
    filled = [(name, part) for name, part in book.sheets if _has_value(archive, part)]
    if not filled:
        raise UnreadableTable(_("No visible sheet of the workbook holds a row; hidden ones are not read."))
    if len(filled) > 1:
        (first, _part), (second, _other) = filled[:2]
        sentence = _("The sheets “%(first)s” and “%(second)s” both hold rows; save each as a file of its own.")
        raise UnreadableTable(sentence, first=first[:LONGEST_NAME], second=second[:LONGEST_NAME])
    return filled[0][1]


class _Listed(Reader):
    """The sheets that are not hidden."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str]] = []
        self.counts_from_1904 = False

    def opens(self, name: str, attributes: dict[str, str]) -> None:
        if name == "workbookPr":
            self.counts_from_1904 = attributes.get("date1904") in ("1", "true")
        elif name == "sheet" and attributes.get("state", "visible") == "visible":
            link = next((value for key, value in attributes.items() if key.endswith(" id")), "")
            self.sheets.append((attributes.get("name", "?"), link))


class _Links(Reader):
    """The part that each link of the workbook leads to."""

    def __init__(self) -> None:
        self.parts: dict[str, str] = {}

    def opens(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
            target = attributes.get("Target", "")
            self.parts[attributes.get("Id", "")] = normpath(join("/xl", target)).lstrip("/")


class _Styles(Reader):
    """The formats of numbers, and the format of each style."""

    def __init__(self) -> None:
        self._codes: dict[str, str] = {}
        self._formats: list[str] = []
        self._are_cells = False

    def opens(self, name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt":
            self._codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif name == "xf" and self._are_cells:
            self._formats.append(attributes.get("numFmtId", "0"))
        self._are_cells = self._are_cells or name == "cellXfs"

    def closes(self, name: str) -> None:
        self._are_cells = self._are_cells and name != "cellXfs"

    def days(self) -> frozenset[str]:
        """The styles, by their number as cells name them, that show a number as a day."""
        return frozenset(str(style) for style, kept in enumerate(self._formats) if self._shows_day(kept))

    def _shows_day(self, kept: str) -> bool:
        code = self._codes.get(kept)
        if code is None:
            return kept in _DAY_FORMATS
        return _DAY_LETTERS.search(_NO_LETTERS.sub("", code.lower().replace("general", ""))) is not None


class _Values(Reader):
    """Whether a cell with a value stands in a sheet."""

    def __init__(self) -> None:
        self.is_found, self._is_value = False, False

    def opens(self, name: str, attributes: dict[str, str]) -> None:
        self._is_value = name in ("v", "t")

    def reads(self, text: str) -> None:
        self.is_found = self.is_found or (self._is_value and not text.isspace())

    def closes(self, name: str) -> None:
        self._is_value = False


def _has_value(archive: ZipFile, part: str) -> bool:
    values = _Values()
    with open_part(archive, part) as content:
        return any(values.is_found for _pause in feed(content, values))


def _read(archive: ZipFile, name: str, reader: Reader) -> None:
    with open_part(archive, name) as content:
        for _pause in feed(content, reader):
            pass
