"""Demands, repayments and samples at the same moment."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

from payouts.controls.post_audit import draw_samples, plan_sampling, raise_risks
from payouts.controls.reconcile import invariants
from payouts.models import Fine, HearingAnswer, HearingNotice, PostCheck, Recovery, Repayment
from payouts.recovery.hearing import NotAnswerable, answer_notice
from payouts.recovery.penalties import NotFraud
from payouts.recovery.recover import NotABreach, NotARepayment, NotEnded, demand_repayment, end_recovery
from qinqing.proposals.decide import AlreadyDecided
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import AlreadyProposed
from tests.concurrency.racing import together
from tests.factories.claims import claim_entitlements
from tests.factories.clock import NOW
from tests.factories.companies import act_for
from tests.factories.entitlements import make_entitlements, make_version
from tests.factories.payouts import make_paid, settle_payouts
from tests.factories.penalties import HEARD, find_fraud, judge, make_fine, make_fraud
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


def test_of_two_who_propose_fraud_one_waits_and_the_firm_gets_one_notice() -> None:
    recovery, people = demanded(is_fraud=False), ("first", "second")
    for name in people:
        make_user(name)
    outcomes = together([lambda name=name: make_fraud(recovery, proposer=name) for name in people])  # type: ignore[misc]
    assert Counter(type(each) for each in outcomes) == {Proposal: 1, AlreadyProposed: 1}
    assert HearingNotice.objects.count() == 1


def test_of_two_who_confirm_a_fine_one_is_told_that_it_was_decided() -> None:
    proposal = make_fine(find_fraud(demanded(is_fraud=False)), now=NOW - HEARD)
    people = ("third", "fourth")
    for name in people:
        make_user(name)
    outcomes = together([lambda name=name: judge(proposal, by=name) for name in people])  # type: ignore[misc]
    assert Counter(type(each) for each in outcomes) == {Proposal: 1, AlreadyDecided: 1}
    assert Fine.objects.get().amount_cny == 20


def test_a_firm_answers_a_notice_once() -> None:
    notice = make_fraud(demanded(is_fraud=False)).hearing_notice
    owner = act_for(notice.recovery.payout.company, make_user("owner"))

    def answer() -> HearingAnswer:
        given = {"text": "我们没有虚报。", "is_waiver": False, "actor": owner, "now": NOW}
        return answer_notice(notice=HearingNotice.objects.get(pk=notice.pk), **given)

    outcomes = together([answer] * 4)
    assert Counter(type(each) for each in outcomes) == {HearingAnswer: 1, NotAnswerable: 3}


def test_a_demand_is_closed_or_fined_but_not_both_at_the_same_moment() -> None:
    make_user("prosecutor")
    closer = make_user("closer")
    for _time in range(4):
        recovery = find_fraud(demanded(is_fraud=False))
        repay(recovery, 100, f"R-{recovery.pk}")
        outcomes = together(
            [
                lambda recovery=recovery: make_fine(recovery),  # type: ignore[misc]
                lambda recovery=recovery: end_recovery(recovery_id=recovery.pk, actor=closer, now=NOW),  # type: ignore[misc]
            ]
        )
        assert {type(each) for each in outcomes} in ({Proposal, NotEnded}, {NotFraud, Recovery})


def test_two_workers_draw_a_payout_once() -> None:
    version = make_version()
    claim_entitlements(
        entitlement_ids=make_entitlements(50, of=version), company=None, commitment="", actor=None, now=NOW
    )
    settle_payouts(BANK)
    plan_sampling(version=version, percentage=Decimal(100), actor=make_user("officer"), now=NOW)
    together([lambda: draw_samples(now=NOW)] * 3 + [lambda: raise_risks(now=NOW)] * 2)
    assert PostCheck.objects.filter(reason="sample").count() == 50
