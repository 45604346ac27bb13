"""What the city has paid: every counter counts either distinct ones or payouts, as of a stated time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from threading import Lock, Thread
from time import perf_counter
from typing import NamedTuple

from django.conf import settings
from django.core.cache import cache
from django.db import connection, connections

from companies.models import District
from payouts.models.claims.received import IS_KEPT, KEPT_CNY
from policies.models import Policy, PolicyVersion, VersionStatus
from qinqing.kernel.database.reading import as_reader
from qinqing.kernel.text import Bilingual

# To count a whole city takes seconds, so everybody sees the same count for a while, with the time at which it was made.
# The next count begins beside the page when two thirds of that while are over, so less than a twentieth of the time
# goes into counts, however large the city is.
SHOWN = timedelta(seconds=10)
SHOWN_FOR_EACH_SECOND = 30
RENEWED_AFTER = 2 / 3
FIGURES, KEPT_SECONDS = "cockpit-figures", 86_400
# Each process remembers its own count, and counts once at a time.
_COUNTING = Lock()


@dataclass(frozen=True, slots=True)
class Headline:
    """The city's totals: money in yuan; companies and employees are distinct, payouts and claims are not."""

    policies: int
    paid_cny: Decimal
    companies: int
    employees: int
    claims: int
    payouts: int


@dataclass(frozen=True, slots=True)
class FigurePart:
    """A policy's, district's or day's part; `companies` and `employees` are distinct in it, None if not counted."""

    label: Bilingual
    payouts: int
    paid_cny: Decimal
    companies: int | None = None
    employees: int | None = None
    code: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything the cockpit shows, as of `counted_at`."""

    headline: Headline
    by_policy: tuple[FigurePart, ...]
    by_district: tuple[FigurePart, ...]
    by_day: tuple[FigurePart, ...]
    counted_at: datetime
    counted_in: timedelta = timedelta(0)

    @property
    def shown_for(self) -> timedelta:
        """How long the figures are shown."""
        return max(SHOWN, SHOWN_FOR_EACH_SECOND * self.counted_in)

    def may_be_shown(self, now: datetime) -> bool:
        """Whether the figures are young enough; figures from a clock that was ahead wait until their time has come."""
        return self.counted_at - SHOWN <= now < self.counted_at + self.shown_for

    def is_to_be_renewed(self, now: datetime) -> bool:
        """Whether the next count begins while these figures are still shown."""
        return now >= self.counted_at + RENEWED_AFTER * self.shown_for


class CountedRow(NamedTuple):
    """A row of the count."""

    kind: str
    key: str
    payouts: int
    paid_cny: Decimal
    companies: int | None
    employees: int | None
    claims: int | None


# The key of payouts in a district that no longer existed on that day; no district has this code.
DISSOLVED = "dissolved"

# One statement, so that all parts are of one instant. Grouping before counting is what keeps "distinct" cheap.
# It counts money that left and has not come back, so that its sum equals that of the funds' books.
COUNT = f"""
WITH paid AS NOT MATERIALIZED (
    SELECT p.policy_id, p.company_id, p.employee_id, p.claim_id, {KEPT_CNY} AS amount_cny, p.paid_at,
        CASE WHEN p.paid_at >= d.valid_until::timestamp AT TIME ZONE %(zone)s THEN '{DISSOLVED}' ELSE p.district END
            AS district
    FROM payouts_payout p LEFT JOIN companies_district d ON d.code = p.district WHERE {IS_KEPT}
)
SELECT 'city', '', 0, 0::numeric,
    (SELECT count(*) FROM (SELECT DISTINCT company_id FROM paid) AS firms),
    (SELECT count(*) FROM (SELECT DISTINCT employee_id FROM paid WHERE employee_id IS NOT NULL) AS people),
    (SELECT count(*) FROM (SELECT DISTINCT claim_id FROM paid) AS clicks)
