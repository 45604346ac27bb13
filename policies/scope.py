"""The companies that one statement decides, and the limits it works within."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg.sql import SQL, Composable, Identifier

from companies.datasets import Employment
from companies.models import Employee

SCOPE = Identifier("matching_scope")
_TABLES = {
    "scope": SCOPE,
    "employments": Identifier(Employment._meta.db_table),
    "employees": Identifier(Employee._meta.db_table),
}


@contextmanager
def scope(company_ids: Sequence[int]) -> Iterator[None]:
    """
    Hold the companies in the temporary table `matching_scope` for the length of the block.

    Needs a transaction; the table is analysed, so one firm and twenty thousand each get the plan they need.
    """
    assert connection.in_atomic_block
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE matching_scope (company_id bigint PRIMARY KEY) ON COMMIT DROP")
        cursor.execute("INSERT INTO matching_scope SELECT unnest(%s::bigint[])", [list(company_ids)])
        cursor.execute("ANALYZE matching_scope")
        yield
        cursor.execute("DROP TABLE matching_scope")


def in_scope(company: Composable) -> Composable:
    """The condition that a company is one of those to decide."""
    return SQL("{} IN (SELECT company_id FROM {})").format(company, SCOPE)


def add_companies_of_the_same_people() -> None:
    """
    Widen the scope to the firms that employ its firms' people, or their spouses.

    When one firm loses a person's entitlement, the other may gain it.
    """
    statement = SQL(
        "INSERT INTO {scope} SELECT DISTINCT other.company_id FROM {scope} AS s"
        " JOIN {employments} AS w ON w.company_id = s.company_id"
        " JOIN {employees} AS p ON p.id = w.employee_id"
        " JOIN {employments} AS other ON other.employee_id = ANY(ARRAY[p.id, p.spouse_id])"
        " ON CONFLICT DO NOTHING"
    ).format(**_TABLES)
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(cursor.connection))
        cursor.execute("ANALYZE matching_scope")


@contextmanager
def limits(*, statement_seconds: float, lock_seconds: float) -> Iterator[None]:
    """Bound the statements of the block; needs a transaction, whose own limits come back afterwards."""
    assert connection.in_atomic_block
    wanted = {"statement_timeout": statement_seconds, "lock_timeout": lock_seconds}
    with connection.cursor() as cursor:
        before = {name: _set(cursor, name, f"{seconds * 1000:.0f}ms") for name, seconds in wanted.items()}
        yield
        for name, value in before.items():
            _set(cursor, name, value)


def _set(cursor: CursorWrapper, name: str, value: str) -> str:
    """Change a setting for the transaction; returns what it was."""
    cursor.execute("SELECT current_setting(%s), set_config(%s, %s, true)", [name, name, value])
    was: str = cursor.fetchone()[0]
    return was
