"""Batches as a workbook, for banks that take a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import IO, Any

import xlsxwriter

from payouts.exports.layout import MONEY, Cell, Column, Heading, Layout, Writing
from payouts.exports.lines import Line

SHEET = "付款明细"
# Rows lie on disk until the workbook is closed. Names and numbers come from elsewhere: a text stays a text, whatever
# it begins with.
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


def write(target: IO[bytes], *, layout: Layout, heading: Heading, lines: Iterable[Line]) -> None:
    """
    Write the workbook row by row; the same arguments give the same bytes.

    Raises:
        LayoutRefused: a line does not fit the layout.
    """
    workbook = xlsxwriter.Workbook(target, OPTIONS)
    workbook.set_properties({"title": heading.message_id, "created": heading.created_at.replace(tzinfo=None)})
    sheet = _Sheet(workbook, layout.line)
    writing = Writing(layout, heading)
    if layout.head:
        sheet.append(writing.row(layout.head), is_bold=True)
    if layout.has_titles:
        sheet.append([Cell(column.title) for column in layout.line], is_bold=True)
    sheet.freeze()
    for number, line in enumerate(lines, start=1):
        sheet.append(writing.row(layout.line, line=line, number=number))
    if layout.foot:
        sheet.append(writing.row(layout.foot), is_bold=True)
    workbook.close()


class _Sheet:
    """The one sheet, and the next row of it."""

    def __init__(self, workbook: Any, columns: Sequence[Column]) -> None:
        self._sheet = workbook.add_worksheet(SHEET)
        self._bold, self._text = workbook.add_format({"bold": True}), workbook.add_format({"num_format": "@"})
        self._money = workbook.add_format({"num_format": "0.00"})
        self._row = 0
        for place, column in enumerate(columns):
            self._sheet.set_column(place, place, 16 if column.content in MONEY else column.width)

    def append(self, cells: Sequence[Cell], *, is_bold: bool = False) -> None:
        """Write one row; empty cells are left out."""
        for place, cell in enumerate(cells):
            if cell.number is not None:
                # A workbook knows no other numbers; one of 14 digits goes through a float unchanged.
                value, shape = float(cell.number), self._money if cell.is_money else None
                self._sheet.write_number(self._row, place, value, shape)
            elif cell.text:
                self._sheet.write_string(self._row, place, cell.text, self._bold if is_bold else self._text)
        self._row += 1

    def freeze(self) -> None:
        """Keep what was written so far in sight."""
        self._sheet.freeze_panes(self._row, 0)
