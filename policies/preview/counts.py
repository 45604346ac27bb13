"""Figures from strata: totals, the funnel, the segments of the city, and the data that is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import chain
from math import sqrt
from operator import attrgetter
from statistics import median_low
from typing import Any

from policies.preview.figures import Segment, Segments, Spread, StepCounts, UnknownFor
from policies.preview.rows import needed_datasets
from policies.preview.strata import RuleResults, Strata, Stratum, StratumKey
from qinqing.kernel.money import DECIMAL_PLACES, round_to_fen

# Within so many standard deviations lie 95 % of a normal distribution.
CERTAINTY = 1.96


@dataclass(frozen=True, slots=True)
class Scale:
    """Scales counts of the firms in the sample to all firms of the city."""

    city_firms: int
    looked_at: int

    @property
    def factor(self) -> Decimal:
        """How many firms of the city one firm of the sample stands for."""
        return Decimal(self.city_firms) / max(self.looked_at, 1)

    def count(self, counted: int) -> int:
        """A count for the whole city."""
        return int((counted * self.factor).to_integral_value(ROUND_HALF_UP))

    def cny(self, counted: Decimal) -> Decimal:
        """A sum for the whole city."""
        return round_to_fen(counted * self.factor)

    def margin(self, deviation: float) -> float:
        """The half-width of the 95 % confidence interval of a scaled total, by the standard deviation over firms."""
        if self.looked_at >= self.city_firms or self.looked_at == 0:
            return 0.0
        rest = sqrt(1 - self.looked_at / self.city_firms)
        return CERTAINTY * self.city_firms * deviation / sqrt(self.looked_at) * rest


def count_verdicts(strata: Strata, *, stale: frozenset[str], scale: Scale) -> dict[str, Any]:
    """The figures over all rows: verdicts, steps of the funnel and missing data."""
    by_outcome = strata.rows_by_outcome()
    by_verdict: Counter[bool | None] = Counter()
    for outcome, rows in by_outcome.items():
        by_verdict[outcome.verdict] += rows
    return {
        "rows": scale.count(by_verdict.total()),
        "ineligible": scale.count(by_verdict[False]),
        "unknown": scale.count(by_verdict[None]),
        "steps": _count_steps(strata, by_outcome, scale),
        "unknown_for": _count_unknown(strata, stale, scale),
    }


def _count_steps(strata: Strata, by_outcome: Mapping[RuleResults, int], scale: Scale) -> tuple[StepCounts, ...]:
    clauses = len(strata.compiled.clauses)
    return tuple(
        StepCounts(
            number=None if number > clauses else number,
            distance=_middle_distance(strata, number),
            **{what: scale.count(rows) for what, rows in _count_step(by_outcome, number).items()},
        )
        for number in range(1, clauses + 2)
    )


def _count_step(by_outcome: Mapping[RuleResults, int], number: int) -> dict[str, int]:
    conditions: dict[str, Callable[[RuleResults, bool | None], bool]] = {
        "failed": lambda outcome, value: outcome.stopped_at == number and value is False,
        "unknown": lambda outcome, value: outcome.stopped_at == number and value is None,
        "left": lambda outcome, _value: outcome.stopped_at > number,
        "fails_alone": lambda _outcome, value: value is False,
        "unknown_alone": lambda _outcome, value: value is None,
        "nearly": lambda outcome, _value: outcome.nearly == number,
    }
    return {
        what: sum(rows for outcome, rows in by_outcome.items() if condition(outcome, outcome.values[number - 1]))
        for what, condition in conditions.items()
    }


def _middle_distance(strata: Strata, number: int) -> Decimal | None:
    distances = [each for stratum in strata.by_key.values() for each in stratum.distances.get(number, ())]
    return median_low(distances) if distances else None


def _count_unknown(strata: Strata, stale: frozenset[str], scale: Scale) -> tuple[UnknownFor, ...]:
    datasets, counts = needed_datasets(strata.compiled), Counter[str]()
    for key, outcome, stratum in strata.with_outcomes():
        if outcome.verdict is None:
            counts.update({name: stratum.rows for place, name in enumerate(datasets) if key.missing >> place & 1})
    found = [UnknownFor(name, scale.count(count), name in stale) for name, count in counts.items()]
    return tuple(sorted(found, key=lambda unknown: (-unknown.count, unknown.dataset)))


def count_firms(strata: Strata, *, scale: Scale) -> dict[str, Any]:
    """The figures of the eligible rows, where each row is a firm: how many, how much, and where."""
    eligible = [(key, stratum) for key, outcome, stratum in strata.with_outcomes() if outcome.verdict]
    fen = sorted(chain.from_iterable(stratum.fen for _key, stratum in eligible))
    count, total = len(fen), _cny(sum(fen))
    squares = sum(stratum.squares for _key, stratum in eligible)
    return {
        "count": scale.count(count),
        "firm_count": scale.count(count),
        "employee_count": 0,
        "total_cny": scale.cny(total),
        "spread": amounts_spread(fen),
        **margins_of_error(count, float(total), squares, scale),
        "parts": Segments(
            *(_count_firms_by(eligible, attrgetter(name), scale) for name in ("district", "industry", "size"))
        ),
    }


def amounts_spread(fen: Sequence[int]) -> Spread | None:
    """The least, the median and the largest of sorted amounts; None if there are none."""
    return Spread(_cny(fen[0]), _cny(median_low(fen)), _cny(fen[-1])) if fen else None


def _cny(fen: int) -> Decimal:
    return Decimal(fen).scaleb(-DECIMAL_PLACES)


def _count_firms_by(
    eligible: Sequence[tuple[StratumKey, Stratum]], key_of: Callable[[StratumKey], str], scale: Scale
) -> tuple[Segment, ...]:
    firms, fen = Counter[str](), Counter[str]()
    for key, stratum in eligible:
        firms[key_of(key)] += stratum.rows
        fen[key_of(key)] += sum(stratum.fen)
    return largest_first(
        Segment(key, scale.count(count), scale.count(count), scale.cny(_cny(fen[key]))) for key, count in firms.items()
    )


def largest_first(parts: Iterable[Segment]) -> tuple[Segment, ...]:
    """The segments of the city, the largest sum first."""
    return tuple(sorted(parts, key=lambda part: (-part.total_cny, part.key)))


def margins_of_error(firms: int, total: float, squares: float, scale: Scale) -> dict[str, Any]:
    """The margins of error of the number of entitled firms and of the sum, from the variance over the sample."""
    looked_at = max(scale.looked_at, 1)
    share, mean, mean_square = firms / looked_at, total / looked_at, squares / looked_at
    deviation_of_sum = sqrt(max(mean_square - mean**2, 0.0))
    return {
        "firm_margin": round(scale.margin(sqrt(max(share - share**2, 0.0)))),
        "total_margin_cny": round_to_fen(Decimal(scale.margin(deviation_of_sum))),
    }
