"""Statements that PostgreSQL plans once for each connection, as long as they are about a few rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any, LiteralString, NamedTuple, TypeVar

import psycopg
from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorDebugWrapper, CursorWrapper
from psycopg.pq import TransactionStatus

from qinqing.kernel.database.statements import rows_by_name
from qinqing.kernel.database.triggers import FEW_ROWS

Row = TypeVar("Row")


class Statement(NamedTuple):
    """
    The text of a statement and its parameters.

    Values travel apart from the text, so the text names a value's type where PostgreSQL cannot infer it.
    `make` builds each row from the columns by their names; without it a row is a tuple.
    """

    text: LiteralString
    parameters: dict[str, Any]
    make: Callable[..., Any] | None = None

    @property
    def is_about_few(self) -> bool:
        """Whether all lists among its parameters are short."""
        lists = (value for value in self.parameters.values() if isinstance(value, list))
        return all(len(each) <= FEW_ROWS for each in lists)


def fetch_rows_by_size(statement: LiteralString, **parameters: Any) -> list[tuple[Any, ...]]:
    """
    Fetch the rows of a statement; PostgreSQL keeps its plan if all its lists are short, and plans it anew otherwise.

    A click's statement takes longer to plan than to run; a plan that was made for one row never runs for 100,000.
    """
    return fetch_rows_together(Statement(statement, parameters))[0]


def fetch_rows_by_size_as(make: Callable[..., Row], statement: LiteralString, **parameters: Any) -> list[Row]:
    """Fetch the same, but `make` builds each row from the columns by their names."""
    return fetch_rows_together(Statement(statement, parameters, make))[0]


def fetch_rows_together(*statements: Statement) -> list[list[Any]]:
    """
    Fetch the rows of each of several statements that are sent as one message and answered by one.

    Each statement sees what was committed before it began, and the second runs while the first one's lock is held.
    """
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    cursors = [_cursor(each) for each in statements]
    # Without a pipeline, BEGIN would be a message of its own; in one it travels with the first statement.
    is_worth_it = len(statements) > 1 or _is_first_of_a_transaction()
    pipeline = connection.connection.pipeline() if is_worth_it else nullcontext()
    with connection.wrap_database_errors, _keep_plans(), pipeline:
        for cursor, each in zip(cursors, statements, strict=True):
            cursor.execute(each.text, each.parameters)
    return [list(cursor.fetchall()) for cursor in cursors]


def fetch_rows_by_number(statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """
    Fetch the rows of a composed statement, whose places for values are `$1`, `$2`, … in the order of the parameters.

    PostgreSQL fills the values in, so it never takes a `$1` or a `%s` within a quoted text for a place. It plans the
    statement for these values, and keeps no plan.
    """
    connection.ensure_connection()
    raw: Any = psycopg.RawCursor(connection.connection)
    with _wrap_cursor(raw) as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


@contextmanager
def _keep_plans() -> Iterator[None]:
    """Let psycopg prepare statements within the block only: it would remember the text of any other, files too."""
    raw = connection.connection
    raw.prepare_threshold = 0 if settings.DATABASE_KEEPS_PLANS else None
    try:
        yield
    finally:
        raw.prepare_threshold = None


def _cursor(statement: Statement) -> CursorWrapper:
    cursor = _open_cursor(statement)
    if statement.make:
        cursor.cursor.row_factory = rows_by_name(statement.make)
    return cursor


def _open_cursor(statement: Statement) -> CursorWrapper:
    """A cursor as Django opens it or, for a statement about few rows, one that may prepare it on the server."""
    if not statement.is_about_few:
        return connection.cursor()
    return _wrap_cursor(psycopg.Cursor(connection.connection))


def _wrap_cursor(raw: Any) -> CursorWrapper:
    """Wrap our cursor as Django wraps its own; it logs its statements if Django logs them."""
    return _LoggingCursor(raw, connection) if connection.queries_logged else connection.make_cursor(raw)


class _LoggingCursor(CursorDebugWrapper):
    """Logs the text that it was given, because psycopg cannot tell the text of a prepared statement."""

    def execute(self, sql: Any, params: Any = None) -> Any:
        """Run the statement, and log how long it took."""
        with self.debug_sql(sql, params):
            return CursorWrapper.execute(self, sql, params)


def _is_first_of_a_transaction() -> bool:
    raw = connection.connection
    return not raw.autocommit and raw.info.transaction_status == TransactionStatus.IDLE
