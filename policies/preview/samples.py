"""A few rows of many strata with the value of every clause and fact, so that an officer sees what the rules see."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from psycopg.sql import SQL, Composable, Identifier, Literal

from companies.models import Company, Employee
from policies.matching.version_sql import FENCE, compile_versions, named_columns
from policies.models import PolicyVersion
from policies.preview.figures import Sample
from policies.preview.rows import companies_with_ids, fetch_rows, plain_json
from policies.preview.sampling import choose_rows
from policies.preview.strata import Strata
from policies.rules.list_join import has_list
from qinqing.kernel.text import mask_name


def read_samples(
    *, strata: Strata, version: PolicyVersion, as_of_on: dt.date, stale: frozenset[str]
) -> tuple[Sample, ...]:
    """
    The largest and some usual eligible rows, some that fail one clause alone, and some that are unknown.

    They come from different strata, so that an officer sees as many cases as there are.
    """
    places = choose_rows(strata)
    if not places:
        return ()
    ids = sorted({company_id for company_id, _item in places})
    compiled_set = compile_versions(
        versions=[version],
        as_of_on=as_of_on,
        stale=stale,
        companies=companies_with_ids(ids),
        joins_lists=has_list(version),
    )
    compiled = compiled_set.versions[0]
    columns: list[tuple[str, Composable]] = [
        ("company_id", SQL("c.id")),
        ("item_id", SQL("coalesce({}, 0)").format(compiled_set.item_id)),
        ("district", SQL("coalesce(c.district, '')")),
        ("employee_id", compiled_set.employee_id),
        ("period", compiled.period),
        ("holds", compiled.holds),
        ("fails", compiled.fails),
        ("amount", compiled.amount),
        *((f"clause_{number}", clause) for number, clause in enumerate(compiled.clauses, start=1)),
        *((f"fact_{number}", SQL("to_jsonb({})").format(fact)) for number, fact in enumerate(compiled.facts.values())),
    ]
    decided = SQL("SELECT {} FROM {}{}").format(named_columns(columns), compiled_set.source, FENCE)
    wanted = SQL(", ").join(SQL("({}, {})").format(Literal(firm), Literal(item)) for firm, item in places)
    rows = fetch_rows(
        SQL(
            "SELECT company.name, company.credit_code, person.name, person.id_number_masked, d.*"
            " FROM ({}) AS d JOIN {} AS company ON company.id = d.company_id"
            " LEFT JOIN {} AS person ON person.id = d.employee_id WHERE (d.company_id, d.item_id) IN ({})"
        ).format(decided, Identifier(Company._meta.db_table), Identifier(Employee._meta.db_table), wanted)
    )
    found = {row[4:6]: row for row in rows}
    names, clause_count = list(compiled.facts), len(compiled.clauses)
    return tuple(
        _sample(found[place], names, clause_count, nearly=nearly) for place, nearly in places.items() if place in found
    )


def _sample(row: tuple[Any, ...], names: list[str], clause_count: int, *, nearly: bool) -> Sample:
    firm, code, person, number, _company, _item, district, _employee, period, holds, fails, amount, *rest = row
    return Sample(
        firm=firm,
        credit_code=code,
        district=district,
        person=f"{mask_name(person)} {number}" if person else "",
        period=period,
        verdict=True if holds else False if fails else None,
        nearly=nearly,
        amount_cny=Decimal(amount) if amount is not None else None,
        clauses=tuple(rest[:clause_count]),
        facts=dict(zip(names, map(plain_json, rest[clause_count:]), strict=True)),
    )
