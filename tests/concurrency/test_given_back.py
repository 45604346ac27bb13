"""
A clerk cancels a payout while others claim, sweep and match: its entitlement is decided anew before anybody sees it.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from time import monotonic, sleep
from typing import Any

import pytest
from django.db import transaction

from payouts.claims.automatic import claim_automatic
from payouts.claims.clicks import Claimed
from payouts.claims.refusals import ClaimRefused
from payouts.models import Payout
from policies.matching import run as matching
from policies.matching.give_back import BeingClaimed
from policies.models import Entitlement
from qinqing.kernel.database.statements import fetch_rows
from tests.concurrency.racing import PATIENCE_SECONDS, together
from tests.factories.clock import NOW
from tests.factories.companies import make_company
from tests.factories.dataset_models import TaxYear
from tests.factories.deliveries import make_all_deliveries, make_delivery, make_row
from tests.factories.people import make_user
from tests.factories.policies import make_published, match_all
from tests.factories.stacking import click, entitlement_statuses, make_group, undo

pytestmark = pytest.mark.django_db(transaction=True)

REVENUE = "tax[year = 2024].revenue"


def rights(how_many: int, **fields: Any) -> list[Entitlement]:
    """
    Entitlements of one firm, each of a policy that asks for a revenue of 1,000, all in one group; the first is claimed.
    """
    make_all_deliveries()
    company = make_company()
    make_row(TaxYear, company, year=2024, revenue=5000)
    versions = [make_published(f"{REVENUE} >= 1000", **fields) for _each in range(how_many)]
    make_group(*versions, rule="first_wins")
    match_all()
    found = list(Entitlement.objects.order_by("pk"))
    click(found[0])
    make_user("clerk")
    return found


def lost() -> None:
    """Lower the firm's revenue; no delivery tells matching about it."""
    TaxYear.objects.update(revenue=100)


def tried(call: Callable[[], Any]) -> Callable[[], Any]:
    def run() -> Any:
        return [call() for _time in range(20)][-1]

    return run


def test_no_sweep_sees_what_is_given_back_before_it_is_decided() -> None:
    first, *others = rights(3, track="automatic")
    lost()
    sweep = tried(lambda: claim_automatic(limit=10, now=NOW))
    together([lambda: undo(first), sweep, sweep])
    assert entitlement_statuses(first, *others) == ["withdrawn"] * 3
    assert not Payout.objects.exclude(status="cancelled").exists()


def test_a_click_that_waits_for_the_clerk_finds_it_decided() -> None:
    (first,) = rights(1)
    lost()
    outcomes = together([lambda: undo(first), *[lambda: click(first)] * 3])
    assert outcomes[0] is None
    assert all(isinstance(each, ClaimRefused) for each in outcomes[1:])
    assert entitlement_statuses(first) == ["withdrawn"]


def test_giving_back_and_matching_wait_for_each_other() -> None:
    first, *others = rights(4)
    make_delivery("tax", touching=[first.company])
    outcomes = together(
        [
            lambda: undo(first),
            *(lambda right=right: click(right) for right in others),
            *[tried(lambda: matching.match_due(now=NOW))] * 2,
        ]
    )
    wrong = [each for each in outcomes if isinstance(each, Exception) and not isinstance(each, ClaimRefused)]
    assert wrong == []
    assert sum(isinstance(each, Claimed) for each in outcomes) <= 1


def test_shards_that_hold_a_version_by_turns_do_not_keep_a_clerk_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    # No shard holds the version longer than the clerk waits for one shard, but some shard always holds it.
    monkeypatch.setattr(matching, "WAIT_SECONDS", 1.5)
    (first,) = rights(1)
    held, is_over = [Event() for _turn in range(100)], Event()

    def turns(number: int) -> None:
        end = monotonic() + 8
        while not is_over.is_set() and monotonic() < end:
            with transaction.atomic():
                fetch_rows("SELECT id FROM policies_policyversion WHERE id = %(id)s FOR SHARE", id=first.version_id)
                held[number].set()
                # If no shard held the version between two turns, the clerk would get it.
                held[number + 1].wait(timeout=PATIENCE_SECONDS)
                sleep(0.3)
            number += 2
        held[number].set()

    def cancel() -> None:
        held[1].wait(timeout=PATIENCE_SECONDS)
        try:
            undo(first)
        finally:
            is_over.set()

    refused, *_turns = together([cancel, lambda: turns(0), lambda: held[0].wait(timeout=PATIENCE_SECONDS) and turns(1)])
    assert isinstance(refused, BeingClaimed)
    assert entitlement_statuses(first) == ["claimed"]


def test_a_claim_in_progress_goes_first_and_nothing_is_given_back() -> None:
    first, other = rights(2)
    Entitlement.objects.filter(pk=other.pk).update(status="open")
    lost()
    held, tried_to = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            Entitlement.objects.select_for_update().get(pk=other.pk)
            held.set()
            tried_to.wait(timeout=PATIENCE_SECONDS)

    def cancel() -> None:
        held.wait(timeout=PATIENCE_SECONDS)
        try:
            undo(first)
        finally:
            tried_to.set()

    refused, _held = together([cancel, hold])
    assert isinstance(refused, BeingClaimed)
    assert entitlement_statuses(first, other) == ["claimed", "open"]
    assert Payout.objects.get().status != "cancelled"
