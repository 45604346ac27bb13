"""Owners who click at the same moment, through the counter of one process."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import TypeVar

import pytest
from django.db import connection, transaction

from payouts.claims import group_commit
from payouts.claims.claim import Outcome, claim
from payouts.claims.clicks import Claimed, Click
from payouts.claims.group_commit import GroupCommit, claim_in_group
from payouts.claims.refusals import AlreadyClaimed, Contended
from payouts.controls.reconcile import invariants
from payouts.ledger.funds import open_funds
from payouts.models import Claim, Payout
from policies.models import Entitlement, PolicyVersion
from tests.concurrency import test_claims as alone
from tests.concurrency.racing import PATIENCE_SECONDS, together, wait_until_somebody_waits
from tests.factories.clock import NOW
from tests.factories.companies import act_for
from tests.factories.entitlements import make_entitlement, make_version
from tests.factories.payouts import count_statuses
from tests.factories.people import make_user
from tests.integration.batches.test_batches import Shown

pytestmark = pytest.mark.django_db(transaction=True)

Answer = TypeVar("Answer")


@pytest.fixture(autouse=True)
def _everybody_waits_for_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Let clicks wait as long as the test does: on a slow machine a click would otherwise leave the group and claim alone.
    """
    monkeypatch.setattr(group_commit, "_group_commit", GroupCommit(longest_wait_seconds=PATIENCE_SECONDS))


def funded(*, granted_cny: int = 1_000_000) -> PolicyVersion:
    version = make_version(granted_cny=granted_cny)
    open_funds(version_ids=[version.pk], now=NOW)
    return version


def asked_for(right: Entitlement) -> Click:
    """The click by which an owner claims this entitlement."""
    read = frozenset({right.version_id})
    owner = act_for(right.company, make_user("owner"))
    return Click([right.pk], right.company_id, "I commit.", owner.pk, NOW, Decimal(right.amount_cny), read)


def click(right: Entitlement) -> Callable[[], Outcome]:
    """Have the owner click on one entitlement."""
    asked = asked_for(right)

    return _then_closed(lambda: claim_in_group(asked))


def transactions() -> int:
    """The number of transactions that wrote the payouts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT xmin::text) FROM payouts_payout")
        return int(cursor.fetchone()[0])


def test_clicks_of_one_moment_share_transactions() -> None:
    version = funded()
    rights = [make_entitlement(of=version) for _each in range(24)]
    outcomes = together([click(right) for right in rights])
    assert [type(each) for each in outcomes] == [Claimed] * 24
    assert {payout for each in outcomes for payout in each.payout_ids} == set(
        Payout.objects.values_list("pk", flat=True)
    )
    for right, outcome in zip(rights, outcomes, strict=True):
        assert Claim.objects.get(pk__in=outcome.claim_ids).company == right.company
    assert transactions() < 24
    assert invariants(bank_books=Shown([])).hold


def test_eight_clicks_on_one_entitlement_open_one_payout() -> None:
    right = make_entitlement(of=funded())
    outcomes = together([click(right)] * 8)
    assert sorted(type(each).__name__ for each in outcomes) == ["AlreadyClaimed"] * 7 + ["Claimed"]
    assert {each.payout_ids for each in outcomes if isinstance(each, Claimed | AlreadyClaimed)} == {
        (Payout.objects.get().pk,)
    }


# This test stands beside the other one with 64 clicks: two workers run two files at once, and the server has too few
# connections for both.
def test_64_claims_never_overdraw_a_small_fund() -> None:
    small = make_version(granted_cny=1_050)
    outcomes = together([alone.click(make_entitlement(of=small, amount_cny=100)) for _each in range(64)])
    assert {type(each) for each in outcomes} == {Claimed}
    payouts = [payout for each in outcomes for payout in each.payout_ids]
    assert count_statuses(payouts) == {"approved": 10, "waitlisted": 54}
    small.fund.refresh_from_db()
    assert (small.fund.available_cny, small.fund.reserved_cny) == (50, 1_000)


def test_64_clicks_never_overdraw_a_small_fund() -> None:
    small = funded(granted_cny=1_050)
    outcomes = together([click(make_entitlement(of=small, amount_cny=100)) for _each in range(64)])
    payouts = [payout for each in outcomes for payout in each.payout_ids]
    assert count_statuses(payouts) == {"approved": 10, "waitlisted": 54}
    small.fund.refresh_from_db()
    assert (small.fund.available_cny, small.fund.reserved_cny) == (50, 1_000)


def test_who_waits_for_a_held_fund_keeps_nobody_else_waiting() -> None:
    held = make_entitlement(of=funded())
    waits, free = click(held), [click(make_entitlement(of=funded())) for _each in range(3)]
    with ThreadPoolExecutor(5) as pool:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT FROM payouts_fund WHERE version_id = %s FOR UPDATE", [held.version_id])
            slow = pool.submit(waits)
            # Another thread looks, because a transaction sees the statistics of other connections as they were at its
            # first look.
            pool.submit(_watch).result(PATIENCE_SECONDS)
            quick = [pool.submit(each) for each in free]
            assert all(each.result(PATIENCE_SECONDS).payout_ids for each in quick)
            assert not slow.done()
        assert slow.result(PATIENCE_SECONDS).payout_ids


def test_a_set_passes_over_an_entitlement_that_another_transaction_holds() -> None:
    held, free = asked_for(make_entitlement(of=funded())), asked_for(make_entitlement(of=funded()))
    with ThreadPoolExecutor(1) as pool, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT FROM policies_entitlement WHERE id = ANY(%s) FOR NO KEY UPDATE", [held.entitlement_ids])
        claiming = pool.submit(_then_closed(lambda: claim(clicks=[held, free], now=NOW, patience_ms=200)))
        refused, claimed = claiming.result(PATIENCE_SECONDS)
    assert isinstance(refused, Contended)
    assert isinstance(claimed, Claimed)


def test_nobody_waits_longer_than_it_takes_to_lose_patience() -> None:
    # The first click waits for the fund until the test releases it; the second comes meanwhile, and is claimed alone.
    queue = GroupCommit(longest_wait_seconds=0.01, patience_ms=1000 * PATIENCE_SECONDS)
    held = asked_for(make_entitlement(of=funded()))
    free = asked_for(make_entitlement(of=funded()))
    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT FROM payouts_fund ORDER BY id LIMIT 1 FOR UPDATE")
            serving = pool.submit(_then_closed(lambda: queue.claim(held)))
            pool.submit(_watch).result(PATIENCE_SECONDS)
            assert isinstance(pool.submit(_then_closed(lambda: queue.claim(free))).result(PATIENCE_SECONDS), Claimed)
            assert not serving.done()
        assert isinstance(serving.result(PATIENCE_SECONDS), Claimed)


def _then_closed(call: Callable[[], Answer]) -> Callable[[], Answer]:
    def run() -> Answer:
        try:
            return call()
        finally:
            connection.close()

    return run


def _watch() -> None:
    wait_until_somebody_waits()
    connection.close()
