"""Explains why a company is entitled or not: each condition, its verdict, its facts, and who delivered them when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from psycopg.sql import SQL, Composable, Identifier, Literal

from companies.contracts.departments import departments
from companies.contracts.facts import catalogue
from companies.datasets.catalogue import Absence
from companies.firms.queries import freshness, stale_datasets
from companies.models import Company
from policies.explain.rule_words import in_words
from policies.explain.types import ClauseReason, FactShown, ItemReason, Missing, Reasons, Verdict
from policies.feel.terms import Expression, Record, walk
from policies.feel.words.mentions import Mention, find_mentions
from policies.matching.version_sql import CompiledSet, CompiledVersion, compile_versions, named_columns
from policies.models import ClaimedPerson, Entitlement, PolicyVersion
from policies.rules.rules import needed_mentions
from policies.rules.versions import as_of, dataset_source
from policies.subjects import name_in_key
from qinqing.kernel.text import Bilingual

ITEMS_SHOWN = 50


def explain_company(*, company: Company, version: PolicyVersion, now: dt.datetime) -> Reasons:
    """
    Explain a version to one company, from the same rules and the same engine that matching pays by.

    Raises:
        RuleRefused: a rule of the version does not check.
    """
    day = as_of(version=version, now=now)
    known = _Freshness(stale_datasets(as_of_on=day), freshness())
    compiled_set = compile_versions(
        versions=[version],
        as_of_on=day,
        stale=known.stale,
        companies=lambda owner: SQL("{} = {}").format(owner, Literal(company.pk)),
        keeps_itemless=True,
    )
    compiled = compiled_set.versions[0]
    counts, rows = _fetch_rows(_counts_query(compiled_set))[0], _fetch_rows(_rows_query(compiled_set))
    verdict = _overall_verdict(compiled, counts, known)
    shown = _facts_shown(compiled, rows[0], known)
    return Reasons(
        verdict=verdict,
        amount_cny=counts["amount"] or Decimal(0),
        as_of_on=day,
        clauses=_clause_reasons(compiled, counts, shown),
        items=_item_reasons(compiled, rows) if compiled.rows.item and counts["rows"] else (),
        row_count=counts["rows"],
        shut_out_count=counts["shut_out"],
        elsewhere_count=counts["elsewhere"],
        missing=_missing_datasets(compiled, counts, shown, known) if verdict == Verdict.UNKNOWN else (),
    )


@dataclass(frozen=True, slots=True)
class _Freshness:
    stale: frozenset[str]
    delivered_on: Mapping[str, dt.date]


NamedRow = dict[str, Any]


def _fetch_rows(statement: Composable) -> list[NamedRow]:
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(cursor.connection))
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _counts_query(compiled_set: CompiledSet) -> Composable:
    """The SELECT of one row of counts: all rows, and how many of them meet each condition."""
    compiled = compiled_set.versions[0]
    is_row = SQL("i.id IS NOT NULL") if compiled.rows.item else SQL("true")
    is_met = SQL("({} AND {})").format(compiled.holds, is_row)
    is_shut_out, is_elsewhere = _is_claimed_otherwise(compiled), _is_entitled_elsewhere(compiled)
    holds = SQL("({} AND NOT {} AND NOT {})").format(is_met, is_shut_out, is_elsewhere)
    is_undecided = SQL("NOT {} AND NOT {}").format(compiled.holds, compiled.fails)
    conditions: list[tuple[str, Composable]] = [
        ("rows", is_row),
        ("eligible", holds),
        ("shut_out", SQL("({} AND {})").format(is_met, is_shut_out)),
        ("elsewhere", SQL("({} AND NOT {} AND {})").format(is_met, is_shut_out, is_elsewhere)),
        ("undecided", is_undecided),
        ("unpriced", SQL("{} IS NULL AND {}").format(compiled.pays, is_undecided)),
    ]
    for number, clause in enumerate(compiled.clauses, start=1):
        conditions += [
            (f"passing_{number}", clause),
            (f"failing_{number}", SQL("NOT {}").format(clause)),
            (f"leaves_open_{number}", SQL("{} IS NULL AND {}").format(clause, is_undecided)),
        ]
    for number, fact in enumerate(compiled.facts.values(), start=1):
        conditions.append((f"wanted_{number}", SQL("{} IS NULL AND {}").format(fact, is_undecided)))
    counts = [(name, SQL("count(*) FILTER (WHERE {})").format(condition)) for name, condition in conditions]
    amount = SQL("sum({}) FILTER (WHERE {})").format(compiled.amount, holds)
    return SQL("SELECT count(*) AS total, {}, {} AS amount FROM {}").format(
        named_columns(counts), amount, compiled_set.source
    )


def _rows_query(compiled_set: CompiledSet) -> Composable:
    """The SELECT of the first rows with every verdict and fact; eligible rows with the largest amount come first."""
    compiled = compiled_set.versions[0]
    columns: list[tuple[str, Composable]] = [
        ("company_id", SQL("c.id")),
        ("item_id", compiled_set.item_id),
        ("holds", compiled.holds),
        ("fails", compiled.fails),
        ("amount", compiled.amount),
        ("subject_key", compiled.key),
        ("period_key", compiled.period),
        ("person", SQL("p.name || ' ' || p.id_number_masked") if compiled.rows.is_person else SQL("NULL::text")),
        ("is_held_elsewhere", _is_entitled_elsewhere(compiled)),
        *((f"clause_{number}", clause) for number, clause in enumerate(compiled.clauses, start=1)),
        *((f"fact_{number}", fact) for number, fact in enumerate(compiled.facts.values(), start=1)),
    ]
    return SQL("SELECT {} FROM {} ORDER BY {} DESC, {}, {} DESC NULLS LAST, {} LIMIT {}").format(
        named_columns(columns),
        compiled_set.source,
        compiled.holds,
        compiled.fails,
        compiled.amount,
        compiled_set.item_id,
        Literal(ITEMS_SHOWN),
    )


def _is_entitled_elsewhere(compiled: CompiledVersion) -> Composable:
    return SQL(
        "EXISTS (SELECT FROM {} AS e WHERE e.policy_id = {} AND e.subject_key = {} AND e.period_key = {}"
        " AND e.status IN ('open', 'claimed') AND e.company_id <> c.id)"
    ).format(Identifier(Entitlement._meta.db_table), Literal(compiled.version.policy_id), compiled.key, compiled.period)


def _is_claimed_otherwise(compiled: CompiledVersion) -> Composable:
    """The condition that one of the people behind the row has claimed under another key or at another firm."""
    if not compiled.rows.persons:
        return SQL("false")
    return SQL(
        "EXISTS (SELECT FROM {} AS h JOIN {} AS e ON e.id = h.entitlement_id WHERE h.policy_id = {}"
        " AND h.period_key = {} AND h.person_id IN ({}) AND (e.subject_key <> {} OR e.company_id <> c.id))"
    ).format(
        Identifier(ClaimedPerson._meta.db_table),
        Identifier(Entitlement._meta.db_table),
        Literal(compiled.version.policy_id),
        compiled.period,
        SQL(", ").join(SQL(person) for person in compiled.rows.persons),
        compiled.key,
    )


def _overall_verdict(compiled: CompiledVersion, counts: NamedRow, known: _Freshness) -> Verdict:
    if counts["eligible"]:
        return Verdict.ELIGIBLE
    if compiled.rows.item and not counts["rows"]:
        group = catalogue(item=compiled.rows.item).groups[compiled.rows.item]
        if group.absence is Absence.NONE and group.dataset not in known.stale:
            return Verdict.INELIGIBLE
    return Verdict.UNKNOWN if counts["undecided"] else Verdict.INELIGIBLE


def _clause_reasons(
    compiled: CompiledVersion, counts: NamedRow, shown: Mapping[str, FactShown]
) -> tuple[ClauseReason, ...]:
    texts = sorted(compiled.version.clauses.all(), key=lambda clause: clause.position)
    return tuple(
        _clause_reason(number, text.title, rule, counts, shown)
        for number, (text, rule) in enumerate(zip(texts, compiled.rules.clauses, strict=True), start=1)
    )


def _clause_reason(
    number: int, title: Bilingual, rule: Expression, counts: NamedRow, shown: Mapping[str, FactShown]
) -> ClauseReason:
    passing, failing = counts[f"passing_{number}"], counts[f"failing_{number}"]
    unknown = counts["total"] - passing - failing
    return ClauseReason(
        number=number,
        title=title,
        feel=rule.text,
        in_words=in_words(rule),
        verdict=True if passing else None if unknown else False,
        passing=passing,
        failing=failing,
        unknown=unknown,
        facts=tuple(shown[mention.text] for mention in find_mentions(rule)),
    )


def _facts_shown(compiled: CompiledVersion, row: NamedRow, known: _Freshness) -> dict[str, FactShown]:
    by_text = {mention.text: mention for mention in compiled.rules.mentions}
    return {
        text: _fact_shown(by_text[text], row[f"fact_{number}"], compiled, known)
        for number, text in enumerate(compiled.facts, start=1)
    }


def _fact_shown(mention: Mention, value: object, compiled: CompiledVersion, known: _Freshness) -> FactShown:
    assert mention.group, "a policy mentions nothing but what departments deliver"
    is_of_item = _is_of_item(mention, compiled)
    return FactShown(
        path=mention.text,
        label=in_words(Expression(mention.text, mention.term, mention.type)),
        value=None if is_of_item else value,
        dataset=mention.group.dataset,
        department=departments()[mention.group.department],
        as_of_on=known.delivered_on.get(mention.group.dataset),
        is_stale=mention.group.dataset in known.stale,
        is_of_item=is_of_item,
    )


def _is_of_item(mention: Mention, compiled: CompiledVersion) -> bool:
    """Whether the value differs from row to row, because it depends on the item or its person."""
    subjects = {term.group.subject for term in walk(mention.term) if isinstance(term, Record) and term.scope is None}
    subjects |= {mention.group.subject} if mention.group else set()
    return bool(compiled.rows.item) and subjects != {"company"}


def _item_reasons(compiled: CompiledVersion, rows: list[NamedRow]) -> tuple[ItemReason, ...]:
    texts = [mention.text for mention in compiled.rules.mentions if _is_of_item(mention, compiled)]
    places = {text: number for number, text in enumerate(compiled.facts, start=1)}
    return tuple(
        ItemReason(
            label=row["person"] or row["period_key"] or name_in_key(row["subject_key"], company_id=row["company_id"]),
            verdict=Verdict.ELIGIBLE if row["holds"] else Verdict.INELIGIBLE if row["fails"] else Verdict.UNKNOWN,
            amount_cny=row["amount"],
            clauses=tuple(row[f"clause_{number}"] for number in range(1, len(compiled.clauses) + 1)),
            facts={text: row[f"fact_{places[text]}"] for text in texts},
            is_held_elsewhere=row["is_held_elsewhere"],
        )
        for row in rows
    )


def _missing_datasets(
    compiled: CompiledVersion, counts: NamedRow, shown: Mapping[str, FactShown], known: _Freshness
) -> tuple[Missing, ...]:
    """The datasets whose absence leaves rows undecided."""
    rules = [rule for number, rule in enumerate(compiled.rules.clauses, start=1) if counts[f"leaves_open_{number}"]]
    rules += [compiled.rules.amount] if counts["unpriced"] else []
    wanted = {mention.text for rule in rules for mention in needed_mentions(rule, stale=known.stale)}
    found = {
        shown[text].dataset: shown[text]
        for number, text in enumerate(compiled.facts, start=1)
        if text in wanted and counts[f"wanted_{number}"]
    }
    is_stale_by_name = {name: fact.is_stale for name, fact in found.items()}
    is_stale_by_name |= dict.fromkeys(sorted(compiled.stale_rows), True) if counts["unpriced"] else {}
    return tuple(
        Missing(*dataset_source(dataset=name), known.delivered_on.get(name), is_stale)
        for name, is_stale in is_stale_by_name.items()
    )
