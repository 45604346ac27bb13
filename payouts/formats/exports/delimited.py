"""Batches as delimited text, in the layout of a bank."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import IO

from payouts.formats.exports.layout import Cell, CellWriter, Heading, Layout, LineEnd, guard_cell
from payouts.formats.exports.lines import Line

# The number of rows that are encoded and written together.
ROWS_AT_ONCE = 1_000
BYTE_ORDER_MARK = "\ufeff"


def write(target: IO[bytes], *, layout: Layout, heading: Heading, lines: Iterable[Line]) -> None:
    """
    Write the file row by row; the same arguments give the same bytes.

    Raises:
        LayoutRefused: a line does not fit the layout.
    """
    text = io.StringIO()
    ending = "\r\n" if layout.line_end == LineEnd.CRLF else "\n"
    rows = csv.writer(text, delimiter=layout.delimiter, lineterminator=ending)
    # The mark is written here, because the encoder would write one at the beginning of every piece.
    encoding = layout.encoding.value.removesuffix("-sig")
    if encoding != layout.encoding.value:
        text.write(BYTE_ORDER_MARK)
    writing = CellWriter(layout, heading)
    if layout.head:
        rows.writerow(_texts(writing.row(layout.head), layout))
    if layout.has_titles:
        rows.writerow([column.title for column in layout.line])
    for number, cells in enumerate(writing.rows(lines), start=1):
        rows.writerow(_texts(cells, layout))
        if number % ROWS_AT_ONCE == 0:
            _flush(text, target, encoding)
    if layout.foot:
        rows.writerow(_texts(writing.row(layout.foot), layout))
    _flush(text, target, encoding)


def _texts(cells: Sequence[Cell], layout: Layout) -> list[str]:
    return [guard_cell(cell) if layout.is_guarded else cell.text for cell in cells]


def _flush(text: io.StringIO, target: IO[bytes], encoding: str) -> None:
    target.write(text.getvalue().encode(encoding))
    text.seek(0)
    text.truncate()
