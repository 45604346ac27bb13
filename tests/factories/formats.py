"""Files of every format that a delivery may have, from rows of cells."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import xlsxwriter

Rows = Sequence[Sequence[object]]
# The number that stands for a raw one of a length until the workbook is written.
_MARKS = 987_654_000


class Raw(str):
    """A number as the sheet's XML has it, beyond what a float would keep."""


class RawDay(Raw):
    """The same, shown as a day."""


class Formula(str):
    """A cell that is computed; its text is the result that the workbook keeps."""


def workbook(
    *sheets: Rows,
    hidden: Sequence[int] = (),
    merged: str = "",
    by_1904: bool = False,
    day_format: str = 'yyyy"年"m"月"d"日"',
) -> bytes:
    """A workbook; texts and numbers stay what they are, and a date is shown as one."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"date_1904": by_1904})
    day = book.add_format({"num_format": day_format})
    for place, rows in enumerate(sheets):
        sheet = book.add_worksheet()
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                _write(sheet, row, column, cell, day)
        if place in hidden:
            sheet.hide()
        if merged:
            sheet.merge_range(merged, "")
    book.worksheets()[next(place for place in range(len(sheets)) if place not in hidden)].activate()
    book.close()
    return _with_raw_numbers(content.getvalue(), sheets)


def _write(sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, cell: object, day: object) -> None:
    if isinstance(cell, Formula):
        sheet.write_formula(row, column, "=1*1", None, str(cell))
    elif isinstance(cell, Raw):
        sheet.write_number(row, column, _MARKS + len(cell), day if isinstance(cell, RawDay) else None)
    elif isinstance(cell, dt.date):
        sheet.write_datetime(row, column, cell, day)
    elif isinstance(cell, str):
        sheet.write_string(row, column, cell)
    elif isinstance(cell, bool):
        sheet.write_boolean(row, column, cell)
    elif cell is not None:
        sheet.write_number(row, column, cell)


def _with_raw_numbers(content: bytes, sheets: Sequence[Rows]) -> bytes:
    raw = [cell for rows in sheets for cells in rows for cell in cells if isinstance(cell, Raw)]
    if not raw:
        return content
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            for cell in raw:
                part = part.replace(f"<v>{_MARKS + len(cell)}</v>".encode(), f"<v>{cell}</v>".encode())
            new.writestr(name, part)
    return changed.getvalue()


def parquet(query: str, *, options: str = "") -> bytes:
    """The rows of a query of DuckDB as a Parquet file."""
    with TemporaryDirectory() as folder, duckdb.connect() as database:
        file = Path(folder) / "rows.parquet"
        database.execute(f"COPY ({query}) TO '{file}' (FORMAT parquet{options})")
        return file.read_bytes()


def zip_file(*parts: tuple[str, bytes]) -> bytes:
    """An archive of files by their names."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts:
            archive.writestr(name, part)
    return content.getvalue()
