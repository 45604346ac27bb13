"""Whether time grows as the city does: matching at one, two and four times the size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.benchmarks.city import bench_city
from tests.benchmarks.match import ours_alone
from tests.benchmarks.parts import Measured, Ratio, Say, Size

QUESTION = "Does a unit of work take as long in a city four times as large?"
SMOKE = Size(companies=100)
FULL = Size(companies=100_000)

_TIMES = (1, 2, 4)
# Per unit, in a city two or four times as large.
_AT_MOST = 1.10


def run(*, size: Size, say: Say) -> Measured:
    """Measure at the size that is asked for, and at two and four times that."""
    found = {times: _matched(size.companies * times, say) for times in _TIMES}
    measures = {"time": "microseconds_per_company", "processor time": "processor_microseconds_per_company"}
    ratios = tuple(
        Ratio(f"match: {words} per company at {times}× ÷ at 1×", found[times][name] / found[1][name], at_most=_AT_MOST)
        for words, name in measures.items()
        for times in _TIMES[1:]
    )
    return Measured(contenders={f"match at {times}×": numbers for times, numbers in found.items()}, ratios=ratios)


def _matched(companies: int, say: Say) -> Mapping[str, Any]:
    with bench_city(companies=companies, say=say) as city:
        spent, entitlements = ours_alone(city)
        say(f"{city.companies:,} companies matched in {spent.seconds:.1f} s")
        return {
            "companies": city.companies,
            "seconds": round(spent.seconds, 2),
            "entitlements": entitlements,
            "microseconds_per_company": round(spent.seconds * 1e6 / city.companies, 2),
            "processor_microseconds_per_company": round(spent.processor_seconds * 1e6 / city.companies, 2),
        }
