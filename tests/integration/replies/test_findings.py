"""A bank contradicts itself about a payment: two clerks find out what is true, and then the money moves."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.translation import override

from payouts.banks.gateway import Answer, OutcomeWord
from payouts.exceptions.stuck import find_stuck_work
from payouts.ledger.move import IllegalMove
from payouts.ledger.waiting_accounts import sum_stopped_payouts
from payouts.models import Finding, Payout, Reply, Transition
from payouts.replies.apply import record_answers
from payouts.replies.clarify import (
    NotAContradiction,
    clarify_contradiction,
    propose_finding,
)
from payouts.sending.account_replaced import resume_mended
from payouts.sending.send import send_due
from payouts.states import Status
from qinqing.kernel.refusals import NoReason
from qinqing.proposals.decide import AlreadyDecided, SamePerson, confirm, turn_down
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import AlreadyProposed
from tests.factories.claims import claim_entitlements
from tests.factories.clock import NOW
from tests.factories.payouts import make_payout
from tests.factories.people import make_user
from tests.factories.rows import refusal_of
from tests.integration.replies.test_paid_after_all import (
    another_account,
    apply,
    cancel,
    failed,
    hear,
    retry,
    send,
    standing,
)
from tests.tellers import Teller

pytestmark = pytest.mark.django_db


def torn(first: OutcomeWord = "refused") -> Payout:
    """A payout about which the bank has said two things at the same moment."""
    payout = make_payout()
    send_due(gateway=Teller(deaf=lambda _id: True), limit=10, now=NOW)
    said = [Answer(f"Q{payout.pk:015d}A01", outcome, NOW) for outcome in (first, "paid")]
    record_answers(answers=said, now=NOW)
    apply()
    return standing(payout)


def payment(payout: Payout, *, attempt: int = 1) -> Reply:
    return Reply.objects.get(instruction__payout=payout, instruction__attempt=attempt, outcome="paid")


def entered(reply: Reply, *, was_paid: bool, by: str = "asker") -> Proposal:
    told: dict[str, Any] = {"was_paid": was_paid, "because": "柜台答复", "now": NOW}
    return propose_finding(reply_id=reply.pk, **told, actor=make_user(by))


def confirmed(finding: Proposal, *, by: str = "checker") -> Proposal:
    return confirm(proposal_id=finding.pk, actor=make_user(by), now=NOW)


def found(reply: Reply, *, was_paid: bool) -> Proposal:
    return confirmed(entered(reply, was_paid=was_paid))


@pytest.mark.parametrize("first", ["refused", "unknown"])
def test_what_the_bank_paid_is_booked_as_paid(first: OutcomeWord) -> None:
    payout = torn(first)
    finding = entered(payment(payout), was_paid=True)
    assert standing(payout).status == Status.FAILED
    confirmed(finding)
    settled = standing(payout)
    assert (settled.status, settled.paid_at) == (Status.PAID, NOW)
    assert (settled.fund.reserved_cny, settled.fund.disbursed_cny) == (0, 100)
    last = Transition.objects.filter(payout=payout).latest("sequence")
    assert (last.moved_as, last.moved_because) == ("system", "The bank paid it after all, as two clerks found out.")
    hear(payout, "returned")
    apply()
    assert standing(payout).status == Status.RETURNED


def test_what_the_bank_did_not_pay_is_paid_again_and_once() -> None:
    payout = torn()
    found(payment(payout), was_paid=False)
    assert standing(payout).status == Status.FAILED
    retry(payout)
    bank = send()
    assert [order.end_to_end_id for order in bank.orders] == [f"Q{payout.pk:015d}A02"]
    assert standing(payout).status == Status.PAID
    assert send().orders == []


def test_what_the_bank_did_not_pay_can_be_cancelled() -> None:
    payout = torn()
    found(payment(payout), was_paid=False)
    cancel(payout)
    assert standing(payout).status == Status.CANCELLED


def test_what_the_bank_neither_saw_nor_paid_goes_on_by_itself() -> None:
    payout = torn("unknown")
    assert resume_mended(limit=10, now=NOW) == 0
    found(payment(payout), was_paid=False)
    assert resume_mended(limit=10, now=NOW) == 1
    send()
    assert standing(payout).status == Status.PAID


def test_the_firm_is_asked_for_another_account_once_it_is_known_that_nothing_was_paid() -> None:
    payout = torn()
    assert sum_stopped_payouts(company=payout.company).account_request is None
    found(payment(payout), was_paid=False)
    assert sum_stopped_payouts(company=payout.company).account_request is not None
    another_account(payout)
    assert resume_mended(limit=10, now=NOW) == 1


@pytest.mark.parametrize("act", [retry, cancel])
def test_until_then_the_clerk_is_told_which_payout_stands_in_the_way(act: Any) -> None:
    payout = torn()
    entered(payment(payout), was_paid=False)
    with override("en"), pytest.raises(IllegalMove, match=f"has paid #{payout.pk}\\."):
        act(payout)
    assert standing(payout).status == Status.FAILED


def test_a_right_that_nobody_paid_is_free_again() -> None:
    payout = failed()
    cancel(payout)
    right = payout.entitlement
    asked = {"company": right.company, "commitment": "", "actor": make_user("owner"), "now": NOW}
    (again,) = claim_entitlements(entitlement_ids=[right.pk], **asked).payout_ids
    hear(payout, "paid")
    assert send().orders == []
    found(payment(payout), was_paid=False)
    assert not find_stuck_work(now=NOW).paid_otherwise.rows
    send()
    assert Payout.objects.get(pk=again).status == Status.PAID


def test_what_counts_as_paid_by_nothing_else_stays_paid() -> None:
    payout = failed()
    retry(payout)
    send()
    hear(payout, "paid")
    apply()
    first = payment(payout)
    assert first.contradicted_status
    hear(payout, "returned", attempt=2)
    apply()
    assert standing(payout).status == Status.PAID
    finding = entered(first, was_paid=False)
    with pytest.raises(IllegalMove):
        confirmed(finding)
    assert not Finding.objects.exists()


def test_a_second_payment_that_was_none_leaves_the_first_one_alone() -> None:
    payout = failed()
    retry(payout)
    send()
    hear(payout, "paid")
    apply()
    found(payment(payout), was_paid=False)
    assert standing(payout).status == Status.PAID
    hear(payout, "returned", attempt=2)
    apply()
    assert standing(payout).status == Status.RETURNED


def test_one_asks_and_another_confirms_once() -> None:
    finding = entered(payment(torn()), was_paid=True)
    with pytest.raises(SamePerson):
        confirmed(finding, by="asker")
    reply = Reply.objects.get(pk=finding.subject_id)
    with pytest.raises(AlreadyProposed):
        entered(reply, was_paid=False)
    confirmed(finding)
    with pytest.raises(AlreadyDecided):
        confirmed(finding)
    with pytest.raises(AlreadyDecided):
        entered(reply, was_paid=False)


def test_what_was_turned_down_is_found_out_anew() -> None:
    payout = torn()
    finding = entered(payment(payout), was_paid=False)
    turn_down(proposal_id=finding.pk, actor=make_user("asker"), now=NOW)
    assert standing(payout).status == Status.FAILED
    assert [each.pk for each in find_stuck_work(now=NOW).contradictions.rows] == [finding.subject_id]
    found(payment(payout), was_paid=True)
    assert not find_stuck_work(now=NOW).contradictions.rows


def test_bad_input_is_told_and_changes_nothing() -> None:
    payout = torn()
    reply, other = payment(payout), Reply.objects.get(instruction__payout=payout, outcome="refused")
    told: dict[str, Any] = {"was_paid": True, "actor": make_user("asker"), "now": NOW}
    with pytest.raises(NoReason):
        propose_finding(reply_id=reply.pk, because=" ", **told)
    with pytest.raises(NotAContradiction):
        propose_finding(reply_id=other.pk, because="so", **told)
    with override("en"), pytest.raises(NotAContradiction, match="somebody else has to confirm"):
        clarify_contradiction(reply_id=reply.pk, because="so", actor=make_user("asker"), now=NOW)
    assert not Finding.objects.exists()


def test_the_database_itself_wants_two_people() -> None:
    payout = torn()
    reply, one = payment(payout).pk, make_user("asker").pk
    note = (
        "INSERT INTO payouts_clarification (reply_id, because, clarified_at, clarified_by_id)"
        " VALUES (%s, 'so', now(), %s)"
    )
    assert refusal_of(note, reply, one) == "payment_is_clarified_by_two"
    proposal = entered(payment(payout), was_paid=True)
    write = "INSERT INTO payouts_finding (reply_id, was_paid, proposal_id) VALUES (%s, true, %s)"
    assert refusal_of(write, reply, proposal.pk) == "finding_takes_two_people"
    decide = (
        "UPDATE proposals_proposal SET decision = %s, decided_at = now(), decided_by_id = %s WHERE kind = 'finding'"
    )
    assert refusal_of(decide, "confirmed", one) == "proposal_is_confirmed_by_another"
    assert refusal_of(decide, "confirmed", make_user("checker").pk) is None
    assert refusal_of("UPDATE payouts_finding SET was_paid = false") == "finding_is_kept"
    assert refusal_of("DELETE FROM payouts_finding") == "finding_is_kept"
    again = (
        "INSERT INTO proposals_proposal (kind, subject_id, subject_name, slot, before, after, because, document_number,"
        " excluded_ids, proposed_at, proposed_by_id, decision) VALUES"
        """ ('finding', %s, 'x', '', '{}', '{"was_paid": false}', 'x', '', '{}', now(), %s, '')"""
    )
    assert refusal_of(again, reply, one) == "finding_once_per_reply"


def test_the_database_itself_leaves_no_payout_paid_by_nothing() -> None:
    payout = failed()
    retry(payout)
    send()
    hear(payout, "paid")
    apply()
    hear(payout, "returned", attempt=2)
    apply()
    entered(payment(payout), was_paid=False)
    decide = (
        "UPDATE proposals_proposal SET decision = 'confirmed', decided_at = now(), decided_by_id = %s"
        " WHERE kind = 'finding'"
    )
    assert refusal_of(decide, make_user("checker").pk) == "finding_leaves_no_payout_paid_by_nothing"
