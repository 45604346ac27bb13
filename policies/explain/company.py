"""Why a company is entitled or not: each condition with its verdict, and the facts with who said them and when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from psycopg.sql import SQL, Composable, Identifier, Literal

from companies.datasets.catalogue import Absence
from companies.datasets.departments import DEPARTMENTS
from companies.datasets.facts import catalogue
from companies.firms.queries import freshness, stale_datasets
from companies.models import Company
from policies.explain.rule_words import in_words
from policies.explain.types import ClauseReason, FactShown, ItemReason, Missing, Reasons, Verdict
from policies.feel.terms import Expression, Record, walk
from policies.feel.words.mentions import Mention, find_mentions
from policies.matching.version_sql import Judged, Verdicts, judge, named
from policies.models import ClaimedPerson, Entitlement, PolicyVersion
from policies.rules.rules import needed
from policies.rules.versions import as_of, teller
from qinqing.kernel.text import Bilingual

ITEMS_SHOWN = 50


def explain_company(*, company: Company, version: PolicyVersion, now: dt.datetime) -> Reasons:
    """
    Explain a version to one company, from the same rules and the same engine that matching pays by.

    Raises:
        RuleRefused: a rule of the version does not check.
    """
    day = as_of(version=version, now=now)
    known = _Known(stale_datasets(as_of_on=day), freshness())
    verdicts = judge(
        versions=[version],
        as_of_on=day,
        stale=known.stale,
        companies=lambda owner: SQL("{} = {}").format(owner, Literal(company.pk)),
        keeps_itemless=True,
    )
    judged = verdicts.judged[0]
    counts, rows = _asked(_counting(verdicts))[0], _asked(_listing(verdicts))
    verdict = _overall(judged, counts, known)
    shown = _shown(judged, rows[0], known)
    return Reasons(
        verdict=verdict,
        amount_cny=counts["amount"] or Decimal(0),
        as_of_on=day,
        clauses=_clauses(judged, counts, shown),
        items=_items(judged, rows) if judged.rows.item and counts["rows"] else (),
        row_count=counts["rows"],
        shut_out_count=counts["shut_out"],
        elsewhere_count=counts["elsewhere"],
        missing=_missing(judged, counts, shown, known) if verdict == Verdict.UNKNOWN else (),
    )


@dataclass(frozen=True, slots=True)
class _Known:
    stale: frozenset[str]
    delivered_on: Mapping[str, dt.date]


Row = dict[str, Any]


def _asked(statement: Composable) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(cursor.connection))
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _counting(verdicts: Verdicts) -> Composable:
    """One row: how many rows there are, and for how many of them each thing is so."""
    judged = verdicts.judged[0]
    is_row = SQL("i.id IS NOT NULL") if judged.rows.item else SQL("true")
    is_met = SQL("({} AND {})").format(judged.holds, is_row)
    is_shut_out, is_elsewhere = _is_claimed_otherwise(judged), _is_held_elsewhere(judged)
    holds = SQL("({} AND NOT {} AND NOT {})").format(is_met, is_shut_out, is_elsewhere)
    is_undecided = SQL("NOT {} AND NOT {}").format(judged.holds, judged.fails)
    conditions: list[tuple[str, Composable]] = [
        ("rows", is_row),
        ("eligible", holds),
        ("shut_out", SQL("({} AND {})").format(is_met, is_shut_out)),
        ("elsewhere", SQL("({} AND NOT {} AND {})").format(is_met, is_shut_out, is_elsewhere)),
        ("undecided", is_undecided),
        ("unpriced", SQL("{} IS NULL AND {}").format(judged.pays, is_undecided)),
    ]
    for number, clause in enumerate(judged.clauses, start=1):
        conditions += [
            (f"passing_{number}", clause),
            (f"failing_{number}", SQL("NOT {}").format(clause)),
            (f"leaves_open_{number}", SQL("{} IS NULL AND {}").format(clause, is_undecided)),
        ]
    for number, fact in enumerate(judged.facts.values(), start=1):
        conditions.append((f"wanted_{number}", SQL("{} IS NULL AND {}").format(fact, is_undecided)))
    counts = [(name, SQL("count(*) FILTER (WHERE {})").format(condition)) for name, condition in conditions]
    amount = SQL("sum({}) FILTER (WHERE {})").format(judged.amount, holds)
    return SQL("SELECT count(*) AS total, {}, {} AS amount FROM {}").format(named(counts), amount, verdicts.source)


def _listing(verdicts: Verdicts) -> Composable:
    """The first rows, those that pay most first, with every verdict and fact."""
    judged = verdicts.judged[0]
    columns: list[tuple[str, Composable]] = [
        ("item_id", verdicts.item_id),
        ("holds", judged.holds),
        ("fails", judged.fails),
        ("amount", judged.amount),
        ("subject_key", judged.key),
        ("period_key", judged.period),
        ("person", SQL("p.name || ' ' || p.id_number_masked") if judged.rows.is_person else SQL("NULL::text")),
        ("is_held_elsewhere", _is_held_elsewhere(judged)),
        *((f"clause_{number}", clause) for number, clause in enumerate(judged.clauses, start=1)),
        *((f"fact_{number}", fact) for number, fact in enumerate(judged.facts.values(), start=1)),
    ]
    return SQL("SELECT {} FROM {} ORDER BY {} DESC, {}, {} DESC NULLS LAST, {} LIMIT {}").format(
        named(columns),
        verdicts.source,
        judged.holds,
        judged.fails,
        judged.amount,
        verdicts.item_id,
        Literal(ITEMS_SHOWN),
    )


def _is_held_elsewhere(judged: Judged) -> Composable:
    return SQL(
        "EXISTS (SELECT FROM {} AS e WHERE e.policy_id = {} AND e.subject_key = {} AND e.period_key = {}"
        " AND e.status IN ('open', 'claimed') AND e.company_id <> c.id)"
    ).format(Identifier(Entitlement._meta.db_table), Literal(judged.version.policy_id), judged.key, judged.period)


def _is_claimed_otherwise(judged: Judged) -> Composable:
    """Whether one of the people behind the row has claimed under another key or at another firm."""
    if not judged.rows.persons:
        return SQL("false")
    return SQL(
        "EXISTS (SELECT FROM {} AS h JOIN {} AS e ON e.id = h.entitlement_id WHERE h.policy_id = {}"
        " AND h.period_key = {} AND h.person_id IN ({}) AND (e.subject_key <> {} OR e.company_id <> c.id))"
    ).format(
        Identifier(ClaimedPerson._meta.db_table),
        Identifier(Entitlement._meta.db_table),
        Literal(judged.version.policy_id),
        judged.period,
        SQL(", ").join(SQL(person) for person in judged.rows.persons),
        judged.key,
    )


def _overall(judged: Judged, counts: Row, known: _Known) -> Verdict:
    if counts["eligible"]:
        return Verdict.ELIGIBLE
    if judged.rows.item and not counts["rows"]:
        group = catalogue(item=judged.rows.item).groups[judged.rows.item]
        if group.absence is Absence.NONE and group.dataset not in known.stale:
            return Verdict.INELIGIBLE
    return Verdict.UNKNOWN if counts["undecided"] else Verdict.INELIGIBLE


def _clauses(judged: Judged, counts: Row, shown: Mapping[str, FactShown]) -> tuple[ClauseReason, ...]:
    texts = sorted(judged.version.clauses.all(), key=lambda clause: clause.position)
    return tuple(
        _clause(number, text.title, rule, counts, shown)
        for number, (text, rule) in enumerate(zip(texts, judged.wording.clauses, strict=True), start=1)
    )


def _clause(
    number: int, title: Bilingual, rule: Expression, counts: Row, shown: Mapping[str, FactShown]
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


def _shown(judged: Judged, row: Row, known: _Known) -> dict[str, FactShown]:
    by_text = {mention.text: mention for mention in judged.wording.mentions}
    return {
        text: _fact(by_text[text], row[f"fact_{number}"], judged, known)
        for number, text in enumerate(judged.facts, start=1)
    }


def _fact(mention: Mention, value: object, judged: Judged, known: _Known) -> FactShown:
    assert mention.group, "a policy mentions nothing but what departments deliver"
    is_of_item = _is_of_item(mention, judged)
    return FactShown(
        path=mention.text,
        label=in_words(Expression(mention.text, mention.term, mention.type)),
        value=None if is_of_item else value,
        dataset=mention.group.dataset,
        department=DEPARTMENTS[mention.group.department],
        as_of_on=known.delivered_on.get(mention.group.dataset),
        is_stale=mention.group.dataset in known.stale,
        is_of_item=is_of_item,
    )


def _is_of_item(mention: Mention, judged: Judged) -> bool:
    """Whether the value differs from row to row: it is about the item or its person, or looks at them."""
    subjects = {term.group.subject for term in walk(mention.term) if isinstance(term, Record) and term.scope is None}
    subjects |= {mention.group.subject} if mention.group else set()
    return bool(judged.rows.item) and subjects != {"company"}


def _items(judged: Judged, rows: list[Row]) -> tuple[ItemReason, ...]:
    texts = [mention.text for mention in judged.wording.mentions if _is_of_item(mention, judged)]
    places = {text: number for number, text in enumerate(judged.facts, start=1)}
    return tuple(
        ItemReason(
            label=row["person"] or row["period_key"] or row["subject_key"].split(":", 1)[1],
            verdict=Verdict.ELIGIBLE if row["holds"] else Verdict.INELIGIBLE if row["fails"] else Verdict.UNKNOWN,
            amount_cny=row["amount"],
            clauses=tuple(row[f"clause_{number}"] for number in range(1, len(judged.clauses) + 1)),
            facts={text: row[f"fact_{places[text]}"] for text in texts},
            is_held_elsewhere=row["is_held_elsewhere"],
        )
        for row in rows
    )


def _missing(judged: Judged, counts: Row, shown: Mapping[str, FactShown], known: _Known) -> tuple[Missing, ...]:
    """The datasets behind what is undecided."""
    rules = [rule for number, rule in enumerate(judged.wording.clauses, start=1) if counts[f"leaves_open_{number}"]]
    rules += [judged.wording.amount] if counts["unpriced"] else []
    wanted = {mention.text for rule in rules for mention in needed(rule, stale=known.stale)}
    found = {
        shown[text].dataset: shown[text]
        for number, text in enumerate(judged.facts, start=1)
        if text in wanted and counts[f"wanted_{number}"]
    }
    told = {name: fact.is_stale for name, fact in found.items()}
    told |= dict.fromkeys(sorted(judged.stale_rows), True) if counts["unpriced"] else {}
    return tuple(
        Missing(*teller(dataset=name), known.delivered_on.get(name), is_stale) for name, is_stale in told.items()
    )
