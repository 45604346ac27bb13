"""Who a wording would entitle, before anybody publishes it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _
from psycopg.errors import QueryCanceled
from psycopg.sql import SQL, Composable, Identifier, Literal

from companies.models import Company
from companies.queries import stale_datasets
from policies.models import PolicyVersion
from policies.queries.versions import as_of, teller
from policies.scope import limits
from policies.verdicts import Judged, Verdicts, judge, named
from qinqing.kernel.text import Bilingual

PREVIEW_SECONDS = 30


@dataclass(frozen=True, slots=True)
class PreviewedFirm:
    """A firm that would be entitled, and to how much in all, in yuan."""

    name: str
    credit_code: str
    count: int
    amount_cny: Decimal


@dataclass(frozen=True, slots=True)
class UnknownFor:
    """How many rows are undecided while a dataset says nothing about them."""

    dataset: Bilingual
    department: Bilingual
    count: int
    is_stale: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """
    What a wording would do today; claims already made are not taken off.

    `count` subjects of `firm_count` firms are eligible for `total_cny`; `unknown` and `ineligible` count the other
    rows. `first` are the first firms by id, `unknown_for` the datasets to ask for, the most wanted first.
    """

    count: int
    firm_count: int
    total_cny: Decimal
    ineligible: int
    unknown: int
    first: tuple[PreviewedFirm, ...]
    unknown_for: tuple[UnknownFor, ...]


class TooSlow(Exception):
    """The rules take too long over the whole city."""


def preview(*, version: PolicyVersion, now: dt.datetime, limit: int = 10) -> Preview:
    """
    Decide a version for the whole city without storing anything; drafts too.

    Raises:
        RuleRefused: a rule does not check.
        TooSlow: it took longer than `PREVIEW_SECONDS`.
    """
    day = as_of(version=version, now=now)
    stale = stale_datasets(as_of_on=day)
    verdicts = judge(versions=[version], as_of_on=day, stale=stale, companies=None)
    datasets = sorted({mention.dataset for mention in verdicts.judged[0].wording.needed if mention.dataset})
    try:
        with transaction.atomic(), limits(statement_seconds=PREVIEW_SECONDS, lock_seconds=PREVIEW_SECONDS):
            totals, first = _asked(_statement(verdicts, datasets, limit))
    except OperationalError as refused:
        if not isinstance(refused.__cause__, QueryCanceled):
            raise
        raise TooSlow(
            _("The rules take longer than %(seconds)d seconds over the whole city; make them simpler.")
            % {"seconds": PREVIEW_SECONDS}
        ) from refused
    count, firm_count, total, ineligible, unknown, *per_dataset = totals
    return Preview(
        count=count,
        firm_count=firm_count,
        total_cny=total,
        ineligible=ineligible,
        unknown=unknown,
        first=tuple(PreviewedFirm(*row) for row in first),
        unknown_for=_unknown_for(dict(zip(datasets, per_dataset, strict=True)), stale),
    )


def _asked(statement: Composable) -> tuple[list[Any], list[tuple[Any, ...]]]:
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(cursor.connection))
        rows = cursor.fetchall()
    return list(rows[0][4:]), [row[:4] for row in rows[1:]]


def _statement(verdicts: Verdicts, datasets: list[str], limit: int) -> Composable:
    """One row of totals, then a row for each of the first firms; the columns of the other kind are empty."""
    judged = verdicts.judged[0]
    missing = [(f"misses_{place}", _is_missing(judged, dataset)) for place, dataset in enumerate(datasets)]
    columns: list[tuple[str, Composable]] = [
        ("company_id", SQL("c.id")),
        ("holds", judged.holds),
        ("fails", judged.fails),
        ("subject_key", judged.key),
        ("period_key", judged.period),
        ("amount_cny", judged.amount),
        *missing,
    ]
    per_dataset = [
        SQL("count(*) FILTER (WHERE NOT holds AND NOT fails AND {})").format(Identifier(name)) for name, _sql in missing
    ]
    totals = [
        *(SQL("(SELECT {} FROM eligible)").format(SQL(sum_)) for sum_ in _SUMS),
        SQL("count(*) FILTER (WHERE fails)"),
        SQL("count(*) FILTER (WHERE NOT holds AND NOT fails)"),
        *per_dataset,
    ]
    return SQL("""
WITH decided AS (SELECT {columns} FROM {source}),
eligible AS (
    SELECT DISTINCT ON (subject_key, period_key) company_id, amount_cny FROM decided WHERE holds
    ORDER BY subject_key, period_key, company_id
),
first AS (
    SELECT company.name, company.credit_code, count(*), sum(amount_cny)
    FROM eligible JOIN {companies} AS company ON company.id = eligible.company_id
    GROUP BY company.id ORDER BY company.id LIMIT {limit}
)
SELECT NULL, NULL, NULL::bigint, NULL::numeric, {totals} FROM decided
UNION ALL
SELECT first.*, {no_totals} FROM first""").format(
        columns=named(columns),
        source=verdicts.source,
        companies=Identifier(Company._meta.db_table),
        limit=Literal(limit),
        totals=SQL(", ").join(totals),
        no_totals=SQL(", ").join([SQL("NULL")] * len(totals)),
    )


_SUMS = ("count(*)", "count(DISTINCT company_id)", "coalesce(sum(amount_cny), 0)")


def _is_missing(judged: Judged, dataset: str) -> Composable:
    facts = [judged.facts[mention.text] for mention in judged.wording.needed if mention.dataset == dataset]
    return SQL("({})").format(SQL(" OR ").join(SQL("{} IS NULL").format(fact) for fact in facts))


def _unknown_for(counts: dict[str, int], stale: frozenset[str]) -> tuple[UnknownFor, ...]:
    found = [UnknownFor(*teller(dataset=name), count, name in stale) for name, count in counts.items() if count]
    return tuple(sorted(found, key=lambda unknown: -unknown.count))
