"""
The promise that a dataset row names rows that exist, kept for a whole statement at once.

PostgreSQL's own foreign keys look each row up by itself, which takes most of the time in which a delivery
of millions lands. These triggers look all rows of a statement up in one join, and companies, people and
deliveries cannot be deleted.
"""

from __future__ import annotations

import pgtrigger

from qinqing.kernel.database.sql_files import read_sql
from qinqing.kernel.database.triggers import Guard, refuse_when

_TABLES = {
    "company_id": "companies_company",
    "employee_id": "companies_employee",
    "delivery_id": "companies_delivery",
}
_NEW = pgtrigger.Referencing(new="new_rows")  # type: ignore[no-untyped-call]


def names_known(*columns: str) -> list[Guard]:
    """The triggers of a dataset table whose `columns` name companies or people; each row also names its delivery."""
    lookups = "\n    ".join(_look_up(column) for column in (*columns, "delivery_id"))
    events = (("inserted", pgtrigger.Insert), ("updated", pgtrigger.Update))
    return [
        Guard(
            name=f"row_names_known_when_{event}",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=operation,
            referencing=_NEW,
            func=read_sql("companies.datasets", "row_names_known.sql", lookups=lookups),
        )
        for event, operation in events
    ]


def never_deleted(what: str) -> list[Guard]:
    """The trigger that refuses to delete rows to which rows of other tables refer."""
    why = f"A {what} is never deleted, because facts and payments name it."
    return [refuse_when(promise=f"{what}_is_never_deleted", why=why, operation=pgtrigger.Delete)]


def _look_up(column: str) -> str:
    return read_sql("companies.datasets", "row_names_known_lookup.sql", column=column, table=_TABLES[column]).strip()
