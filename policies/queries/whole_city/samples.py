"""Some rows of each kind with every clause's value, so that an officer sees what the rules see."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from psycopg.sql import SQL, Composable, Identifier, Literal

from companies.models import Company, Employee
from policies.listed import has_list
from policies.models import PolicyVersion
from policies.queries.whole_city.figures import Sample
from policies.queries.whole_city.rows import Tables, asked, of_companies, plain_json
from policies.verdicts import judge, named
from qinqing.kernel.text import masked_name

# Which rows are shown, and how many of each; the order of the hash is a lottery that always draws the same.
_LOTTERY = SQL("hashint8extended(company_id, 20), item_id")
_DRAWS: tuple[tuple[str, Composable, Composable, int], ...] = (
    ("largest", SQL("verdict"), SQL("amount_cny DESC, company_id, item_id"), 3),
    ("usual", SQL("verdict"), _LOTTERY, 5),
    ("nearly", SQL("nearly > 0"), _LOTTERY, 6),
    ("unknown", SQL("verdict IS NULL"), _LOTTERY, 6),
)
_NO_ITEM = 0


def samples(*, made: Tables, version: PolicyVersion, as_of_on: dt.date, stale: frozenset[str]) -> tuple[Sample, ...]:
    """The largest and some usual eligible rows, some that fail one clause alone, and some that are unknown."""
    drawn = _drawn(made)
    if not drawn:
        return ()
    ids = sorted({company_id for company_id, _item, _nearly in drawn})
    verdicts = judge(
        versions=[version],
        as_of_on=as_of_on,
        stale=stale,
        companies=of_companies(ids),
        asks_lists=has_list(version),
    )
    judged = verdicts.judged[0]
    columns: list[tuple[str, Composable]] = [
        ("company_id", SQL("c.id")),
        ("item_id", SQL("coalesce({}, 0)").format(verdicts.item_id)),
        ("district", SQL("coalesce(c.district, '')")),
        ("employee_id", verdicts.employee_id),
        ("period", judged.period),
        ("holds", judged.holds),
        ("fails", judged.fails),
        ("amount", judged.amount),
        *((f"clause_{number}", clause) for number, clause in enumerate(judged.clauses, start=1)),
        *((f"fact_{number}", SQL("to_jsonb({})").format(fact)) for number, fact in enumerate(judged.facts.values())),
    ]
    decided = SQL("SELECT {} FROM {} OFFSET 0").format(named(columns), verdicts.source)
    wanted = SQL(", ").join(SQL("({}, {})").format(Literal(firm), Literal(item)) for firm, item, _nearly in drawn)
    rows = asked(
        SQL(
            "SELECT company.name, company.credit_code, person.name, person.id_number_masked, d.*"
            " FROM ({}) AS d JOIN {} AS company ON company.id = d.company_id"
            " LEFT JOIN {} AS person ON person.id = d.employee_id WHERE (d.company_id, d.item_id) IN ({})"
        ).format(decided, Identifier(Company._meta.db_table), Identifier(Employee._meta.db_table), wanted)
    )
    found = {row[4:6]: row for row in rows}
    names, clause_count = list(judged.facts), len(judged.clauses)
    return tuple(
        _sample(found[firm, item], nearly, names, clause_count) for firm, item, nearly in drawn if (firm, item) in found
    )


def _drawn(made: Tables) -> list[tuple[int, int, bool]]:
    """Company, item and whether one clause alone fails, each row once, in the order of the draws."""
    draws = [
        SQL(
            "(SELECT {} AS draw, row_number() OVER (ORDER BY {}) AS place, company_id, coalesce(item_id, {}),"
            " nearly > 0 FROM {} WHERE {} ORDER BY {} LIMIT {})"
        ).format(Literal(number), order, Literal(_NO_ITEM), made.rows, condition, order, Literal(limit))
        for number, (_name, condition, order, limit) in enumerate(_DRAWS)
    ]
    rows = asked(SQL("SELECT * FROM ({}) AS drawn ORDER BY draw, place").format(SQL(" UNION ALL ").join(draws)))
    return list(dict.fromkeys((row[2], row[3], row[4]) for row in rows))


def _sample(row: tuple[Any, ...], nearly: bool, names: list[str], clause_count: int) -> Sample:  # noqa: FBT001
    firm, code, person, number, _company, _item, district, _employee, period, holds, fails, amount, *rest = row
    return Sample(
        firm=firm,
        credit_code=code,
        district=district,
        person=f"{masked_name(person)} {number}" if person else "",
        period=period,
        verdict=True if holds else False if fails else None,
        nearly=nearly,
        amount_cny=Decimal(amount) if amount is not None else None,
        clauses=tuple(rest[:clause_count]),
        facts=dict(zip(names, map(plain_json, rest[clause_count:]), strict=True)),
    )
