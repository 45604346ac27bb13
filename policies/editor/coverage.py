"""For how many firms a fact is known; a rule over the fact can decide only those."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.core.cache import cache
from django.db import connection
from psycopg.sql import SQL, Composable, Identifier, Literal

from companies.contracts.facts import catalogue
from companies.datasets.catalogue import FactGroup
from companies.models import Company, CompanyDistrict, Employment
from policies.subjects import known_subjects

# A random sample of so many firms gives a share to within two per cent.
SAMPLE_FIRMS = 2_000
COVERAGE, KEPT_SECONDS = "fact-coverage", 900


@dataclass(frozen=True, slots=True)
class Coverage:
    """The share of subjects, in whole per cent, that have a record of a group, and by fact, that have its value."""

    percent: int | None
    facts: Mapping[str, int] = field(default_factory=dict)


NOTHING_KNOWN = Coverage(None)


def coverage() -> Mapping[str, Coverage]:
    """The coverage of every table of facts, by its name; it is counted on a sample of firms and cached."""
    counted: Mapping[str, Coverage] | None = cache.get(COVERAGE)
    if counted is None:
        counted = count_coverage()
        cache.set(COVERAGE, counted, KEPT_SECONDS)
    return counted


def count_coverage() -> dict[str, Coverage]:
    """Count the coverage, in one statement."""
    groups = {group.relation: group for group in _groups()}
    statement = SQL("WITH lot AS MATERIALIZED ({}), people AS MATERIALIZED ({}) {}").format(
        _sample_query(), _people_query(), SQL(" UNION ALL ").join(_group_query(group) for group in groups.values())
    )
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(cursor.connection))
        rows = {relation: (whole, counts) for relation, whole, counts in cursor.fetchall()}
    return {name: _coverage(group, *rows[name]) for name, group in groups.items() if rows[name][0]}


def _groups() -> list[FactGroup]:
    """The groups whose records belong to a firm or a person; an item's own row would only repeat one of them."""
    found = [group for rows in known_subjects().values() for group in catalogue(item=rows.item).groups.values()]
    return [group for group in found if group.owner_column in {"company_id", "employee_id"} or group.name == "company"]


def _sample_query() -> Composable:
    return SQL("SELECT id FROM {} TABLESAMPLE BERNOULLI ({}) REPEATABLE (1)").format(
        Identifier(Company._meta.db_table),
        # A sample of an empty city would divide by zero; a small city is counted whole.
        Literal(min(100.0, 100.0 * SAMPLE_FIRMS / max(Company.objects.count(), 1))),
    )


def _people_query() -> Composable:
    return SQL("SELECT DISTINCT employee_id AS id FROM {} WHERE company_id IN (SELECT id FROM lot)").format(
        Identifier(Employment._meta.db_table)
    )


def _group_query(group: FactGroup) -> Composable:
    owner = Identifier("t", group.owner_column)
    lot = Identifier("people" if group.owner_column == "employee_id" else "lot")
    counts = [SQL("count(DISTINCT {})").format(owner)]
    counts += [
        SQL("count(DISTINCT {}) FILTER (WHERE {})").format(owner, _has(group, fact.column))
        for fact in group.facts.values()
    ]
    return SQL(
        "SELECT {}, (SELECT count(*) FROM {}), ARRAY[{}]::bigint[] FROM {} AS t WHERE {} IN (SELECT id FROM {})"
    ).format(Literal(group.relation), lot, SQL(", ").join(counts), Identifier(*group.relation.split(".")), owner, lot)


def _has(group: FactGroup, column: str) -> Composable:
    if group.name == "company" and column == "district":
        return SQL("EXISTS (SELECT FROM {} AS d WHERE d.company_id = t.id)").format(
            Identifier(CompanyDistrict._meta.db_table)
        )
    return SQL("{} IS NOT NULL").format(Identifier("t", column))


def _coverage(group: FactGroup, whole: int, counts: list[int]) -> Coverage:
    percents = [round(100 * count / whole) for count in counts]
    return Coverage(percents[0], dict(zip(group.facts, percents[1:], strict=True)))
