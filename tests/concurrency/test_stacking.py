"""Claims of policies that exclude each other, at the same moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum

from payouts.claims.automatic import claim_automatic
from payouts.claims.clicks import Claimed
from payouts.claims.refusals import ClaimRefused, Excluded
from payouts.ledger.funds import open_funds
from payouts.ledger.pools import NotDivisible, divide_pool
from payouts.models import Claim, Fund, Payout
from policies.models import Entitlement, PoolDivision, StackingSeat, Track
from qinqing.kernel.database.integrity import constraint_of
from tests.concurrency.racing import together
from tests.factories.clock import NOW
from tests.factories.companies import make_company
from tests.factories.entitlements import make_entitlement, make_version
from tests.factories.payouts import insert_payout
from tests.factories.people import make_user
from tests.factories.stacking import click, make_group, sweep, undo

pytestmark = pytest.mark.django_db(transaction=True)


def rights(how_many: int, *, amount_cny: int = 100, track: str = Track.INSTANT, **rule: Any) -> list[Entitlement]:
    """Entitlements of one company, each of another policy of one group."""
    versions = [make_version(track=track) for _each in range(how_many)]
    make_group(*versions, **rule)
    firm = make_company()
    return [make_entitlement(of=version, company=firm, amount_cny=amount_cny) for version in versions]


def clicking(*chosen: Entitlement) -> Callable[[], Claimed]:
    make_user("owner")
    return lambda: click(*chosen)


def live() -> list[Decimal]:
    return list(Payout.objects.exclude(status="cancelled").values_list("amount_cny", flat=True))


@pytest.mark.parametrize("rule", ["first_wins", "higher_only"])
def test_eight_policies_and_one_winner(rule: str) -> None:
    outcomes = together([clicking(right) for right in rights(8, rule=rule)])
    assert Counter(type(each) for each in outcomes) == {Claimed: 1, Excluded: 7}
    assert len(live()) == 1


def test_raw_payouts_of_two_policies_meet_at_the_seat() -> None:
    pair = rights(2, rule="first_wins")
    open_funds(version_ids=[right.version_id for right in pair], now=NOW)
    claims = [Claim.objects.create(company=right.company, claimed_at=NOW) for right in pair]
    funds = [Fund.objects.get(version=right.version) for right in pair]

    def open_one(place: int) -> Callable[[], Payout]:
        return lambda: insert_payout(pair[place], fund_id=funds[place].pk, claim=claims[place])

    outcomes = together([open_one(0), open_one(1)])
    refused = [each for each in outcomes if isinstance(each, Exception)]
    assert [constraint_of(each) for each in refused] == ["stacking_seat_for_one_policy"]


def test_eight_clicks_share_one_cap_to_the_fen() -> None:
    outcomes = together([clicking(right) for right in rights(8, rule="cap_together", cap_cny=Decimal("350.50"))])
    assert sum(live()) == Decimal("350.50")
    assert Counter(type(each) for each in outcomes) == {Claimed: 4, Excluded: 4}


def test_steps_at_once_come_to_the_highest() -> None:
    firm, versions = make_company(), [make_version() for _step in range(4)]
    make_group(*versions, pays_difference=True)
    steps = [
        make_entitlement(of=version, company=firm, amount_cny=100 * place)
        for place, version in enumerate(versions, start=1)
    ]
    together([clicking(step) for step in steps])
    assert sum(live()) == 400


def test_overlapping_clicks_and_the_sweep_neither_double_nor_hang() -> None:
    some = rights(6, rule="first_wins", track=Track.AUTOMATIC)
    sweeps = [lambda: claim_automatic(limit=10, now=NOW)] * 3
    outcomes = together([*(clicking(right) for right in some), *sweeps])
    assert {type(each) for each in outcomes} <= {Claimed, Excluded, int} | set(_refusals(outcomes))
    assert len(live()) == 1
    assert len(StackingSeat.objects.get().policies) == 1


def _refusals(outcomes: list[Any]) -> list[type]:
    return [type(each) for each in outcomes if isinstance(each, ClaimRefused)]


def test_undoing_while_others_claim() -> None:
    first, *others = rights(4, rule="first_wins")
    click(first)
    make_user("clerk")
    outcomes = together([lambda: undo(first), *(clicking(right) for right in others)])
    assert [each for each in outcomes if isinstance(each, Exception) and not isinstance(each, ClaimRefused)] == []
    assert len(live()) <= 1
    seat = StackingSeat.objects.get()
    assert seat.total_cny == sum(live())


def test_two_firms_and_one_loan() -> None:
    versions = [make_version(subject="loan"), make_version(subject="loan")]
    make_group(*versions, rule="first_wins", holder="subject")
    first = make_entitlement(of=versions[0])
    second = make_entitlement(of=versions[1], subject_key=first.subject_key)
    outcomes = together([clicking(first), clicking(second)] * 3)
    assert len(live()) == 1
    assert sum(isinstance(each, Claimed) for each in outcomes) == 1


def test_the_sweep_of_a_city_and_its_owners() -> None:
    versions = [make_version(), make_version()]
    make_group(*versions)
    firms = [make_company() for _firm in range(12)]
    pairs = [
        [make_entitlement(of=version, company=firm, amount_cny=100 + place) for place, version in enumerate(versions)]
        for firm in firms
    ]
    everything = [right for pair in pairs for right in pair]
    together([lambda: sweep(*everything), *(clicking(pair[1]) for pair in pairs[:6])])
    by_firm = Payout.objects.values("company").annotate(sum=Sum("amount_cny")).values_list("sum", flat=True)
    assert set(by_firm) == {101}


def test_two_dividers_divide_once() -> None:
    version = make_version(pool="proportional", granted_cny=50)
    right = make_entitlement(of=version)
    Entitlement.objects.filter(pk=right.pk).update(base_cny=100)
    outcomes = together([lambda: divide_pool(version=version, actor=None, now=NOW)] * 4)
    assert Counter(type(each) for each in outcomes) == {PoolDivision: 1, NotDivisible: 3}