UNION ALL
SELECT 'policy', policy_id::text, count(*), sum(amount_cny), count(DISTINCT company_id), count(DISTINCT employee_id), 0
FROM paid GROUP BY policy_id
UNION ALL
SELECT 'district', district, sum(payouts)::bigint, sum(paid_cny), count(*), NULL, 0
FROM (
    SELECT district, company_id, count(*) AS payouts, sum(amount_cny) AS paid_cny
    FROM paid GROUP BY district, company_id
) AS firms GROUP BY district
UNION ALL
SELECT 'day', ((paid_at AT TIME ZONE %(zone)s)::date)::text, count(*), sum(amount_cny), NULL, NULL, 0
FROM paid GROUP BY 2
"""  # noqa: S608 - what is put into it are texts of our own


def figures(*, now: datetime) -> Figures:
    """
    The city's figures, at most ten seconds old, or thirty times as old as it takes to count them.

    While somebody looks, the next count goes on beside the page. Only the first reader after a quiet while waits for a
    count, and readers who come meanwhile wait for the same one.
    """
    last = _last_count(now)
    if last is None:
        with _COUNTING:
            return _last_count(now) or _count(now)
    if last.is_to_be_renewed(now):
        _begin_count(now)
    return last


def _last_count(now: datetime) -> Figures | None:
    last: Figures | None = cache.get(FIGURES)
    return last if last and last.may_be_shown(now) else None


def _count(now: datetime) -> Figures:
    start = perf_counter()
    counted = replace(count(now=now), counted_in=timedelta(seconds=perf_counter() - start))
    cache.set(FIGURES, counted, KEPT_SECONDS)
    return counted


def _begin_count(now: datetime) -> None:
    """Count in a thread of its own, unless a thread counts already."""
    # Another connection would not see what this transaction has written.
    if not connection.in_atomic_block and _COUNTING.acquire(blocking=False):
        Thread(target=_count_beside, args=(now,), name="cockpit", daemon=True).start()


def _count_beside(now: datetime) -> None:
    try:
        _count(now)
    finally:
        _COUNTING.release()
        connections.close_all()


def count(*, now: datetime) -> Figures:
    """Count the city's figures, all of one instant, as the role that may only read."""
    with as_reader():
        return _count_as_reader(now)


def _count_as_reader(now: datetime) -> Figures:
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"zone": settings.TIME_ZONE})
        rows = [CountedRow(*row) for row in cursor.fetchall()]
    by_kind = {kind: [row for row in rows if row.kind == kind] for kind in ("city", "policy", "district", "day")}
    return Figures(
        headline=_headline(by_kind["city"][0], by_kind["policy"]),
        by_policy=_by_policy(by_kind["policy"]),
        by_district=_by_district(by_kind["district"]),
        by_day=tuple(_make_day_part(row) for row in sorted(by_kind["day"], key=lambda row: row.key)),
        counted_at=now,
    )


def _headline(city: CountedRow, policies: Iterable[CountedRow]) -> Headline:
    rows = list(policies)
    return Headline(
        policies=PolicyVersion.objects.filter(status=VersionStatus.PUBLISHED).count(),
        paid_cny=sum((row.paid_cny for row in rows), Decimal(0)),
        companies=city.companies or 0,
        employees=city.employees or 0,
        claims=city.claims or 0,
        payouts=sum(row.payouts for row in rows),
    )


def _by_policy(rows: Iterable[CountedRow]) -> tuple[FigurePart, ...]:
    policies = {str(policy.pk): policy for policy in Policy.objects.all()}
    parts = []
    for row in rows:
        policy = policies[row.key]
        parts.append(
            FigurePart(policy.title, row.payouts, row.paid_cny, row.companies, row.employees, code=policy.code)
        )
    return tuple(sorted(parts, key=lambda part: part.code))


def _by_district(rows: Iterable[CountedRow]) -> tuple[FigurePart, ...]:
    names = {district.code: Bilingual(district.name_zh, district.name_en) for district in District.objects.all()}
    names[DISSOLVED] = Bilingual("已撤销的区县", "Districts since dissolved")
    elsewhere = Bilingual("未登记区县", "No district on record")
    parts = [FigurePart(names.get(row.key, elsewhere), row.payouts, row.paid_cny, row.companies) for row in rows]
    return tuple(sorted(parts, key=lambda part: (-part.paid_cny, part.label.zh)))


def _make_day_part(row: CountedRow) -> FigurePart:
    return FigurePart(Bilingual(row.key, row.key), row.payouts, row.paid_cny, on=date.fromisoformat(row.key))
