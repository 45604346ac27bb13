"""The rows of a file, whatever its format and its packing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import BinaryIO

from companies.deliveries.registry.columns import Column
from companies.deliveries.staging.decode import Layout, TextFormat, detect_text, read_beginning, text_pieces
from companies.deliveries.staging.parquet_rows import parquet_rows
from companies.deliveries.staging.read_file import Kind, detect_kind, refuse_packed_twice, unpacked_file
from companies.deliveries.staging.rows import ReadRow, csv_rows, ndjson_rows
from companies.deliveries.staging.sheet_rows import sheet_rows

# Its text says as what a file is read: “CSV, GB18030”, “xlsx”.
Format = TextFormat | Kind


def detect_format(*, content: BinaryIO) -> Format:
    """
    The format of a file by its bytes, whatever its name says.

    Raises:
        UnreadableFile, TooLarge: see `detect_kind` and `detect_text`.
    """
    kind = detect_kind(content=content)
    return detect_text(content=content) if kind is Kind.TEXT else kind


@contextmanager
def open_rows(*, content: BinaryIO, columns: Sequence[Column], form: Format) -> Iterator[Iterator[ReadRow]]:
    """
    The rows of a file of this format, read as they are taken.

    Raises:
        UnreadableFile, TooLarge, WrongColumns: see `decode`, `rows`, `sheet_rows` and `parquet_rows`.
    """
    if isinstance(form, TextFormat):
        yield _text_rows(content, columns, form)
        return
    with unpacked_file(content=content) as path:
        if form is Kind.PARQUET:
            yield parquet_rows(file=path, columns=columns)
            return
        with path.open("rb") as file:
            refuse_packed_twice(file=file)
            yield sheet_rows(file=file, columns=columns)


def _text_rows(content: BinaryIO, columns: Sequence[Column], form: TextFormat) -> Iterator[ReadRow]:
    pieces = text_pieces(content=content, encoding=form.encoding)
    read = csv_rows if form.layout is Layout.CSV else ndjson_rows
    return read(pieces=chain([read_beginning(pieces)], pieces), columns=columns)
