"""Measures the time from the commit of a delivery until the entitlements of its firms are decided anew."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.db import connection
from django.utils import timezone

from companies.deliveries.deliver import deliver
from policies.matching.run import match_due
from policies.models import Entitlement, MatchedDelivery
from qinqing.demo.campaign.parts import Addresses, platform
from qinqing.services.supervisor import Supervisor
from tests.benchmarks.city import BenchCity, bench_city
from tests.benchmarks.parts import Measured, Ratio, Say, Size

QUESTION = "How soon after a delivery do the firms it touches have their new entitlements?"
SMOKE = Size(companies=200)
FULL = Size(companies=200_000)

# The number of touched firms, and the seconds allowed for it.
TARGETS = {1: 0.2, 1_000: 2.0, 100_000: 30.0}
PATIENCE_SECONDS, LOOK_SECONDS = 300, 0.005
# The decision of one firm is short, so it is measured several times.
TIMES = {1: 15, 1_000: 3, 100_000: 1}


class Unmatched(Exception):
    """The worker did not decide a delivery in time."""


def run(*, size: Size, say: Say) -> Measured:
    """Deliver for more and more firms while the workers run, and measure."""
    with bench_city(companies=size.companies, say=say) as city:
        city.publish()
        while match_due(now=timezone.now()) is not None:
            continue
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE policies_entitlement")
        say(f"{Entitlement.objects.count():,} entitlements stand")
        measured = {firms: _measure(city, firms, say) for firms in TARGETS if firms <= size.companies}
    return Measured(
        contenders={f"{firms:,} firms": numbers for firms, numbers in measured.items()},
        ratios=tuple(
            Ratio(f"seconds until {firms:,} firms are decided", numbers["median_seconds"], at_most=TARGETS[firms])
            for firms, numbers in measured.items()
        ),
        agrees=all(numbers["changed"] for numbers in measured.values()),
        remarks=(
            "From the commit of the delivery, by a worker of its own process, to the commit of the last entitlement;"
            " each delivery changes what the firms paid for unemployment insurance.",
        ),
    )


def _measure(city: BenchCity, firms: int, say: Say) -> dict[str, Any]:
    begun = timezone.now()
    with _worker():
        waited = [_seconds(city, firms, turn) for turn in range(TIMES[firms])]
    changed = Entitlement.objects.filter(decided_at__gte=begun).count()
    say(f"{firms:,} firms: {', '.join(f'{each:.2f}' for each in waited)} s, {changed:,} entitlements")
    return {"median_seconds": sorted(waited)[len(waited) // 2], "slowest_seconds": max(waited), "changed": changed}


@contextmanager
def _worker() -> Iterator[None]:
    """The product's matching worker and beat, as `make demo` starts them."""
    with TemporaryDirectory(prefix="qinqing-redecide-") as folder:
        parts = platform(Addresses(web_port=0, bank_port=0), folder=Path(folder))
        wanted = [part for part in parts if part.name in ("worker-match", "beat")]
        with Supervisor(logs=Path(folder), environment={"DATABASE_URL": os.environ["DATABASE_URL"]}) as supervisor:
            supervisor.start(*wanted)
            supervisor.wait_until_ready()
            yield


def _seconds(city: BenchCity, firms: int, turn: int) -> float:
    """Deliver new facts of so many firms; returns the seconds from the commit until they are decided."""
    content = _file(firms, turn)
    delivery = deliver(
        delivery_id=f"bench-{firms}-{turn}",
        dataset="insurance_year",
        content=io.BytesIO(content),
        as_of_on=city.today,
        delivered_by=None,
        now=timezone.now(),
    )
    committed = time.perf_counter()
    assert delivery.landed_count, "the benchmark's own rows were refused"
    while not MatchedDelivery.objects.filter(delivery=delivery).exists():
        if time.perf_counter() - committed > PATIENCE_SECONDS:
            raise Unmatched(f"{delivery} was not decided within {PATIENCE_SECONDS} seconds.")
        time.sleep(LOOK_SECONDS)
    return time.perf_counter() - committed


def _file(firms: int, turn: int) -> bytes:
    """A file with all known insurance of firms from all over the city, with changed premiums."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT string_agg(concat_ws(',', c.credit_code, i.year, i.unemployment_premium + 1,
                coalesce(i.insured::text, ''), coalesce(i.paid_months::text, ''), coalesce(i.layoff_rate::text, '')
            ), E'\n')
            FROM dataset_insurance_year i JOIN (
                SELECT id, credit_code FROM companies_company WHERE id IN (
                    SELECT company_id FROM dataset_insurance_year WHERE unemployment_premium IS NOT NULL
                ) ORDER BY (id * 7919 + %s * 104729) %% 1000003, id LIMIT %s
            ) c ON c.id = i.company_id
            """,
            [turn, firms],
        )
        (rows,) = cursor.fetchone()
    return f"credit_code,year,unemployment_premium,insured,paid_months,layoff_rate\n{rows}\n".encode()
