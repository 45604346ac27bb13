"""The bank paid a cancelled payout: two clerks find that out, the books follow, and finance can demand the money."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils.translation import override

from payouts.banks.gateway import ExecutedPayment
from payouts.claims.refusals import AlreadyClaimed, NotOpen
from payouts.controls.post_audit import ask_for_check, finish_check
from payouts.controls.reconcile import invariants
from payouts.ledger.move import IllegalMove
from payouts.ledger.waiting_accounts import sum_stopped_payouts
from payouts.models import Finding, Payout, PostCheck, Transition
from payouts.offers.queries import list_offers
from payouts.recovery.recover import demand_repayment, end_recovery, record_repayment
from payouts.replies.clarify import NotCovered
from payouts.sending.account_replaced import resume_mended
from payouts.states import Status
from policies.models import Entitlement, EntitlementStatus
from qinqing.kernel.database.integrity import constraint_of
from qinqing.proposals.models import Proposal
from tests.factories.claims import claim_entitlements
from tests.factories.clock import NOW, TODAY
from tests.factories.entitlements import make_version
from tests.factories.payouts import grant_more, make_payout
from tests.factories.people import make_user
from tests.factories.rows import refusal_of
from tests.integration.replies.test_findings import confirmed, entered, found, payment
from tests.integration.replies.test_paid_after_all import (
    MOVE,
    PAY,
    another_account,
    apply,
    cancel,
    failed,
    hear,
    retry,
    send,
    standing,
)

pytestmark = pytest.mark.django_db


class Statement:
    """A bank whose books hold one payment of each payout."""

    def __init__(self, *payouts: Payout) -> None:
        self.payouts = payouts

    def list_executed(self) -> Iterator[ExecutedPayment]:
        return (ExecutedPayment(f"Q{each.pk:015d}A01", each.amount_cny, "") for each in self.payouts)


def cancelled_and_paid() -> Payout:
    """A payout that the bank refused and a clerk cancelled, and that the bank later reports as paid."""
    payout = failed()
    cancel(payout)
    hear(payout, "paid")
    apply()
    return standing(payout)


def booked() -> Payout:
    payout = cancelled_and_paid()
    found(payment(payout), was_paid=True)
    return standing(payout)


def claimed_again(payout: Payout) -> Payout:
    asked: dict[str, Any] = {"company": payout.company, "commitment": "", "actor": make_user("owner"), "now": NOW}
    (again,) = claim_entitlements(entitlement_ids=[payout.entitlement_id], **asked).payout_ids
    return Payout.objects.get(pk=again)


def paid_twice() -> tuple[Payout, Payout]:
    """A payout that was cancelled and claimed again; the bank paid both, and reported the first payment last."""
    first = failed()
    cancel(first)
    second = claimed_again(first)
    send()
    hear(first, "paid")
    apply()
    found(payment(first), was_paid=True)
    return standing(first), standing(second)


def uncovered() -> tuple[Payout, Payout, Proposal]:
    """A cancelled payout that the bank paid, one that used its money since, and the pending finding about the first."""
    version = make_version(granted_cny=100)
    first = make_payout(of=version)
    send("refused")
    cancel(first)
    other = make_payout(of=version)
    send()
    hear(first, "paid")
    apply()
    return standing(first), standing(other), entered(payment(first), was_paid=True)


def holds(*payouts: Payout) -> bool:
    proof = invariants(bank_books=Statement(*payouts))
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE bank_book, bank_paired")
    return proof.hold


def test_what_two_clerks_found_out_is_booked_and_the_bank_agrees() -> None:
    payout = cancelled_and_paid()
    granted_cny = payout.fund.available_cny
    assert payout.status == Status.CANCELLED
    assert not holds(payout)
    finding = entered(payment(payout), was_paid=True)
    assert standing(payout).status == Status.CANCELLED
    confirmed(finding)
    paid = standing(payout)
    assert (paid.status, paid.paid_at, paid.was_paid_cancelled) == (Status.PAID, NOW, True)
    fund = paid.fund
    assert (fund.available_cny, fund.reserved_cny, fund.disbursed_cny) == (granted_cny - 100, 0, 100)
    last = Transition.objects.filter(payout=payout).latest("sequence")
    assert (last.before, last.after, last.moved_as) == ("cancelled", "paid", "system")
    assert holds(payout)


def test_what_the_bank_says_alone_books_nothing() -> None:
    payout = cancelled_and_paid()
    assert payment(payout).contradicted_status
    found(payment(payout), was_paid=False)
    assert standing(payout).status == Status.CANCELLED


def test_two_that_were_cancelled_and_paid_stand_beside_each_other() -> None:
    first = failed()
    cancel(first)
    second = claimed_again(first)
    send("refused")
    cancel(second)
    for each in (first, second):
        hear(each, "paid")
        apply()
        found(payment(each), was_paid=True)
    assert (standing(first).status, standing(second).status) == (Status.PAID, Status.PAID)
    assert holds(first, second)


def test_what_was_paid_is_not_offered_before_it_is_booked_either() -> None:
    payout = failed()
    cancel(payout)
    assert list_offers(company=payout.company, on=TODAY).claimable
    hear(payout, "paid")
    assert not list_offers(company=payout.company, on=TODAY).claimable


def test_its_right_is_neither_offered_nor_claimed_again() -> None:
    payout = booked()
    assert Entitlement.objects.get(pk=payout.entitlement_id).status == EntitlementStatus.OPEN
    assert not list_offers(company=payout.company, on=TODAY).claimable
    with override("en"), pytest.raises(NotOpen, match="has paid this already"):
        claimed_again(payout)


def test_it_goes_to_the_account_that_was_paid() -> None:
    payout = failed()
    first = payout.account_id
    another_account(payout)
    retry(payout)
    send("refused")
    cancel(payout)
    hear(payout, "paid")
    apply()
    found(payment(payout), was_paid=True)
    assert (standing(payout).status, standing(payout).account_id) == (Status.PAID, first)


def test_a_right_that_was_paid_twice_has_both_payments_in_the_books() -> None:
    first, second = paid_twice()
    assert (first.status, second.status) == (Status.PAID, Status.PAID)
    assert first.fund.disbursed_cny == 200
    assert holds(first, second)


def test_what_was_claimed_anew_is_not_sent_and_can_be_cancelled() -> None:
    first = failed()
    cancel(first)
    second = claimed_again(first)
    hear(first, "paid")
    apply()
    found(payment(first), was_paid=True)
    assert send().orders == []
    cancel(second)
    assert (standing(first).status, standing(second).status) == (Status.PAID, Status.CANCELLED)
    with pytest.raises(AlreadyClaimed):
        claimed_again(first)


def test_it_is_demanded_back_and_repaid() -> None:
    first, second = paid_twice()
    check = ask_for_check(payout=first, because="paid twice", actor=make_user("clerk"), now=NOW)
    told = {"is_breach": True, "finding": "paid twice", "actor": make_user("officer"), "now": NOW}
    finish_check(check_id=check.pk, **told)
    asked = {"amount_cny": Decimal(100), "because": "paid twice"}
    check = PostCheck.objects.get(pk=check.pk)
    demand = demand_repayment(check=check, **asked, actor=make_user("clerk"), now=NOW)
    repaid = {"amount_cny": Decimal(100), "received_on": NOW.date(), "bank_reference": "R1"}
    record_repayment(recovery_id=demand.pk, **repaid, actor=make_user("clerk"), now=NOW)
    end_recovery(recovery_id=demand.pk, actor=make_user("other"), now=NOW)
    assert (standing(first).status, standing(second).status) == (Status.RECOVERED, Status.PAID)
    assert (first.fund.disbursed_cny, standing(first).fund.recovered_cny) == (200, 100)
    assert holds(first, second)


def test_what_comes_back_is_not_paid_again_but_cancelled() -> None:
    payout = booked()
    hear(payout, "returned")
    apply()
    assert standing(payout).status == Status.RETURNED
    another_account(payout)
    assert resume_mended(limit=10, now=NOW) == 0
    _to_mend, decided = sum_stopped_payouts(company=payout.company)
    assert decided is not None
    with override("en"), pytest.raises(IllegalMove, match="cancelled before the bank paid it"):
        retry(payout)
    cancel(payout)
    assert (standing(payout).fund.reserved_cny, standing(payout).fund.disbursed_cny) == (0, 0)
    second = claimed_again(payout)
    send()
    assert standing(second).status == Status.PAID


def test_cancelling_it_leaves_the_right_to_whom_it_was_paid_since() -> None:
    first, second = paid_twice()
    hear(first, "returned")
    apply()
    cancel(first)
    assert Entitlement.objects.get(pk=first.entitlement_id).status == EntitlementStatus.CLAIMED
    assert standing(second).status == Status.PAID


def test_a_fund_that_gave_the_money_to_others_is_granted_more_first() -> None:
    first, other, finding = uncovered()
    with override("en"), pytest.raises(NotCovered, match="grant some first"):
        confirmed(finding)
    assert (Finding.objects.count(), standing(first).status) == (0, Status.CANCELLED)
    grant_more(100, to=first.fund.version)
    confirmed(finding)
    assert standing(first).status == Status.PAID
    assert holds(first, other)


def test_the_database_itself_books_it_once_two_have_found_it_out() -> None:
    payout = cancelled_and_paid()
    flag = "UPDATE payouts_payout SET was_paid_cancelled = true WHERE id = %s"
    promise = "payout_paid_though_cancelled_is_proven_by_two"
    assert refusal_of(PAY, "paid", "system", None, payout.pk) == promise
    assert refusal_of(flag, payout.pk) == promise
    entered(payment(payout), was_paid=True)
    assert refusal_of(flag, payout.pk) == promise
    confirmed(Proposal.objects.get(kind="finding"))
    assert refusal_of(flag.replace("true", "false"), payout.pk) == promise
    hear(payout, "returned")
    apply()
    back = refusal_of(MOVE, "approved", "finance", make_user("clerk").pk, payout.pk)
    assert back == "payout_paid_though_cancelled_is_not_sent_again"
    cancel(payout)
    assert refusal_of(PAY, "paid", "system", None, payout.pk) == promise


def test_no_payout_opens_as_one_that_was_cancelled() -> None:
    payout = make_payout()
    columns = (
        "claim_id, entitlement_id, policy_id, fund_id, company_id, account_id, district, amount_cny, moved_at,"
        " moved_as, moved_because, claimed_at"
    )
    with pytest.raises(IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO payouts_payout ({columns}, status, sequence, was_paid_cancelled)"
            f" SELECT {columns}, 'requested', 0, true FROM payouts_payout WHERE id = %s",
            [payout.pk],
        )
    assert constraint_of(refusal.value) == "payout_opens_requested"
