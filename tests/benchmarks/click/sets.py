"""
Sets of a hundred clicks on one hot fund, in one process and on one connection, beside the least that SQL can do.

The other contender keeps no promise: plain tables without guards, keys or history, in which the same hundred rows are
locked and marked, their claims and payouts inserted and their sum taken from the fund, in one transaction of five
statements.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, LiteralString

from django.db import connection, transaction
from django.utils import timezone

from companies.models import Membership
from payouts.claims.claim import claim
from payouts.claims.clicks import Claimed, Click
from policies.models import Entitlement
from qinqing.kernel.database.statements import execute_statement, fetch_rows
from tests.benchmarks.parts import Measured, Ratio, Say
from tests.factories.entitlements import make_entitlements, make_version
from tests.factories.people import make_user

CLICKS_PER_SET = 100
# The first sets make query plans and fill caches.
WARM_UP_SETS = 5
AMOUNT_CNY = 100
CLICKS_PER_SECOND = 5_000

_TABLES: LiteralString = """
    CREATE TABLE bench_fund (id bigint PRIMARY KEY, available_cny numeric(14, 2) NOT NULL);
    CREATE TABLE bench_right (id bigint PRIMARY KEY, company bigint NOT NULL, status text NOT NULL DEFAULT 'open');
    CREATE TABLE bench_claim (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, company bigint NOT NULL, at timestamptz
    );
    CREATE TABLE bench_payout (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, claim bigint NOT NULL, entitlement bigint NOT NULL,
        fund bigint NOT NULL, amount_cny numeric(14, 2) NOT NULL, status text NOT NULL
    );
    INSERT INTO bench_fund VALUES (1, 100000000);
"""
_INSERT: LiteralString = """
    WITH claimed AS (
        INSERT INTO bench_claim (company, at) SELECT company, now() FROM bench_right WHERE id = ANY(%(ids)s)
        RETURNING id, company
    )
    INSERT INTO bench_payout (claim, entitlement, fund, amount_cny, status)
    SELECT c.id, r.id, 1, %(amount)s, 'approved' FROM bench_right r JOIN claimed c ON c.company = r.company
    WHERE r.id = ANY(%(ids)s)
"""


def measure(*, sets: int, say: Say) -> Measured:
    """Measure both contenders, one set each by turns, so that a slow moment of the machine slows both."""
    clicks = _clicks((WARM_UP_SETS + sets) * CLICKS_PER_SET)
    _make_tables(clicks)
    ours, plain = _by_turns(clicks, _claim_set, _write_set)
    count = sets * CLICKS_PER_SET
    say(f"{count:,} clicks in sets of {CLICKS_PER_SET}, {count / ours:,.0f} a second in one process")
    contenders = {
        "clicks in sets": {"clicks": count, "per_second": count / ours},
        "plain SQL in sets": {"clicks": count, "per_second": count / plain},
    }
    return Measured(
        contenders=contenders,
        ratios=(
            Ratio(f"clicks a second, sets of {CLICKS_PER_SET}, one process", count / ours, at_least=CLICKS_PER_SECOND),
            Ratio("clicks in sets / plain SQL in sets", plain / ours),
        ),
        agrees=_payouts() == len(clicks),
        remarks=(
            f"clicks in sets: {CLICKS_PER_SET} owners of one fund's entitlements in one call of the claim, all promises"
            " kept; plain SQL in sets: tables without guards, keys or history.",
        ),
    )


def _clicks(count: int) -> list[Click]:
    rights = make_entitlements(count, of=make_version(granted_cny=2 * count * AMOUNT_CNY), amount_cny=AMOUNT_CNY)
    execute_statement("ANALYZE companies_company, companies_payeeaccount, policies_entitlement, policies_policyversion")
    owner, now = make_user("an owner of the benchmark").pk, timezone.now()
    Membership.objects.bulk_create(
        Membership(user_id=owner, company_id=company)
        for company in Entitlement.objects.filter(pk__in=rights).values_list("company", flat=True).distinct()
    )
    found = Entitlement.objects.filter(pk__in=rights).order_by("pk").values_list("pk", "company", "amount_cny")
    return [Click([right], company, "I commit.", owner, now, amount_cny) for right, company, amount_cny in found]


def _make_tables(clicks: Sequence[Click]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
    execute_statement(
        "INSERT INTO bench_right (id, company) SELECT * FROM unnest(%(ids)s::bigint[], %(companies)s::bigint[])",
        ids=[click.entitlement_ids[0] for click in clicks],
        companies=[click.company_id for click in clicks],
    )
    execute_statement("ANALYZE bench_right")


def _by_turns(clicks: Sequence[Click], *contenders: Callable[[Sequence[Click]], Any]) -> list[float]:
    """The seconds of each contender for all sets after the first few."""
    took = [0.0] * len(contenders)
    for number, start in enumerate(range(0, len(clicks), CLICKS_PER_SET)):
        for place, act in enumerate(contenders):
            began = time.perf_counter()
            act(clicks[start : start + CLICKS_PER_SET])
            if number >= WARM_UP_SETS:
                took[place] += time.perf_counter() - began
    return took


def _claim_set(clicks: Sequence[Click]) -> None:
    outcomes = claim(clicks=clicks, now=timezone.now())
    assert all(isinstance(each, Claimed) and each.payout_ids for each in outcomes)


@transaction.atomic
def _write_set(clicks: Sequence[Click]) -> None:
    ids = [click.entitlement_ids[0] for click in clicks]
    execute_statement("SELECT FROM bench_right WHERE id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE", ids=ids)
    execute_statement("UPDATE bench_right SET status = 'claimed' WHERE id = ANY(%(ids)s)", ids=ids)
    execute_statement(_INSERT, ids=ids, amount=AMOUNT_CNY)
    execute_statement("UPDATE bench_fund SET available_cny = available_cny - %(sum)s", sum=AMOUNT_CNY * len(ids))


def _payouts() -> int:
    """The number of payouts in the plain tables, and of our payouts with reserved money for the same entitlements."""
    ((plain, ours),) = fetch_rows(
        """
        SELECT (SELECT count(*) FROM bench_payout), (
            SELECT count(*) FROM payouts_payout p JOIN bench_right r ON r.id = p.entitlement_id
            WHERE p.status = 'approved'
        )
        """
    )
    return int(plain) if plain == ours else -1
