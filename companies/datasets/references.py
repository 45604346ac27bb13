"""
The promise that a dataset row names rows that exist, kept for a whole statement at once.

PostgreSQL's own foreign keys look each row up by itself, which takes most of the time in which a delivery
of millions lands. These triggers look all rows of a statement up in one join, and companies, people and
deliveries cannot be deleted.
"""

# ruff: noqa: S608 - what is put into these statements are names of our own.
from __future__ import annotations

import pgtrigger

from qinqing.kernel.database.triggers import Guard, refuse

_TABLES = {
    "company_id": "companies_company",
    "employee_id": "companies_employee",
    "delivery_id": "companies_delivery",
}
_NEW = pgtrigger.Referencing(new="new_rows")  # type: ignore[no-untyped-call]


def names_known(*columns: str) -> list[Guard]:
    """The triggers of a dataset table whose `columns` name companies or people; each row also names its delivery."""
    events = (("inserted", pgtrigger.Insert), ("updated", pgtrigger.Update))
    return [
        Guard(
            name=f"row_names_known_when_{event}",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=operation,
            referencing=_NEW,
            declare=[("missing", "bigint")],
            func="".join(_look_up(column) for column in (*columns, "delivery_id")) + "RETURN NULL;",
        )
        for event, operation in events
    ]


def never_deleted(what: str) -> list[Guard]:
    """The trigger of a table whose rows others name."""
    why = f"A {what} is never deleted, because facts and payments name it."
    name = f"{what}_is_never_deleted"
    return [Guard(name=name, when=pgtrigger.Before, operation=pgtrigger.Delete, func=refuse(name, why))]


def _look_up(column: str) -> str:
    # EXECUTE plans anew for each statement: the plan for one row is no plan for a million.
    return f"""
        EXECUTE $q$
            SELECT named.id FROM (SELECT DISTINCT {column} AS id FROM new_rows) AS named
            LEFT JOIN {_TABLES[column]} AS known ON known.id = named.id WHERE known.id IS NULL LIMIT 1
        $q$ INTO missing;
        IF missing IS NOT NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'row_names_known_{column}',
                MESSAGE = 'No row of {_TABLES[column]} has the id ' || missing || '.';
        END IF;
    """
