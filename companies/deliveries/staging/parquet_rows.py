"""The rows of a Parquet file, read by DuckDB as texts, a few thousand in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from companies.datasets.column_types import Number
from companies.datasets.row_faults import Reason
from companies.deliveries.registry.columns import Column, in_file_order
from companies.deliveries.staging.read_file import MAX_UNPACKED_BYTES, TooLarge, UnreadableFile
from companies.deliveries.staging.rows import ReadRow

FETCHED_AT_ONCE = 2_048
MEMORY_MIB = 256
# DuckDB takes up to 2,048 values of a column at a time, so this keeps them to some megabytes.
LONGEST_TEXT_BYTES = 10_000
_FLOATS = ("FLOAT", "DOUBLE")
_NESTED = ("STRUCT", "MAP", "UNION", "VARIANT")
_TABLE = "read_parquet($path, binary_as_string = true, hive_partitioning = false)"


def parquet_rows(*, file: Path, columns: Sequence[Column]) -> Iterator[ReadRow]:
    """
    The rows of a Parquet file, the first being row 1; decimals are exact, and no number goes through a float.

    Raises:
        WrongColumns: its columns are not those of the dataset.
        UnreadableFile: it is damaged, a column is a list, a column of money is a floating-point number, or a text is
            longer than any value.
        TooLarge: it holds more than a delivery may.
    """
    with _open(file) as database:
        types = _read_types(database, file)
        order = in_file_order(header=list(types), columns=columns)
        _refuse_types(dict(zip(order, types.values(), strict=True)))
        names = dict(zip(order, types, strict=True))
        _refuse_long_texts(database, file, types)
        given = [column for column in columns if column in names]
        shown = ", ".join(_as_text(names[column], types[names[column]]) for column in given)
        found = database.execute(f"SELECT {shown} FROM {_TABLE}", {"path": str(file)})  # noqa: S608 - names are quoted
        yield from _number_rows(found, [given.index(column) if column in names else None for column in columns])


@contextmanager
def _open(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory that may read this file and nothing else."""
    try:
        with duckdb.connect(config={"threads": 1, "memory_limit": f"{MEMORY_MIB}MiB"}) as database:
            for setting in (
                "autoinstall_known_extensions = false",
                "autoload_known_extensions = false",
                f"allowed_paths = ['{file}']",
                "enable_external_access = false",
                "lock_configuration = true",
            ):
                database.execute(f"SET {setting}")
            yield database
    except duckdb.OutOfMemoryException:
        sentence = _("A column of the Parquet file unpacks to more than {limit} MiB at once; write smaller row groups.")
        raise UnreadableFile(format_lazy(sentence, limit=MEMORY_MIB)) from None
    except duckdb.Error:
        sentence = _("The Parquet file is cut off, damaged or of a kind that we cannot read; write it again.")
        raise UnreadableFile(sentence) from None


def _read_types(database: duckdb.DuckDBPyConnection, file: Path) -> dict[str, str]:
    rows = database.execute(f"DESCRIBE SELECT * FROM {_TABLE}", {"path": str(file)}).fetchall()  # noqa: S608 - constant
    return {name: kind for name, kind, *_rest in rows}


def _refuse_types(types: dict[Column, str]) -> None:
    for column, kind in types.items():
        if kind in _FLOATS and isinstance(column.kind, Number) and column.kind.is_money:
            sentence = _("Column “{name}” is a floating-point number in this file; money must be decimal or text.")
            raise UnreadableFile(format_lazy(sentence, name=column.name))
        if kind.endswith("]") or kind.startswith(_NESTED):
            sentence = _("Column “{name}” holds lists or structures in this file; write one value in each row.")
            raise UnreadableFile(format_lazy(sentence, name=column.name))


def _refuse_long_texts(database: duckdb.DuckDBPyConnection, file: Path, types: dict[str, str]) -> None:
    """Look for a long text first: a few bytes of Parquet can stand for a million rows of a megabyte each."""
    texts = [name for name, kind in types.items() if kind == "VARCHAR"]
    for name in texts:
        query = f"SELECT max(strlen({_quoted(name)})) FROM {_TABLE}"  # noqa: S608 - the name is quoted
        [(longest,)] = database.execute(query, {"path": str(file)}).fetchall()
        if (longest or 0) > LONGEST_TEXT_BYTES:
            sentence = _(
                "Column “{name}” holds a text of {count} bytes, more than any value has; is this the right file?"
            )
            raise UnreadableFile(format_lazy(sentence, name=name, count=longest))


def _as_text(name: str, kind: str) -> str:
    text = f"CAST({_quoted(name)} AS VARCHAR)"
    if kind.startswith("TIMESTAMP"):
        # Many programs know no days, and write the first moment of one.
        return f"regexp_replace({text}, ' 00:00:00$', '')"
    return f"regexp_replace({text}, '\\.0$', '')" if kind in _FLOATS else text


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _number_rows(found: duckdb.DuckDBPyConnection, places: Sequence[int | None]) -> Iterator[ReadRow]:
    number, length = 0, 0
    while rows := found.fetchmany(FETCHED_AT_ONCE):
        for row in rows:
            number += 1
            length += sum(map(len, filter(None, row)))
            yield _read_row(number, row, places)
        if length > MAX_UNPACKED_BYTES:
            sentence = _("The file is larger than a delivery may be ({limit} MiB); send it in several deliveries.")
            raise TooLarge(format_lazy(sentence, limit=MAX_UNPACKED_BYTES >> 20))


def _read_row(number: int, row: Sequence[str | None], places: Sequence[int | None]) -> ReadRow:
    values = [None if place is None else row[place] or None for place in places]
    if any("\0" in value for value in values if value is not None):
        return ReadRow(number, (), Reason.MALFORMED, "\\u0000")
    return ReadRow(number, values)
