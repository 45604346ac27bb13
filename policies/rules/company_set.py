"""The set of companies that one statement decides, and the limits of its statements."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg.sql import SQL, Composable, Identifier

from companies.contracts.facts import catalogue
from companies.models import Employee
from policies.subjects import SubjectRows

# With so much memory PostgreSQL hashes the subjects of a shard; with less it would compare them one by one.
WORK_MEMORY = "64MB"
COMPANY_TABLE = Identifier("matching_scope")


# A function from the SQL of a company's id to the condition that the company is in the set.
CompanySet = Callable[[Composable], Composable]


@dataclass(frozen=True, slots=True)
class CompanyRange:
    """The companies of a range of ids; SQL may stand for an id."""

    first_id: int | Composable
    last_id: int | Composable

    def __call__(self, company: Composable) -> Composable:
        """The condition that the company is in the range."""
        return SQL("{} BETWEEN {} AND {}").format(company, self.first_id, self.last_id)


def in_company_table(company: Composable) -> Composable:
    """The condition that a company is in the table of `company_table`."""
    return SQL("{} IN (SELECT company_id FROM {})").format(company, COMPANY_TABLE)


@contextmanager
def company_table(company_ids: Sequence[int]) -> Iterator[CompanySet]:
    """
    Put companies into the temporary table `matching_scope` for the block, and yield the condition that one is in it.

    Needs a transaction. The table is analysed, so that PostgreSQL plans for one firm otherwise than for 20,000.
    """
    assert connection.in_atomic_block
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE matching_scope (company_id bigint PRIMARY KEY) ON COMMIT DROP")
        cursor.execute("INSERT INTO matching_scope SELECT unnest(%s::bigint[])", [list(company_ids)])
        cursor.execute("ANALYZE matching_scope")
        yield in_company_table
        cursor.execute("DROP TABLE matching_scope")


def add_companies_sharing_subjects(rows: SubjectRows) -> None:
    """
    Add to the table of companies the firms that share a subject with one of them: a person, a spouse or an item.

    If one firm loses the entitlement of a subject, the other may gain it.
    """
    if not rows.shared_column:
        return
    names = {
        "scope": COMPANY_TABLE,
        "items": Identifier(catalogue(item=rows.item).groups[rows.item].relation),
        "employees": Identifier(Employee._meta.db_table),
        "column": Identifier(rows.shared_column),
    }
    theirs = SQL("SELECT i.{column} AS subject FROM {scope} AS s JOIN {items} AS i ON i.company_id = s.company_id")
    spouses = SQL(" UNION SELECT p.spouse_id FROM ({theirs}) AS own JOIN {employees} AS p ON p.id = own.subject")
    subjects = theirs.format(**names)
    if rows.is_person and rows.shared_column == "employee_id":
        subjects += spouses.format(theirs=subjects, **names)
    statement = SQL(
        "INSERT INTO {scope} SELECT DISTINCT other.company_id FROM ({subjects}) AS shared"
        " JOIN {items} AS other ON other.{column} = shared.subject ON CONFLICT DO NOTHING"
    ).format(subjects=subjects, **names)
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(cursor.connection))
        cursor.execute("ANALYZE matching_scope")


@contextmanager
def statement_limits(*, statement_seconds: float, lock_seconds: float) -> Iterator[None]:
    """
    Limit the time of each statement in the block, and give it memory to sort and hash in.

    Needs a transaction; after the block its settings are as they were before.
    """
    assert connection.in_atomic_block
    wanted = {
        "statement_timeout": f"{statement_seconds * 1000:.0f}ms",
        "lock_timeout": f"{lock_seconds * 1000:.0f}ms",
        "work_mem": WORK_MEMORY,
    }
    with connection.cursor() as cursor:
        before = _change_settings(cursor, wanted)
        yield
        _change_settings(cursor, before)


def _change_settings(cursor: CursorWrapper, settings: Mapping[str, str]) -> dict[str, str]:
    """Change settings for the transaction; returns their former values."""
    # OFFSET 0 is a fence: the inner SELECT reads all settings before the outer one changes any.
    cursor.execute(
        "SELECT name, was, set_config(name, value, true) FROM ("
        "SELECT name, value, current_setting(name) AS was FROM unnest(%s::text[], %s::text[]) AS wanted (name, value)"
        " OFFSET 0) AS looked",
        [list(settings), list(settings.values())],
    )
    return {name: was for name, was, _value in cursor.fetchall()}
