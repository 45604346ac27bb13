"""
The click under load: owners who claim at once beside the least that a server can do, and how soon the money is there.

The minimal view and the browsers are programs of their own, so importing this package does not need Django's models.
"""

from __future__ import annotations

import os

from tests.benchmarks.parts import Measured, Say, Size

QUESTION = "How many owners claim with one click in a second, and how soon are they paid?"
SMOKE = Size(companies=60)
FULL = Size(companies=4_000)


def run(*, size: Size, say: Say) -> Measured:
    """
    Measure sets in one process, throughput on the web server alone, then the time to the money with all parts running.
    """
    from tests.benchmarks.click import arrival, sets, stage, throughput

    with stage.city(companies=size.companies, say=say) as city:
        say(f"{city.firms:,} firms have something to claim")
        in_sets = sets.measure(sets=_sets(size), say=say)
        claims = throughput.measure(city, say)
        paid = arrival.measure(city, bulk=_bulk(size), say=say)
    return Measured(
        contenders={**claims.contenders, **in_sets.contenders, **paid.contenders},
        ratios=claims.ratios + in_sets.ratios + paid.ratios,
        agrees=claims.agrees and in_sets.agrees and paid.agrees,
        remarks=claims.remarks + in_sets.remarks + paid.remarks,
    )


def _sets(size: Size) -> int:
    """The number of sets of clicks: 100 in a city of full size, a few in a small one."""
    return max(100 * size.companies // FULL.companies, 3)


def _bulk(size: Size) -> int:
    """The number of payouts queued before the clicks: 100,000 in a city of full size, or the value of BENCH_BULK."""
    return int(os.environ.get("BENCH_BULK", 100_000 * size.companies // FULL.companies))
