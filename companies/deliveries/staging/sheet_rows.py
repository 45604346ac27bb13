"""The rows of a workbook, as rows of a delivery."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import BinaryIO

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from companies.datasets.column_types import MONTH
from companies.datasets.row_faults import Reason
from companies.deliveries.registry.columns import Column, WrongColumns, in_file_order
from companies.deliveries.staging.read_file import UnreadableFile
from companies.deliveries.staging.rows import ReadRow
from qinqing.kernel.tables.cells import Cell, Flaw, FlawedCell, read_cells
from qinqing.kernel.tables.refusals import UnreadableTable

_REASONS = {
    Flaw.ROUNDED: Reason.ROUNDED,
    Flaw.TOO_LONG: Reason.COMPUTED,
    Flaw.NO_RESULT: Reason.NO_RESULT,
    Flaw.ERROR: Reason.CELL_ERROR,
}
_SHOWN_CHARACTERS = 20

_Numbered = tuple[int, Sequence[Cell]]


def sheet_rows(*, file: BinaryIO, columns: Sequence[Column]) -> Iterator[ReadRow]:
    """
    The rows of a workbook's one visible sheet with rows; its first row is the header, and blank rows are skipped.

    Raises:
        WrongColumns: the header does not fit the columns, or stands in a lower row.
        UnreadableFile: the workbook is damaged, two sheets hold rows, or cells are merged.
    """
    rows = _filled_rows(file)
    header = next(rows, None)
    if header is None:
        raise UnreadableFile(_("The file is empty; send a header line and rows."))
    second = next(rows, None)
    order = _read_header(header, second, columns)
    places = [order.index(column) if column in order else None for column in columns]
    for number, cells in chain([second] if second else [], rows):
        yield _read_row(number, cells, places, columns, len(order))


def _filled_rows(file: BinaryIO) -> Iterator[_Numbered]:
    """The rows that hold anything, without the empty cells behind their last value."""
    try:
        for number, cells in read_cells(file):
            if filled := _without_empty_end(cells):
                yield number, filled
    except UnreadableTable as refusal:
        raise UnreadableFile(format_lazy("{}", refusal)) from None


def _without_empty_end(cells: Sequence[Cell]) -> Sequence[Cell]:
    width = len(cells)
    while width and (cell := cells[width - 1]) is not None and isinstance(cell, str) and not cell.strip():
        width -= 1
    return cells[:width]


def _read_header(header: _Numbered, second: _Numbered | None, columns: Sequence[Column]) -> list[Column]:
    try:
        order = in_file_order(header=_titles(header), columns=columns)
    except WrongColumns:
        if second and _is_header(second, columns):
            sentence = _("Row {row} of the sheet is no header, but row {next} is; delete what stands above the header.")
            raise WrongColumns(format_lazy(sentence, row=header[0], next=second[0])) from None
        raise
    if second and _is_header(second, columns):
        sentence = _("The sheet has two header rows, {row} and {next}; keep one of them and send the file again.")
        raise WrongColumns(format_lazy(sentence, row=header[0], next=second[0]))
    return order


def _titles(row: _Numbered) -> list[str]:
    return [cell if isinstance(cell, str) else str(getattr(cell, "text", cell)) for cell in row[1]]


def _is_header(row: _Numbered, columns: Sequence[Column]) -> bool:
    try:
        in_file_order(header=_titles(row), columns=columns)
    except WrongColumns:
        return False
    return True


def _read_row(
    number: int, cells: Sequence[Cell], places: Sequence[int | None], columns: Sequence[Column], width: int
) -> ReadRow:
    if len(cells) > width:
        return ReadRow(number, (), Reason.RAGGED, f"{len(cells)}/{width}")
    values: list[str | None] = []
    for place, column in zip(places, columns, strict=True):
        cell = cells[place] if place is not None and place < len(cells) else ""
        if isinstance(cell, FlawedCell):
            return ReadRow(number, (), _REASONS[cell.flaw], _detail(cell), column.name)
        values.append(_write_day(cell, column) if isinstance(cell, dt.datetime) else cell or None)
    return ReadRow(number, values)


def _detail(cell: FlawedCell) -> str:
    # The digits of a rounded number may be a person's, so no sentence repeats them.
    return cell.text[:_SHOWN_CHARACTERS] if cell.flaw is Flaw.ERROR else ""


def _write_day(day: dt.datetime, column: Column) -> str:
    """The day in the form of ISO 8601; a spreadsheet makes the first day of 2024-03 as soon as somebody types it."""
    if day.time() != dt.time():
        return day.isoformat(sep=" ")
    return f"{day:%Y-%m}" if column.kind is MONTH and day.day == 1 else day.date().isoformat()
