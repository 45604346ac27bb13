"""Estimates for how many a rule holds while an officer writes it, by a small sample of firms."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.db import transaction
from psycopg.sql import SQL, Composable

from companies.firms.queries import stale_datasets
from companies.models import Company
from policies.feel.definitions import Definitions
from policies.feel.terms import Expression
from policies.matching.version_sql import rule_statement
from policies.preview.counts import Scale
from policies.preview.exact import TooSlow, draw_sample, time_limit
from policies.preview.rows import fetch_rows
from policies.rules.company_set import company_table
from policies.rules.rules import check_amount, check_clause

# A sample of so many firms gives a share to within about two points; a smaller city is counted whole.
SAMPLE_FIRMS = 2_000
# A statement that takes longer is stopped, because the officer does not wait for it; the preview may take longer.
COUNT_SECONDS = 1.5
CACHE_SECONDS = 120
_COUNTS = SQL(
    "SELECT count(*), count(*) FILTER (WHERE r.value), count(*) FILTER (WHERE NOT r.value), NULL, NULL FROM ({}) AS r"
)
_AMOUNTS = SQL(
    "SELECT count(*), count(*) FILTER (WHERE r.value > 0), count(*) FILTER (WHERE r.value <= 0),"
    " percentile_disc(0.5) WITHIN GROUP (ORDER BY r.value) FILTER (WHERE r.value > 0),"
    " max(r.value) FROM ({}) AS r"
)


@dataclass(frozen=True, slots=True)
class MatchEstimate:
    """
    For how many rows (firms, people, loans, …) a rule holds, does not, or cannot be told.

    `looked_at` of `city_firms` firms were asked. For an amount, holding is being more than nothing; `median_cny` and
    `largest_cny` are of the amounts found. The four counts are of the rows that were looked at; `holds_in_city` is
    scaled. None of them is there (`is_too_slow`) when the statement was stopped.
    """

    city_firms: int
    looked_at: int
    rows: int = 0
    holds: int = 0
    fails: int = 0
    unknown: int = 0
    holds_in_city: int = 0
    median_cny: Decimal | None = None
    largest_cny: Decimal | None = None
    is_too_slow: bool = False

    @property
    def told(self) -> int:
        """The number of rows for which the rule has an answer."""
        return self.holds + self.fails

    @property
    def is_estimate(self) -> bool:
        """Whether the rule was applied only to a sample of the firms."""
        return self.looked_at < self.city_firms


def estimate_matches(
    *, text: str, subject: str, is_amount: bool, definitions: Definitions, as_of_on: dt.date
) -> MatchEstimate:
    """
    Estimate by a sample of firms; the same rule is not counted again within `CACHE_SECONDS`.

    Raises:
        RuleRefused: the text is no rule over the facts of the subject.
    """
    rule = (check_amount if is_amount else check_clause)(text, subject=subject, definitions=definitions)
    asked_for = repr((text, subject, is_amount, definitions, as_of_on)).encode()
    key = f"rule-count:{hashlib.sha256(asked_for).hexdigest()}"
    kept: dict[str, Any] | None = cache.get(key)
    if kept is None:
        kept = asdict(_count_sample(rule, subject, as_of_on, is_amount=is_amount))
        cache.set(key, kept, CACHE_SECONDS)
    return MatchEstimate(**kept)


def _count_sample(rule: Expression, subject: str, as_of_on: dt.date, *, is_amount: bool) -> MatchEstimate:
    city_firms, stale = Company.objects.count(), stale_datasets(as_of_on=as_of_on)
    with transaction.atomic():
        lot = draw_sample(city_firms, firms=SAMPLE_FIRMS)
        with company_table(lot) as companies:
            statement = rule_statement(rule=rule, subject=subject, as_of_on=as_of_on, stale=stale, companies=companies)
            try:
                with time_limit(COUNT_SECONDS):
                    counts = _fetch_counts(statement, is_amount=is_amount)
            except TooSlow:
                return MatchEstimate(city_firms, len(lot), is_too_slow=True)
    rows, holds, fails, median, largest = counts
    return MatchEstimate(
        city_firms=city_firms,
        looked_at=len(lot),
        rows=rows,
        holds=holds,
        fails=fails,
        unknown=rows - holds - fails,
        holds_in_city=Scale(city_firms, len(lot)).count(holds),
        median_cny=median,
        largest_cny=largest,
    )


def _fetch_counts(statement: Composable, *, is_amount: bool) -> tuple[Any, ...]:
    return fetch_rows((_AMOUNTS if is_amount else _COUNTS).format(statement))[0]
