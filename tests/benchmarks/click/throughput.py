"""
Claims in a second beside committed INSERTs in a second, on the same server settings and the same database.

The judge is the barest view that Django serves: no middleware, no session, one INSERT. A claim asks first who clicks,
and writes nine rows more, so the same INSERT behind the product's own sign-in, session and CSRF is measured beside it:
between the two lies what any signed-in click costs, between that and a claim what the claim costs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db import connection

from payouts.models import Claim, Payout
from tests.benchmarks.click import stage
from tests.benchmarks.parts import Measured, Ratio, Say

OWNERS = 32
ROUNDS = 3
# Each browser posts this share before the clock starts, because a new server opens connections and makes query plans.
FIRST_SHARE = 0.2
# The other firms are for `arrival`, which measures the time to the money.
SHARE = 0.8
# The answers that browsers got, as `load` writes them, and the figures computed from them.
Seen = Mapping[str, Any]
Figures = dict[str, Any]
_LEAST = {"posts": [["/insert/", "offer=1%3A12345%3D1500.00&is_accepted=on"]]}
REMARKS = (
    "claims: the product's own middleware, sessions in the database, CSRF, one entitlement of a firm's page ticked;"
    " one INSERT: Django without middleware, sessions or apps; signed in: the same behind the product's middleware,"
    f" a session and a CSRF token. All: gunicorn, {stage.WORKERS} workers of"
    f" {stage.THREADS} threads, persistent connections; {OWNERS} browsers on the same two cores."
    f" In {ROUNDS} rounds, each with servers of its own; {FIRST_SHARE:.0%} of all posts came before the clock started:"
    " “first after a start” has those.",
)


def measure(city: stage.City, say: Say) -> Measured:
    """Measure all contenders one after the other, in several rounds."""
    before, opened = Claim.objects.count(), Payout.objects.count()
    _make_table()
    rounds = [_round(city, number) for number in range(ROUNDS)]
    claims, least, signed = (_sum_up_rounds(seen) for seen in zip(*rounds, strict=True))
    say(f"{claims.answered:,} claims, {claims.warm['per_second']:,.0f} a second")
    are_kept = Claim.objects.count() - before == claims.answered == Payout.objects.count() - opened
    is_inserted = _count_inserted() == least.answered + signed.answered
    return Measured(
        contenders=claims.named("claims") | least.named("one INSERT") | signed.named("one INSERT, signed in"),
        ratios=_ratios(claims.warm, least.warm, signed.warm),
        agrees=are_kept and is_inserted and not claims.refused + least.refused + signed.refused,
        remarks=REMARKS,
    )


def _round(city: stage.City, number: int) -> tuple[Seen, Seen, Seen]:
    """Measure each contender once; so a slow moment of the machine slows all of them."""
    firms = {"skip": SHARE * number / ROUNDS, "share": SHARE * (number + 1) / ROUNDS}
    claims = _load_server("qinqing.wsgi:application", city.owners(OWNERS, **firms))
    posted = len(claims["answers"]) + len(claims["first"]["answers"])
    posts = {"posts": _LEAST["posts"] * max(posted // OWNERS, 1)}
    least = _load_server("tests.benchmarks.click.minimal:application", [posts] * OWNERS, SERVE_MINIMAL="1")
    signers = [owner | posts for owner in city.owners(OWNERS, **firms)]
    return claims, least, _load_server("tests.benchmarks.click.signed_wsgi:application", signers)


def _load_server(application: str, browsers: stage.Browsers, **environment: str) -> Seen:
    with stage.serve(application, **environment) as address:
        return stage.load(address=address, browsers=browsers, first_share=FIRST_SHARE)


def _ratios(claims: Figures, least: Figures, signed: Figures) -> tuple[Ratio, ...]:
    return (
        Ratio("claims a second / INSERTs a second", claims["per_second"] / least["per_second"], at_least=0.5),
        Ratio("p99 of a claim / p99 of an INSERT", claims["p99_ms"] / least["p99_ms"], at_most=3),
        Ratio("claims a second / signed-in INSERTs a second", claims["per_second"] / signed["per_second"]),
        Ratio("p99 of a claim / p99 of a signed-in INSERT", claims["p99_ms"] / signed["p99_ms"]),
    )


@dataclass(frozen=True, slots=True)
class Served:
    """The answers of a contender after the clock started, and before it, right after its start."""

    warm: Figures
    cold: Figures | None

    @property
    def answered(self) -> int:
        """The number of posts with the expected answer."""
        return sum(each["requests"] for each in (self.warm, self.cold) if each)

    @property
    def refused(self) -> int:
        """The number of posts with another answer."""
        return sum(each["refused"] for each in (self.warm, self.cold) if each)

    def named(self, name: str) -> dict[str, Figures]:
        """Both figures under the contender's name."""
        return {name: self.warm} | ({f"{name}, first after a start": self.cold} if self.cold else {})


def _sum_up_rounds(rounds: Sequence[Seen]) -> Served:
    cold = _join_rounds([seen["first"] for seen in rounds])
    return Served(figures(_join_rounds(rounds)), figures(cold) if cold["answers"] else None)


def _join_rounds(rounds: Sequence[Seen]) -> Seen:
    seconds = sum(seen["seconds"] for seen in rounds)
    return {"seconds": seconds, "answers": [answer for seen in rounds for answer in seen["answers"]]}


def figures(seen: Seen) -> Figures:
    """The number of redirects, as a successful click answers, how many in a second, and the waiting times in ms."""
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
    """The smallest value that so many per cent of the values do not exceed."""
    return sorted(values)[max(-(-len(values) * percent // 100) - 1, 0)]


def _count_inserted() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM bench_least")
        return int(cursor.fetchone()[0])


def _make_table() -> None:
    from tests.benchmarks.click.minimal import TABLE

    with connection.cursor() as cursor:
        cursor.execute(TABLE.format(app=connection.ops.quote_name(settings.DATABASE["USER"])))
