"""
Every row that a version decides, with its verdict, in a temporary table that a few statements then count.

The clauses and the amount are those of matching (`policies.verdicts`), compiled once and worked out once per row.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db import connection
from psycopg.sql import SQL, Composable, Identifier, Literal

from policies.scope import CompanySet
from policies.verdicts import Judged, Verdicts, named


@dataclass(frozen=True, slots=True)
class Tables:
    """The names of the temporary tables of one wording: its rows, and those that are eligible, one per subject."""

    rows: Identifier
    eligible: Identifier


def asked(statement: Composable) -> list[tuple[Any, ...]]:
    """The rows that a statement answers."""
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(cursor.connection))
        return list(cursor.fetchall())


def done(statement: Composable) -> None:
    """Run a statement that answers nothing."""
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(cursor.connection))


@contextmanager
def tables(name: str) -> Iterator[Tables]:
    """The temporary tables of a wording, dropped when the block ends well; a failed transaction drops them itself."""
    made = Tables(Identifier(f"preview_{name}_rows"), Identifier(f"preview_{name}_eligible"))
    drop = SQL("DROP TABLE IF EXISTS {}, {}").format(made.rows, made.eligible)
    done(drop)
    yield made
    done(drop)


def datasets_of(judged: Judged) -> list[str]:
    """The datasets that a rule cannot do without, in the order of their columns."""
    return sorted({mention.dataset for mention in judged.wording.needed if mention.dataset})


def rows_of(verdicts: Verdicts) -> Composable:
    """The SELECT of all rows that a version decides."""
    judged = verdicts.judged[0]
    told = replace(
        judged,
        clauses=tuple(Identifier("d", f"clause_{number}") for number in range(1, len(judged.clauses) + 1)),
        pays=Identifier("d", "pays"),
    )
    verdict = SQL("CASE WHEN {} THEN true WHEN {} THEN false END").format(told.holds, told.fails)
    columns: list[tuple[str, Composable]] = [
        *((name, Identifier("d", name)) for name in _KEPT),
        ("verdict", verdict),
        ("stopped_at", _first_not_true(told)),
        ("nearly", _only_false(told)),
        ("pays", told.pays),
        *((f"clause_{number}", clause) for number, clause in enumerate(told.clauses, start=1)),
        *((f"misses_{place}", Identifier("d", f"misses_{place}")) for place in range(len(datasets_of(judged)))),
        *((f"distance_{number}", Identifier("d", f"distance_{number}")) for number in _measured(judged)),
    ]
    return SQL("SELECT {} FROM (SELECT {} FROM {} OFFSET 0) AS d").format(
        named(columns), named(_worked_out(verdicts)), verdicts.source
    )


_KEPT = (
    "company_id", "employee_id", "starts", "item_id", "district", "industry", "size",
    "subject_key", "period_key", "amount_cny",
)  # fmt: skip


def _worked_out(verdicts: Verdicts) -> list[tuple[str, Composable]]:
    judged = verdicts.judged[0]
    return [
        ("company_id", SQL("c.id")),
        ("employee_id", verdicts.employee_id),
        ("starts", verdicts.starts),
        ("item_id", verdicts.item_id),
        ("district", SQL("coalesce(c.district, '')")),
        ("industry", SQL("left(c.industry_code, 1)")),
        ("size", SQL("coalesce(c.size, '')")),
        ("subject_key", judged.key),
        ("period_key", judged.period),
        ("amount_cny", judged.amount),
        ("pays", judged.pays),
        *((f"clause_{number}", clause) for number, clause in enumerate(judged.clauses, start=1)),
        *((f"misses_{place}", is_missing(judged, name)) for place, name in enumerate(datasets_of(judged))),
        *((f"distance_{number}", judged.distances[number - 1] or SQL("NULL")) for number in _measured(judged)),
    ]


def _measured(judged: Judged) -> list[int]:
    return [number for number, distance in enumerate(judged.distances, start=1) if distance is not None]


def has_distance(judged: Judged, number: int) -> bool:
    """Whether a clause compares two numbers, so that one can say how far off a row is."""
    return judged.distances[number - 1] is not None


def is_missing(judged: Judged, dataset: str) -> Composable:
    """Whether a fact of the dataset that a rule cannot do without is missing."""
    facts = [judged.facts[mention.text] for mention in judged.wording.needed if mention.dataset == dataset]
    return SQL("({})").format(SQL(" OR ").join(SQL("{} IS NULL").format(fact) for fact in facts))


def _first_not_true(told: Judged) -> Composable:
    steps = [*told.clauses, told.pays]
    cases = [
        SQL("WHEN {} IS NOT TRUE THEN {}").format(step, Literal(number)) for number, step in enumerate(steps, start=1)
    ]
    return SQL("CASE {} ELSE 0 END").format(SQL(" ").join(cases))


def _only_false(told: Judged) -> Composable:
    """The number of the one clause that fails while all others hold; 0 when there is none such."""
    if not told.clauses:
        return SQL("0")
    failing = SQL(" + ").join(SQL("({} IS NOT TRUE)::int").format(clause) for clause in told.clauses)
    cases = [
        SQL("WHEN {} IS FALSE THEN {}").format(clause, Literal(number))
        for number, clause in enumerate(told.clauses, start=1)
    ]
    return SQL("CASE WHEN {} = 1 THEN CASE {} ELSE 0 END ELSE 0 END").format(failing, SQL(" ").join(cases))


def fill(made: Tables, select: Composable, *, is_first: bool) -> None:
    """Put decided rows into the table; the first ones make it."""
    begin = (
        SQL("CREATE TEMPORARY TABLE {} AS").format(made.rows) if is_first else SQL("INSERT INTO {}").format(made.rows)
    )
    done(SQL("{} {}").format(begin, select))


def choose(made: Tables) -> None:
    """One eligible row per subject and period, chosen among firms as matching chooses."""
    done(
        SQL(
            "CREATE TEMPORARY TABLE {} AS SELECT DISTINCT ON (subject_key, period_key) company_id, employee_id,"
            " item_id, district, industry, size, subject_key, period_key, amount_cny FROM {} WHERE verdict"
            " ORDER BY subject_key, period_key, company_id, starts, item_id"
        ).format(made.eligible, made.rows)
    )


def of_companies(ids: list[int]) -> CompanySet:
    """A few companies, named one by one."""
    wanted = SQL(", ").join(Literal(one) for one in ids)
    return lambda company: SQL("{} IN ({})").format(company, wanted)


def plain_json(text: str | None) -> Any:
    """What PostgreSQL told as JSON; 5000000.00 is a whole number to people."""
    return None if text is None else json.loads(text, parse_float=_number)


def _number(text: str) -> int | float:
    number = Decimal(text)
    return int(number) if number == number.to_integral_value() else float(number)
