"""Batches as a workbook, for banks that take a spreadsheet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import IO, Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from payouts.formats.exports.layout import MONEY, Cell, CellWriter, Column, Heading, Layout
from payouts.formats.exports.lines import Line

SHEET = "付款明细"
# The rows lie on disk until the workbook is closed, so memory does not grow with them. Names and numbers come from
# outside, so a text stays a text, whatever it begins with.
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}

# These have to be escaped; a workbook writes a character that XML cannot hold as a code that begins with "_x".
_UNSAFE = re.compile("[&<>\x00-\x1f\ufffe\uffff]|_x")


def write(target: IO[bytes], *, layout: Layout, heading: Heading, lines: Iterable[Line]) -> None:
    """
    Write the workbook row by row; the same arguments give the same bytes.

    Raises:
        LayoutRefused: a line does not fit the layout.
    """
    workbook: Any = xlsxwriter.Workbook(target, OPTIONS)
    workbook.set_properties({"title": heading.message_id, "created": heading.created_at.replace(tzinfo=None)})
    sheet: Any = workbook.add_worksheet(SHEET, worksheet_class=_Sheet)
    sheet.begin(workbook, layout.line)
    writing = CellWriter(layout, heading)
    if layout.head:
        sheet.append(writing.row(layout.head), is_bold=True)
    if layout.has_titles:
        sheet.append([Cell(column.title) for column in layout.line], is_bold=True)
    sheet.freeze_panes(sheet.row_count, 0)
    for cells in writing.rows(lines):
        sheet.append(cells)
    if layout.foot:
        sheet.append(writing.row(layout.foot), is_bold=True)
    workbook.close()


class _Sheet(Worksheet):
    """
    A sheet that is written row by row.

    The library stores, checks and styles each cell by itself, which takes three quarters of the time of an export. This
    sheet writes the same bytes a row at a time; the library writes the rest of the workbook.
    """

    def begin(self, workbook: Any, columns: Sequence[Column]) -> None:
        """Set the widths of the columns and the styles of the cells."""
        self._library: Any = self  # The library's methods have no types.
        bold, text = workbook.add_format({"bold": True}), workbook.add_format({"num_format": "@"})
        money = workbook.add_format({"num_format": "0.00"})
        for place, column in enumerate(columns):
            self.set_column(place, place, 16 if column.content in MONEY else column.width)
        self.row_count = 0
        # The library numbers styles in the order of their first use, so each is asked for only when a cell needs it.
        self._styles: dict[str, int] = {}
        self._formats: dict[str, Any] = {"bold": bold, "text": text, "money": money}
        self._letters = [xl_col_to_name(place) for place in range(max(len(columns), 1))]

    def append(self, cells: Sequence[Cell], *, is_bold: bool = False) -> None:
        """Write one row without its empty cells."""
        self.row_count += 1
        style = "bold" if is_bold else "text"
        # Few rows need escaping, so one check of all texts of a row together saves a check of each cell.
        is_safe = not _UNSAFE.search("".join([cell.text for cell in cells]))
        written = [
            self._cell(place, cell, style, is_safe=is_safe)
            for place, cell in enumerate(cells)
            if cell.text or cell.number is not None
        ]
        if written:
            for place in (0, len(cells) - 1):
                self._library._check_dimensions(self.row_count - 1, place)
            self._library.fh.write(f'<row r="{self.row_count}">{"".join(written)}</row>')

    def _cell(self, place: int, cell: Cell, style: str, *, is_safe: bool) -> str:
        where = f'<c r="{self._letter(place)}{self.row_count}"'
        if cell.number is not None:
            # A workbook has only floats for numbers; an amount of 14 digits passes through a float unchanged.
            styled = f' s="{self._style("money")}"' if cell.is_money else ""
            return f"{where}{styled}><v>{float(cell.number):.16G}</v></c>"
        text = cell.text
        if not is_safe:
            text = self._library._escape_data(self._library._escape_control_characters(text))
        kept = ' xml:space="preserve"' if text != text.strip() else ""
        return f'{where} s="{self._style(style)}" t="inlineStr"><is><t{kept}>{text}</t></is></c>'

    def _letter(self, place: int) -> str:
        while place >= len(self._letters):
            self._letters.append(xl_col_to_name(len(self._letters)))
        return self._letters[place]

    def _style(self, name: str) -> int:
        if name not in self._styles:
            self._styles[name] = self._formats[name]._get_xf_index()
        return self._styles[name]
