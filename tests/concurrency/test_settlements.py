"""Settlements between levels at the same moment: together they never exceed what is owed, in either direction."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from payouts.ledger.level_debts import find_unsettled_debts
from payouts.ledger.shares import NotOwed, propose_settlement
from payouts.models import Payout
from qinqing.proposals.decide import AlreadyDecided, confirm, turn_down
from qinqing.proposals.models import Proposal
from tests.concurrency.racing import together
from tests.factories.clock import NOW, TODAY
from tests.factories.people import make_user
from tests.integration.ledger.test_settlements import repaid
from tests.integration.ledger.test_shares import HALF, paid, shared

pytestmark = pytest.mark.django_db(transaction=True)


def booked(payout: Payout, amount: int, reference: str, *, back: bool = False) -> Proposal:
    levels = ("district", "city") if back else ("city", "district")
    return propose_settlement(
        fund=payout.fund,
        district=payout.district,
        debtor=levels[0],
        creditor=levels[1],
        amount_cny=Decimal(amount),
        reference=reference,
        settled_on=TODAY,
        actor=make_user("finance"),
        now=NOW,
    )


def confirmed(settlement: Proposal, by: str = "second") -> Proposal:
    return confirm(proposal_id=settlement.pk, actor=make_user(by), now=NOW)


def kinds(outcomes: list[Any]) -> Counter[type]:
    return Counter(type(each) for each in outcomes)


@pytest.fixture
def payout() -> Payout:
    make_user("finance")
    make_user("second")
    return paid(shared(HALF, advance_payer="district"))


def test_clerks_who_book_at_once_book_no_more_than_is_owed(payout: Payout) -> None:
    outcomes = together([lambda each=each: booked(payout, 20, f"V-{each}") for each in range(8)])
    assert kinds(outcomes) == {Proposal: 2, NotOwed: 6}


def test_clerks_who_book_it_back_at_once_book_no_more_than_was_recovered(payout: Payout) -> None:
    confirmed(booked(payout, 50, "V-1"))
    repaid(payout, Decimal(50))
    outcomes = together([lambda each=each: booked(payout, 10, f"B-{each}", back=True) for each in range(8)])
    assert kinds(outcomes) == {Proposal: 2, NotOwed: 6}
    for each in Proposal.objects.filter(kind="settlement", decision=""):
        confirmed(each)
    (debt,) = find_unsettled_debts()
    assert (debt.debtor, debt.owed_cny) == ("district", 5)


def test_a_settlement_is_decided_once(payout: Payout) -> None:
    settlement, second = booked(payout, 50, "V-1"), make_user("second")

    def turn_it_down() -> Proposal:
        return turn_down(proposal_id=settlement.pk, actor=second, now=NOW)

    outcomes = together([*[lambda: confirmed(settlement)] * 3, *[turn_it_down] * 3])
    assert kinds(outcomes) == {Proposal: 1, AlreadyDecided: 5}
