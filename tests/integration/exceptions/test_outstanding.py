"""
A file that one person brought can say “failed” of a payment that the bank makes; nobody alone has it paid again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from payouts.exceptions.manual import cancel_payouts, retry_payouts
from payouts.exceptions.outstanding import StillValid, propose_repetition
from payouts.ledger.move import IllegalMove
from payouts.models import Batch, Instruction, Payout, VoidedAttempt
from payouts.sending.account_replaced import resume_mended
from payouts.sending.send import send_due
from payouts.states import Role, Status
from qinqing.proposals.decide import SamePerson
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import Concerned
from tests.factories import replies as written
from tests.factories.clients import sign_in_official
from tests.factories.clock import NOW
from tests.factories.decisions import confirm_proposal, repeat_by_two
from tests.factories.payouts import make_released_batch
from tests.factories.people import make_user
from tests.factories.rows import refusal_of
from tests.integration.exceptions.test_resuming import mended
from tests.integration.replies.test_reply_files import applied, ids, uploaded
from tests.tellers import Teller

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def batch() -> Batch:
    return make_released_batch(1)


@pytest.fixture
def payout(batch: Batch) -> Payout:
    """A payout that the bank may be paying, while a file that a clerk made says that it was refused."""
    applied(uploaded(written.status_report([(ids(batch)[0], "RJCT")], reason="closed")))
    payout = Payout.objects.get()
    assert payout.status == Status.FAILED
    return payout


def asked(payout: Payout, **fields: Any) -> dict[str, Any]:
    return {"payout_ids": [payout.pk], "actor": make_user("clerk"), "because": "again", "now": NOW} | fields


def test_one_clerk_does_not_pay_again_what_only_a_file_says_was_refused(payout: Payout) -> None:
    with pytest.raises(IllegalMove, match="Only a file says"):
        retry_payouts(**asked(payout))
    assert Instruction.objects.count() == 1


def test_one_clerk_does_not_cancel_it_so_that_it_is_claimed_again(payout: Payout) -> None:
    with pytest.raises(IllegalMove, match="Only a file says"):
        cancel_payouts(**asked(payout), role=Role.FINANCE)


def test_the_platform_does_not_repeat_it_to_another_account(payout: Payout) -> None:
    mended(payout)
    assert resume_mended(limit=10, now=NOW) == 0


MOVE = (
    "UPDATE payouts_payout SET status = %s, sequence = sequence + 1, moved_as = 'finance', moved_by_id = %s"
    " WHERE id = %s"
)


@pytest.mark.parametrize("after", [Status.APPROVED, Status.CANCELLED])
def test_raw_sql_does_not_either(payout: Payout, after: Status) -> None:
    assert refusal_of(MOVE, after, make_user("clerk").pk, payout.pk) == "payout_with_an_outstanding_attempt_waits"


def test_raw_sql_voids_no_attempt_alone(payout: Payout) -> None:
    proposal = propose_repetition(
        payout=payout, after=Status.APPROVED, because="asked", actor=make_user("second proposer"), now=NOW
    )
    void = "INSERT INTO payouts_voidedattempt (instruction_id, proposal_id) VALUES (%s, %s)"
    assert refusal_of(void, Instruction.objects.get().pk, proposal.pk) == "attempt_is_voided_by_two"


def test_no_second_instruction_follows_an_outstanding_one(payout: Payout) -> None:
    """Only whoever switches the guards of the payout off gets so far; the guard of the instruction holds."""
    from tests.factories.rows import unguarded

    with unguarded():
        Payout.objects.filter(pk=payout.pk).update(status=Status.APPROVED)
    second = """
        INSERT INTO payouts_instruction
            (payout_id, attempt, end_to_end_id, fund_id, account_id, amount_cny, stored_at, valid_until)
        SELECT id, 2, 'QAGAIN', fund_id, account_id, amount_cny, now(), now() FROM payouts_payout WHERE id = %s
    """
    assert refusal_of(second, payout.pk) == "instruction_follows_no_outstanding_attempt"


def test_two_who_had_no_hand_in_the_file_pay_it_again(payout: Payout) -> None:
    repeat_by_two(payout=payout)
    payout.refresh_from_db()
    last = payout.transitions.latest("sequence")
    assert (payout.status, last.moved_by, last.moved_because) == (
        Status.APPROVED,
        make_user("second confirmer"),
        "asked the bank",
    )
    assert VoidedAttempt.objects.get().instruction == Instruction.objects.get()
    # It goes into a file again, and not over the interface.
    assert send_due(gateway=Teller(), limit=10, now=NOW).count == 0


def test_two_who_had_no_hand_in_the_file_cancel_it(payout: Payout) -> None:
    repeat_by_two(payout=payout, after=Status.CANCELLED)
    payout.refresh_from_db()
    assert payout.status == Status.CANCELLED


@pytest.mark.parametrize("person", ["clerk", "confirmer"])
def test_who_brought_or_applied_the_file_neither_proposes_nor_confirms(payout: Payout, person: str) -> None:
    given = {"payout": payout, "after": Status.APPROVED, "because": "asked", "now": NOW}
    with pytest.raises(Concerned):
        propose_repetition(**given, actor=make_user(person))
    proposal = propose_repetition(**given, actor=make_user("third"))
    with pytest.raises(Concerned):
        confirm_proposal(proposal, actor=make_user(person))
    with pytest.raises(SamePerson):
        confirm_proposal(proposal, actor=make_user("third"))
    assert not VoidedAttempt.objects.exists()


def test_a_statement_that_the_money_came_back_is_believed(batch: Batch) -> None:
    number = ids(batch)[0]
    applied(uploaded(written.statement([written.entry(number)])))
    back = written.entry(number, side="CRDT", returned="closed")
    applied(uploaded(written.statement([back], message_id="STMT-2")))
    retry_payouts(**asked(Payout.objects.get()))
    assert Payout.objects.get().status == Status.APPROVED


def test_an_unanswered_file_is_given_up_only_after_its_validity(batch: Batch) -> None:
    payout = Payout.objects.get()
    assert payout.status == Status.SENT
    with pytest.raises(StillValid):
        repeat_by_two(payout=payout)
    Proposal.objects.filter(decision="").update(decision="turned_down", decided_at=NOW, decided_by=make_user("x"))
    repeat_by_two(payout=payout, now=NOW + timedelta(days=6))
    payout.refresh_from_db()
    assert payout.status == Status.APPROVED
    assert list(payout.transitions.order_by("sequence").values_list("after", flat=True))[-2:] == ["failed", "approved"]


def test_the_page_proposes_and_another_person_confirms(payout: Payout) -> None:
    page = reverse("admin:payouts_payout_retry", args=[payout.pk])
    first, second = sign_in_official("finance"), sign_in_official("finance")
    assert "nothing but a file says" in first.get(page).content.decode()
    answer = first.post(page, {"because": "asked the bank"}, follow=True)
    assert "waits for a colleague" in answer.content.decode()
    proposal = Proposal.objects.get(kind="retry_after_file")
    shown = second.get(reverse("admin:proposals_proposal_change", args=[proposal.pk])).content.decode()
    assert "reply.xml · SHA-256" in shown
    second.post(reverse("admin:proposals_proposal_confirm", args=[proposal.pk]))
    payout.refresh_from_db()
    assert payout.status in (Status.FAILED, Status.APPROVED)
