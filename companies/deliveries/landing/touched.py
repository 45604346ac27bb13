"""Notes the companies whose facts a delivery changed; matching polls these rows."""

from __future__ import annotations

from psycopg.sql import SQL, Composable, Identifier, Literal

from companies.contracts.contract import Subject
from companies.contracts.registry import contracts
from companies.deliveries.landing.upsert import Upsert
from companies.deliveries.staging.table import execute, fetch_count
from companies.models.delivery import Delivery, TouchedCompany

TOUCHED = Identifier(TouchedCompany._meta.db_table)
COMPANIES = SQL("SELECT company_id FROM landed")


def engaged_companies() -> Composable:
    """The firms that employ the people in `landed`, or sold them something, and the firms of their spouses."""
    people = SQL(
        "SELECT employee_id FROM landed UNION ALL "
        "SELECT spouse.id FROM companies_employee AS spouse JOIN landed ON spouse.spouse_id = landed.employee_id"
    )
    return SQL(" UNION ALL ").join(
        SQL("SELECT company_id FROM {} WHERE employee_id IN ({})").format(Identifier(contract.table), people)
        for contract in contracts().values()
        if contract.subject is Subject.COMPANY_PERSON
    )


def write_and_note_companies(*, upsert: Upsert, delivery: Delivery, returning: str, touching: Composable) -> int:
    """
    Write the rows and note the companies they touch; returns how many rows are new or changed.

    `touching` selects company ids, given the written rows' column `returning` in `landed`.
    """
    if returning in upsert.values and not fetch_count(upsert.already_stored()):
        return _insert_and_note_companies(upsert=upsert, delivery=delivery, returning=returning, touching=touching)
    both = SQL("landed AS (SELECT {0} FROM changed UNION ALL SELECT {0} FROM added)").format(Identifier(returning))
    changes = SQL(", ").join([upsert.statements(returning=returning), both])
    return write_changes(changes=changes, delivery=delivery, touching=touching)


def _insert_and_note_companies(*, upsert: Upsert, delivery: Delivery, returning: str, touching: Composable) -> int:
    """The same if every row is new: a plain INSERT takes four fifths of the time, because it returns no rows."""
    count = execute(upsert.insert())
    subjects = SQL("landed AS (SELECT DISTINCT {} FROM ({}) AS fresh)").format(Identifier(returning), upsert.query())
    write_changes(changes=subjects, delivery=delivery, touching=touching)
    return count


def write_changes(*, changes: Composable, delivery: Delivery, touching: Composable) -> int:
    """Run common table expressions, the last of which is `landed`, and note the companies that `touching` selects."""
    return fetch_count(
        SQL(
            "WITH {changes}, touched AS (INSERT INTO {table} (delivery_id, company_id) "
            "SELECT DISTINCT {delivery}, company_id FROM ({touching}) AS firm ON CONFLICT DO NOTHING) "
            "SELECT count(*) FROM landed"
        ).format(changes=changes, table=TOUCHED, delivery=Literal(delivery.pk), touching=touching)
    )


def touched_by(delivery: Delivery) -> Composable:
    """The ids of the companies that the delivery touched, as a subquery."""
    return SQL("(SELECT company_id FROM {} WHERE delivery_id = {})").format(TOUCHED, Literal(delivery.pk))
