"""Measures the preview of a draft: the time to the first estimate, and the time to the figures of every firm."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, LiteralString, TypeVar

from django.db import connection, transaction
from django.utils import timezone

from policies.models import PolicyVersion
from policies.preview.exact import estimate, preview
from policies.preview.figures import Preview
from tests.benchmarks.city import bench_city
from tests.benchmarks.parts import Measured, Ratio, Say, Size
from tests.benchmarks.preview_sql import BY_HAND

QUESTION = "How soon does an officer know whom a draft would entitle?"
SMOKE = Size(companies=600, employees=1_200)
FULL = Size(companies=1_000_000, employees=1_000_000)
ESTIMATE_SECONDS, EXACT_SECONDS = 1.0, 3.0
# Two policies that decide firms, then one for each other kind of subject.
_TYPICAL, _OTHERS = ("P-07", "P-14"), ("P-01", "P-17", "P-23", "P-36")

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class ComparedFigures:
    """The figures in which two ways of counting have to agree."""

    rows: int
    count: int
    total_cny: Decimal
    ineligible: int
    unknown: int
    left: tuple[int, ...]
    by_district: frozenset[tuple[str, int, Decimal]]


def run(*, size: Size, say: Say) -> Measured:
    """Preview policies of each kind over a city; the typical ones beside SQL written for them alone."""
    with bench_city(companies=size.companies, employees=size.employees, say=say) as city:
        versions = {version.policy.code: version for version in city.publish()}
        contenders: dict[str, dict[str, Any]] = {}
        found = [_compare(code, versions[code], contenders, say) for code in _TYPICAL]
        for code in _OTHERS:
            _measure_ours(code, versions[code], contenders, say)
    ratios = [ratio for ratios, _agrees in found for ratio in ratios]
    return Measured(
        contenders=contenders,
        ratios=tuple(ratios),
        agrees=all(agrees for _ratios, agrees in found),
        remarks=("Subjects that may come again in another firm (people, cars, titles) are decided in one piece.",),
    )


def _compare(
    code: str, version: PolicyVersion, contenders: dict[str, dict[str, Any]], say: Say
) -> tuple[list[Ratio], bool]:
    seconds, seen = _measure_ours(code, version, contenders, say)
    by_hand_seconds, by_hand = _best(lambda: _by_hand(BY_HAND[code]))
    contenders[f"{code} by hand"] = {"exact_seconds": by_hand_seconds, "eligible": by_hand.count}
    say(f"{code}: SQL written for it in {by_hand_seconds:.2f} s")
    return [
        Ratio(f"{code}: estimate, of {ESTIMATE_SECONDS:g} s", seconds[0] / ESTIMATE_SECONDS, at_most=1),
        Ratio(f"{code}: every firm, of {EXACT_SECONDS:g} s", seconds[1] / EXACT_SECONDS, at_most=1),
        Ratio(f"{code}: every firm, of the SQL written for it", seconds[1] / by_hand_seconds),
    ], _figures_of(seen) == by_hand


def _measure_ours(
    code: str, version: PolicyVersion, contenders: dict[str, dict[str, Any]], say: Say
) -> tuple[tuple[float, float], Preview]:
    now = timezone.now()
    guess_seconds, guess = _best(lambda: estimate(version=version, now=now))
    exact_seconds, exact = _best(lambda: preview(version=version, now=now))
    contenders[code] = {
        "subject": version.subject,
        "estimate_seconds": guess_seconds,
        "exact_seconds": exact_seconds,
        "estimated_firms": guess.firm_count,
        "within_firms": guess.firm_margin,
        "firms": exact.firm_count,
        "eligible": exact.count,
        "rows": exact.rows,
    }
    say(f"{code} ({version.subject}): estimate in {guess_seconds:.2f} s, all in {exact_seconds:.2f} s")
    return (guess_seconds, exact_seconds), exact


def _best(ask: Callable[[], Answer], times: int = 2) -> tuple[float, Answer]:
    """The best time of several tries, and the answer; the first try may find nothing in memory."""
    took = []
    for _time in range(times):
        start = time.perf_counter()
        answer = ask()
        took.append(time.perf_counter() - start)
    return min(took), answer


def _figures_of(seen: Preview) -> ComparedFigures:
    return ComparedFigures(
        rows=seen.rows,
        count=seen.count,
        total_cny=seen.total_cny,
        ineligible=seen.ineligible,
        unknown=seen.unknown,
        left=tuple(step.left for step in seen.steps),
        by_district=frozenset((part.key, part.count, part.total_cny) for part in seen.parts.district),
    )


def _by_hand(statement: LiteralString) -> ComparedFigures:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute(statement)
        groups = cursor.fetchall()
    whole = next(group for group in groups if group[0] is None)
    _district, rows, count, total, ineligible, unknown, *left = whole
    parts = frozenset((group[0], group[2], group[3]) for group in groups if group[0] is not None and group[2])
    return ComparedFigures(rows, count, total or Decimal(0), ineligible, unknown, tuple(left), parts)
