"""Runs statements over sets as they are written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, LiteralString, TypeVar

from django.db import connection
from psycopg import Cursor
from psycopg.rows import RowMaker, kwargs_row

Row = TypeVar("Row")


def rows_by_name(make: Callable[..., Row]) -> Callable[[Cursor[Any]], RowMaker[Row]]:
    """
    The psycopg row factory by which `make` builds each row from the columns by their names.

    If they are the fields of a named tuple in order, it looks at the names once, and not for each row.
    """

    def factory(cursor: Cursor[Any]) -> RowMaker[Row]:
        columns = tuple(column.name for column in cursor.description or ())
        in_order: RowMaker[Row] | None = getattr(make, "_make", None)
        if in_order is not None and getattr(make, "_fields", None) == columns:
            return in_order
        return kwargs_row(make)(cursor)

    return factory


def fetch_rows(statement: LiteralString, **parameters: Any) -> list[tuple[Any, ...]]:
    """Fetch the rows of a statement that returns some."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def fetch_rows_as(make: Callable[..., Row], statement: LiteralString, **parameters: Any) -> list[Row]:
    """Fetch the rows of a statement; `make` builds each from the columns by their names."""
    with connection.cursor() as cursor:
        cursor.cursor.row_factory = rows_by_name(make)
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def first_column(statement: LiteralString, **parameters: Any) -> list[int]:
    """The ids that a statement returns as its first column."""
    return [row[0] for row in fetch_rows(statement, **parameters)]


def execute_statement(statement: LiteralString, **parameters: Any) -> int:
    """Execute a statement and say how many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)


def in_chunks(ids: Sequence[int], size: int) -> list[Sequence[int]]:
    """The ids, ordered, in pieces of at most `size`."""
    ordered = sorted(set(ids))
    return [ordered[start : start + size] for start in range(0, len(ordered), size)]


def expect_large_sets() -> None:
    """
    Let the rest of this transaction use no nested loops, so that PostgreSQL joins by hashing.

    While a large transaction fills a table, its statistics still say that the table is empty. PostgreSQL would then
    choose a nested loop, which is right for a few rows, for 100,000 times 100,000.
    """
    execute_statement("SET LOCAL enable_nestloop = off")
