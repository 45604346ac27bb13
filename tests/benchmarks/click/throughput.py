"""
Claims in a second beside committed INSERTs in a second, on the same server settings and the same database.

The judge is the barest view that Django serves: no middleware, no session, one INSERT. A claim asks first who clicks,
and writes nine rows more, so the same INSERT behind the product's own sign-in, session and CSRF is measured beside it:
between the two lies what any signed-in click costs, between that and a claim what the claim costs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.db import connection

from payouts.models import Claim, Payout
from tests.benchmarks.click import stage
from tests.benchmarks.parts import Measured, Ratio, Say

OWNERS = 32
# What is left over is claimed while the money's way is measured.
SHARE = 0.8
_LEAST = {"posts": [["/insert/", "offer=1%3A12345%3D1500.00&is_accepted=on"]]}
REMARKS = (
    "claims: the product's own middleware, sessions in the database, CSRF, one entitlement of a firm's page ticked;"
    " one INSERT: Django without middleware, sessions or apps; signed in: the same behind the product's middleware,"
    f" a session and a CSRF token. All: gunicorn, {stage.WORKERS} workers of"
    f" {stage.THREADS} threads, persistent connections; {OWNERS} browsers on the same two cores.",
)


def measured(city: stage.City, say: Say) -> Measured:
    """All contenders, one after the other."""
    before, opened = Claim.objects.count(), Payout.objects.count()
    with stage.serving("qinqing.wsgi:application") as address:
        seen = stage.load(address=address, browsers=city.owners(OWNERS, share=SHARE))
    claims = figures(seen) | {"payouts": Payout.objects.count() - opened}
    say(f"{claims['requests']:,} claims in {seen['seconds']:.1f} s")
    are_kept = Claim.objects.count() - before == claims["requests"]
    posts = {"posts": _LEAST["posts"] * max(claims["requests"] // OWNERS, 1)}
    _make_table()
    with stage.serving("tests.benchmarks.click.minimal:application", SERVE_MINIMAL="1") as address:
        least = figures(stage.load(address=address, browsers=[posts] * OWNERS))
    with stage.serving("tests.benchmarks.click.signed_wsgi:application") as address:
        browsers = [owner | posts for owner in city.owners(OWNERS, share=SHARE)]
        signed = figures(stage.load(address=address, browsers=browsers))
    inserted = least["requests"] + signed["requests"]
    return Measured(
        contenders={"claims": claims, "one INSERT": least, "one INSERT, signed in": signed},
        ratios=(
            Ratio("claims a second / INSERTs a second", claims["per_second"] / least["per_second"], at_least=0.5),
            Ratio("p99 of a claim / p99 of an INSERT", claims["p99_ms"] / least["p99_ms"], at_most=3),
            Ratio("claims a second / signed-in INSERTs a second", claims["per_second"] / signed["per_second"]),
            Ratio("p99 of a claim / p99 of a signed-in INSERT", claims["p99_ms"] / signed["p99_ms"]),
        ),
        agrees=are_kept and _inserted() == inserted and claims["refused"] == least["refused"] == signed["refused"] == 0,
        remarks=REMARKS,
    )


def figures(seen: Mapping[str, Any]) -> dict[str, Any]:
    """How many were answered with a redirect, as a click that worked is, how fast, and how long each waited."""
    answers = [each for each in seen["answers"] if each["status"] == HTTPStatus.FOUND]
    waited = [each["seconds"] * 1000 for each in answers]
    return {
        "requests": len(answers),
        "refused": len(seen["answers"]) - len(answers),
        "per_second": len(answers) / seen["seconds"],
        "p50_ms": percentile(waited, 50),
        "p99_ms": percentile(waited, 99),
    }


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that so many per cent do not exceed."""
    return sorted(values)[max(-(-len(values) * percent // 100) - 1, 0)]


def _inserted() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM bench_least")
        return int(cursor.fetchone()[0])


def _make_table() -> None:
    from tests.benchmarks.click.minimal import TABLE

    with connection.cursor() as cursor:
        cursor.execute(TABLE)
