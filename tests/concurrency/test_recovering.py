"""Demands, repayments and samples at the same moment."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

from payouts.controls.post_audit import draw_samples, plan_sampling, raise_risks
from payouts.controls.reconcile import invariants
from payouts.models import PostCheck, Recovery, Repayment
from payouts.recovery.recover import NotABreach, NotARepayment, demand_repayment
from tests.concurrency.racing import together
from tests.factories.claims import claim_entitlements
from tests.factories.clock import NOW
from tests.factories.entitlements import make_entitlements, make_version
from tests.factories.payouts import make_paid, settle_payouts
from tests.factories.people import make_user
from tests.integration.batches.test_batches import statement
from tests.integration.recovery.test_recovering import BANK, breach, demanded, repay

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _the_bank_has_paid_nothing_yet() -> None:
    BANK.orders.clear()


def test_repayments_at_once_do_not_reach_over_the_demand() -> None:
    recovery = demanded()
    clerk = make_user("finance")
    outcomes = together([lambda each=each: repay(recovery, 50, f"R{each}", clerk.username) for each in range(8)])
    assert Counter(type(each) for each in outcomes) == {Repayment: 2, NotARepayment: 6}
    recovery.payout.fund.refresh_from_db()
    assert recovery.payout.fund.recovered_cny == 100
    assert invariants(bank_books=statement(BANK)).hold


def test_a_breach_is_demanded_once() -> None:
    found, clerk = breach(make_paid(gateway=BANK)), make_user("finance")

    def ask() -> Recovery:
        return demand_repayment(
            check=found,
            amount_cny=Decimal(100),
            because="x",
            actor=clerk,
            now=NOW,
        )

    outcomes = together([ask] * 6)
    assert Counter(type(each) for each in outcomes) == {Recovery: 1, NotABreach: 5}


def test_two_workers_draw_a_payout_once() -> None:
    version = make_version()
    claim_entitlements(
        entitlement_ids=make_entitlements(50, of=version), company=None, commitment="", actor=None, now=NOW
    )
    settle_payouts(BANK)
    plan_sampling(version=version, percentage=Decimal(100), actor=make_user("officer"), now=NOW)
    together([lambda: draw_samples(now=NOW)] * 3 + [lambda: raise_risks(now=NOW)] * 2)
    assert PostCheck.objects.filter(reason="sample").count() == 50
