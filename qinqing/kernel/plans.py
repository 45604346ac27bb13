"""Statements that PostgreSQL plans once for each connection, as long as they are about a few rows."""

from __future__ import annotations

from typing import Any, LiteralString

import psycopg
from django.db import connection
from django.db.backends.utils import CursorWrapper

from qinqing.kernel.statements import fetched
from qinqing.kernel.triggers import FEW_ROWS


def fetched_by_size(statement: LiteralString, **parameters: Any) -> list[tuple[Any, ...]]:
    """
    The rows of a statement whose plan is kept while none of its lists is long, and made for it alone otherwise.

    Planning costs a click more than running; a plan that was made for one row is never run for 100,000. The values
    travel apart from the text, so a type that PostgreSQL cannot see from the place of a value has to stand beside it.
    """
    if any(isinstance(value, list) and len(value) > FEW_ROWS for value in parameters.values()):
        return fetched(statement, **parameters)
    with _cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def _cursor() -> CursorWrapper:
    """A cursor of the connection as Django would open it, but one that may be kept by the server."""
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    opened: Any = psycopg.Cursor(connection.connection)
    return connection.make_debug_cursor(opened) if connection.queries_logged else connection.make_cursor(opened)
