"""
Every row that a version decides, with the results of all its rules packed into one number.

The clauses and the amount are those of matching (`policies.matching.version_sql`), compiled once and worked out once
for each row.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from psycopg.sql import SQL, Composable, Identifier, Literal

from policies.matching.version_sql import FENCE, CompiledSet, CompiledVersion, named_columns, pays_condition
from policies.rules.company_set import CompanySet

# The result of a rule as a digit of `outcome`; the first clause is the lowest digit, the amount the highest.
TRUE, FALSE, UNKNOWN = 0, 1, 2
BASE = 3
_DIGITS_OF_AN_INTEGER = 39


@dataclass(frozen=True, slots=True)
class PreviewTables:
    """The names of the temporary tables of one version: all its rows, and one eligible row for each subject."""

    rows: Identifier
    eligible: Identifier


def fetch_rows(statement: Composable) -> list[tuple[Any, ...]]:
    """Run a statement; returns its rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(cursor.connection))
        return list(cursor.fetchall())


def run_statement(statement: Composable) -> None:
    """Run a statement that returns no rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(cursor.connection))


@contextmanager
def preview_tables(name: str) -> Iterator[PreviewTables]:
    """The names of a version's temporary tables, which the block fills; they are dropped after it."""
    assert connection.in_atomic_block
    made = PreviewTables(Identifier(f"preview_{name}_rows"), Identifier(f"preview_{name}_eligible"))
    yield made
    run_statement(SQL("DROP TABLE {}, {}").format(made.rows, made.eligible))


def needed_datasets(compiled: CompiledVersion) -> list[str]:
    """The datasets that a rule cannot do without, in the order of their bits in `missing`."""
    needed = compiled.rules.needed_mentions(stale=compiled.stale)
    return sorted({mention.dataset for mention in needed if mention.dataset} | compiled.stale_rows)


def measured_clauses(compiled: CompiledVersion) -> list[int]:
    """The numbers, from 1, of the clauses that compare two numbers, so that a row has a distance from them."""
    return [number for number, distance in enumerate(compiled.distances, start=1) if distance is not None]


def decided_rows(compiled_set: CompiledSet) -> Composable:
    """
    The SELECT of all rows that a version decides.

    `outcome` has a digit to the base `BASE` for each clause and for the amount; it is 0 when all are true. `missing`
    has a bit for each dataset that says nothing about the row. The fence has each rule worked out once.
    """
    compiled = compiled_set.versions[0]
    amount, base, most = (Identifier("d", name) for name in ("amount_cny", "base_cny", "limit_cny"))
    pays = pays_condition(compiled.version, compiled.rules, amount=amount, base=base, limit=most)
    # Nobody knows whether the rows of a stale dataset are true today.
    is_known = SQL("NULL::boolean") if compiled.stale_rows else SQL("true")
    has_pay = SQL("({} AND {} AND {})").format(Identifier("d", "is_listed"), is_known, pays)
    clauses = [Identifier("d", f"clause_{number}") for number in range(1, len(compiled.clauses) + 1)]
    columns: list[tuple[str, Composable]] = [
        *((name, Identifier("d", name)) for name in _KEPT),
        ("outcome", _outcome_digits([*clauses, has_pay])),
        ("missing", Identifier("d", "missing")),
        *((f"distance_{number}", Identifier("d", f"distance_{number}")) for number in measured_clauses(compiled)),
    ]
    return SQL("SELECT {} FROM (SELECT {} FROM {}{}) AS d").format(
        named_columns(columns), named_columns(_computed_columns(compiled_set)), compiled_set.source, FENCE
    )


_KEPT = (
    "company_id", "employee_id", "starts", "item_id", "district", "industry", "size",
    "subject_key", "period_key", "amount_cny", "payee_code",
)  # fmt: skip


def _computed_columns(compiled_set: CompiledSet) -> list[tuple[str, Composable]]:
    compiled = compiled_set.versions[0]
    return [
        ("company_id", SQL("c.id")),
        ("employee_id", compiled_set.employee_id),
        ("starts", compiled_set.starts),
        ("item_id", compiled_set.item_id),
        ("district", SQL("coalesce(c.district, '')")),
        ("industry", SQL("left(c.industry_code, 1)")),
        ("size", SQL("coalesce(c.size, '')")),
        ("subject_key", compiled.key),
        ("period_key", compiled.period),
        ("amount_cny", compiled.amount),
        ("base_cny", compiled.base),
        ("limit_cny", compiled.limit),
        ("payee_code", compiled.payee),
        ("is_listed", compiled.list_join.names if compiled.list_join else SQL("true")),
        ("missing", _missing_bits(compiled)),
        *((f"clause_{number}", clause) for number, clause in enumerate(compiled.clauses, start=1)),
        *(
            (f"distance_{number}", compiled.distances[number - 1] or SQL("NULL"))
            for number in measured_clauses(compiled)
        ),
    ]


def _outcome_digits(rules: list[Composable]) -> Composable:
    digit = SQL("CASE {} WHEN true THEN 0 WHEN false THEN {} ELSE {} END")
    digits = [
        digit.format(rule, Literal(FALSE * BASE**place), Literal(UNKNOWN * BASE**place))
        for place, rule in enumerate(rules)
    ]
    # The sum has to fit into a bigint, or be a numeric.
    number_type = SQL("bigint") if len(rules) <= _DIGITS_OF_AN_INTEGER else SQL("numeric")
    return SQL("({})").format(SQL(" + ").join([SQL("0::{}").format(number_type), *digits]))


def _missing_bits(compiled: CompiledVersion) -> Composable:
    bits = [
        SQL("CASE WHEN {} THEN {} ELSE 0 END").format(is_missing(compiled, name), Literal(1 << place))
        for place, name in enumerate(needed_datasets(compiled))
    ]
    return SQL("({})").format(SQL(" + ").join(bits)) if bits else SQL("0")


def is_missing(compiled: CompiledVersion, dataset: str) -> Composable:
    """Whether a fact of the dataset that a rule cannot do without is missing."""
    if dataset in compiled.stale_rows:
        return SQL("true")
    needed = compiled.rules.needed_mentions(stale=compiled.stale)
    facts = [compiled.facts[mention.text] for mention in needed if mention.dataset == dataset]
    return SQL("({})").format(SQL(" OR ").join(SQL("{} IS NULL").format(fact) for fact in facts))


def store_rows(made: PreviewTables, select: Composable) -> None:
    """Fill both tables: with the decided rows, and with one eligible row for each subject."""
    run_statement(SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS {}").format(made.rows, select))
    run_statement(
        SQL(
            "CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT DISTINCT ON (subject_key, period_key) company_id,"
            " employee_id, item_id, district, industry, size, subject_key, period_key, amount_cny, payee_code FROM {}"
            " WHERE outcome = 0 ORDER BY subject_key, period_key, company_id, starts, item_id"
        ).format(made.eligible, made.rows)
    )


def companies_with_ids(ids: list[int]) -> CompanySet:
    """The condition that a company is one of these few."""
    wanted = SQL(", ").join(Literal(one) for one in ids)
    return lambda company: SQL("{} IN ({})").format(company, wanted)


def plain_json(text: str | None) -> Any:
    """A value from PostgreSQL's JSON; 5000000.00 becomes a whole number, as people write it."""
    return None if text is None else json.loads(text, parse_float=_number)


def _number(text: str) -> int | float:
    number = Decimal(text)
    return int(number) if number == number.to_integral_value() else float(number)
