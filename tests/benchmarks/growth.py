"""
Whether time grows only as the city does: matching, a campaign and the cockpit at one, two and four times the size.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils import timezone

from qinqing.cockpit.queries import count
from tests.benchmarks.campaign import campaign_of
from tests.benchmarks.city import bench_city, database_of_its_own
from tests.benchmarks.match import ours_alone
from tests.benchmarks.parts import Measured, Ratio, Say, Size
from tests.benchmarks.processors import measure_spent

QUESTION = "Does a unit of work take as long in a city four times as large?"
SMOKE = Size(companies=100)
# Four times this size is nearly the million of `match`.
FULL = Size(companies=200_000)

_TIMES = (1, 2, 4)
# The most that the cost of one unit may grow, in a city two or four times as large.
_AT_MOST = 1.10
# A campaign takes longer than matching, so its cities are smaller; a smaller one would only measure the start.
_MATCHED_TO_PAID, _LEAST_FIRMS = 25, 100
_COUNTS = 5
# The measurements with their units; both times and processor times are compared.
_UNITS = {"match": "company", "campaign": "payout", "cockpit": "payout"}

# The numbers of one thing at one size, by name.
Numbers = Mapping[str, Any]


def run(*, size: Size, say: Say) -> Measured:
    """Measure at the given size, and at two and four times that size."""
    found: dict[str, dict[int, Numbers]] = {name: {} for name in _UNITS}
    for times in _TIMES:
        found["match"][times] = _measure_matching(size.companies * times, say)
        paid = max(size.companies // _MATCHED_TO_PAID, _LEAST_FIRMS) * times
        found["campaign"][times], found["cockpit"][times] = _measure_campaign(paid, say)
    return Measured(
        contenders={f"{name} at {times}×": found[name][times] for name in found for times in _TIMES},
        ratios=tuple(ratio for name in found for ratio in _ratios(name, found[name])),
        remarks=(
            "campaign: our own processes from the first claim to the last file of a batch, without the bank;"
            " match and cockpit: the best of a few.",
        ),
    )


def _ratios(name: str, numbers: Mapping[int, Numbers]) -> Iterator[Ratio]:
    unit = _UNITS[name]
    for words, measure in ("time", "microseconds"), ("processor time", "processor_microseconds"):
        for times in _TIMES[1:]:
            grown = numbers[times][f"{measure}_per_{unit}"] / max(numbers[1][f"{measure}_per_{unit}"], 0.01)
            yield Ratio(f"{name}: {words} per {unit} at {times}× ÷ at 1×", grown, at_most=_AT_MOST)


def _measure_matching(companies: int, say: Say) -> Numbers:
    with bench_city(companies=companies, say=say) as city:
        took, entitlements = ours_alone(city)
        say(f"{city.companies:,} companies matched in {took.seconds:.1f} s")
        return {
            "companies": city.companies,
            "entitlements": entitlements,
            **_per("company", city.companies, took.seconds, took.processor_seconds),
        }


def _measure_campaign(companies: int, say: Say) -> tuple[Numbers, Numbers]:
    """Measure a campaign, and the cockpit's count of what it paid."""
    with database_of_its_own():
        ran = campaign_of(Size(companies=companies))
        payouts = ran.report["payouts"]
        campaign = _per("payout", payouts, ran.inside_seconds, ran.inside.own_seconds)
        counts = [measure_spent(lambda: count(now=timezone.now()))[1] for _count in range(_COUNTS)]
    best = min(counts, key=lambda each: each.seconds)
    cockpit = _per("payout", payouts, best.seconds, min(each.processor_seconds for each in counts))
    say(f"{companies:,} companies: {payouts:,} payouts in {ran.inside_seconds:.1f} s, counted in {best.seconds:.3f} s")
    city = {"companies": companies, "payouts": payouts}
    return city | campaign, city | cockpit


def _per(unit: str, units: int, seconds: float, processor_seconds: float) -> dict[str, float]:
    return {
        "seconds": round(seconds, 3),
        f"microseconds_per_{unit}": round(seconds * 1e6 / units, 2),
        f"processor_microseconds_per_{unit}": round(processor_seconds * 1e6 / units, 2),
    }
