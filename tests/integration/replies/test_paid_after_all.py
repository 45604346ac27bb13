"""The bank says “paid” of a payment that it had refused: the books follow, and nothing is sent a second time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils.translation import override

from payouts.banks.gateway import Answer, OutcomeWord
from payouts.batches.assemble import open_batch, seal_batch
from payouts.batches.queries import sum_lines
from payouts.batches.release import reject_batch, release_batch
from payouts.batches.seal import seal_sent_instructions
from payouts.batches.transition import BatchRefused
from payouts.claims.claim import claim
from payouts.claims.clicks import Click
from payouts.claims.refusals import NotOpen
from payouts.exceptions.manual import cancel_payouts, retry_payouts
from payouts.exceptions.stuck import find_stuck_work
from payouts.ledger.move import IllegalMove
from payouts.ledger.waiting_accounts import sum_stopped_payouts
from payouts.models import Instruction, Payout, Reply
from payouts.replies.apply import apply_replies, record_answers
from payouts.sending.account_replaced import resume_mended
from payouts.sending.send import send_due
from payouts.states import Role, Status
from tests.factories.claims import claim_entitlements
from tests.factories.clock import NOW
from tests.factories.companies import act_for, use_other_account
from tests.factories.payouts import check_batch, make_payout, make_released_batch
from tests.factories.people import make_user
from tests.factories.rows import refusal_of
from tests.tellers import Teller

pytestmark = pytest.mark.django_db
MOVE = "UPDATE payouts_payout SET status = %s, sequence = sequence + 1, moved_as = %s, moved_by_id = %s WHERE id = %s"

PAY = MOVE.replace("WHERE", ", paid_at = now() WHERE")


def send(outcome: OutcomeWord = "paid") -> Teller:
    bank = Teller(outcome=outcome, reason="the account is closed")
    send_due(gateway=bank, limit=10, now=NOW)
    apply()
    return bank


def apply() -> None:
    while apply_replies(limit=10, now=NOW):
        pass


def failed() -> Payout:
    payout = make_payout()
    send("refused")
    return standing(payout)


def hear(payout: Payout, outcome: OutcomeWord, *, attempt: int = 1) -> None:
    """Record a reply of the bank, later than all replies before, and do not apply it."""
    later = NOW + timedelta(minutes=1 + Reply.objects.count())
    record_answers(answers=[Answer(f"Q{payout.pk:015d}A{attempt:02d}", outcome, NOW)], now=later)


def standing(payout: Payout) -> Payout:
    return Payout.objects.get(pk=payout.pk)


def retry(payout: Payout) -> None:
    retry_payouts(payout_ids=[payout.pk], actor=make_user("clerk"), because="again", now=NOW)


def cancel(payout: Payout) -> None:
    asked = {"payout_ids": [payout.pk], "role": Role.FINANCE, "actor": make_user("clerk"), "because": "no"}
    cancel_payouts(**asked, now=NOW)


def another_account(payout: Payout, number: str = "6222021234567894") -> None:
    told = {"holder_name": payout.company.name, "bank_name": "杭州银行", "bank_number": "313331000014"}
    use_other_account(company=payout.company, number=number, **told, actor=make_user("owner"), now=NOW)


def test_what_was_refused_is_paid_when_the_bank_says_so() -> None:
    payout = failed()
    hear(payout, "paid")
    apply()
    settled = standing(payout)
    assert (settled.status, settled.paid_at) == (Status.PAID, NOW)
    assert (settled.fund.reserved_cny, settled.fund.disbursed_cny) == (0, 100)
    assert not Reply.objects.exclude(contradicted_status="").exists()


def test_an_attempt_counts_as_over_when_its_refusal_was_acted_on() -> None:
    payout = failed()
    retry(payout)
    send_due(gateway=Teller(deaf=lambda _id: True), limit=10, now=NOW)
    hear(payout, "paid", attempt=1)
    hear(payout, "refused", attempt=2)
    assert apply_replies(limit=1, now=NOW) == 1
    # Until then the bank may pay the second attempt as well.
    assert Reply.objects.get(outcome="paid").contradicted_status == "in_doubt"
    assert standing(payout).status == Status.IN_DOUBT
    apply()
    assert standing(payout).status == Status.PAID


def test_who_says_refused_and_paid_in_one_breath_is_not_believed() -> None:
    payout = make_payout()
    send_due(gateway=Teller(deaf=lambda _id: True), limit=10, now=NOW)
    said = [Answer(f"Q{payout.pk:015d}A01", outcome, NOW) for outcome in ("refused", "paid")]
    record_answers(answers=said, now=NOW)
    apply()
    assert standing(payout).status == Status.FAILED
    assert Reply.objects.get(outcome="paid").contradicted_status
    another_account(payout)
    assert resume_mended(limit=10, now=NOW) == 0


def test_what_is_lost_and_paid_in_one_breath_is_not_sent_again() -> None:
    payout = make_payout()
    send_due(gateway=Teller(deaf=lambda _id: True), limit=10, now=NOW)
    said = [Answer(f"Q{payout.pk:015d}A01", outcome, NOW) for outcome in ("unknown", "paid")]
    record_answers(answers=said, now=NOW)
    assert send().orders == []
    assert standing(payout).status == Status.FAILED


def test_what_a_clerk_had_approved_again_is_paid_and_not_sent() -> None:
    payout = failed()
    retry(payout)
    hear(payout, "paid")
    assert send().orders == []
    assert standing(payout).status == Status.PAID


def test_a_mended_account_does_not_have_it_sent_again() -> None:
    payout = failed()
    another_account(payout)
    hear(payout, "paid")
    assert resume_mended(limit=10, now=NOW) == 0
    apply()
    assert standing(payout).status == Status.PAID


@pytest.mark.parametrize("act", [retry, cancel])
def test_a_clerk_is_told_and_nothing_is_changed(act: Any) -> None:
    payout = failed()
    hear(payout, "paid")
    with pytest.raises(IllegalMove):
        act(payout)
    assert standing(payout).status == Status.FAILED


def test_what_was_lost_and_paid_all_the_same_is_not_repeated() -> None:
    payout = make_payout()
    send_due(gateway=Teller(deaf=lambda _id: True), limit=10, now=NOW)
    hear(payout, "unknown")
    hear(payout, "paid")
    assert send().orders == []
    assert standing(payout).status == Status.PAID


def test_a_later_attempt_that_is_refused_does_not_hide_the_one_that_was_paid() -> None:
    payout = failed()
    retry(payout)
    send_due(gateway=Teller(deaf=lambda _id: True), limit=10, now=NOW)
    hear(payout, "paid")
    apply()
    assert standing(payout).status == Status.IN_DOUBT
    assert Reply.objects.exclude(contradicted_status="").get().outcome == "paid"
    hear(payout, "refused", attempt=2)
    apply()
    assert standing(payout).status == Status.PAID
    hear(payout, "returned")
    apply()
    assert standing(payout).status == Status.RETURNED


def test_the_attempt_that_was_paid_is_sealed_and_not_the_one_that_was_refused() -> None:
    payout = failed()
    retry(payout)
    send("refused")
    hear(payout, "paid")
    apply()
    (batch,) = seal_sent_instructions(actor=None, now=NOW)
    assert [line.attempt for line in batch.instructions.all()] == [1]


def test_what_was_paid_after_all_has_the_account_that_was_paid() -> None:
    payout = failed()
    first = payout.account_id
    another_account(payout)
    assert resume_mended(limit=10, now=NOW) == 1
    send("refused")
    assert standing(payout).account_id != first
    hear(payout, "paid")
    apply()
    assert (standing(payout).status, standing(payout).account_id) == (Status.PAID, first)


def test_what_came_back_from_there_waits_for_an_account_that_was_not_tried() -> None:
    payout = failed()
    another_account(payout)
    resume_mended(limit=10, now=NOW)
    send("refused")
    hear(payout, "paid")
    apply()
    hear(payout, "returned")
    apply()
    assert standing(payout).status == Status.RETURNED
    assert resume_mended(limit=10, now=NOW) == 0
    waiting = sum_stopped_payouts(company=payout.company).account_request
    assert waiting is not None
    assert waiting.count == 1
    another_account(payout, number="6217001234567893")
    assert resume_mended(limit=10, now=NOW) == 1
    send()
    assert standing(payout).status == Status.PAID


def test_what_came_back_goes_to_the_bank_again() -> None:
    payout = failed()
    hear(payout, "paid")
    hear(payout, "returned")
    apply()
    retry(payout)
    send()
    assert standing(payout).status == Status.PAID


def test_the_second_payment_comes_back_and_the_first_one_stands() -> None:
    payout = failed()
    retry(payout)
    send()
    hear(payout, "paid")
    apply()
    assert "paid" in Reply.objects.exclude(contradicted_status="").get().contradicted_status
    hear(payout, "returned", attempt=2)
    apply()
    assert standing(payout).status == Status.PAID


def test_who_was_paid_by_a_cancelled_payout_is_not_paid_by_the_next_one() -> None:
    payout = failed()
    cancel(payout)
    right = payout.entitlement
    again = claim_entitlements(
        entitlement_ids=[right.pk], company=right.company, commitment="", actor=make_user("owner"), now=NOW
    )
    hear(payout, "paid")
    other = make_payout()
    bank = send()
    assert [order.end_to_end_id for order in bank.orders] == [f"Q{other.pk:015d}A01"]
    second = Payout.objects.get(pk=again.payout_ids[0])
    assert second.status == Status.APPROVED
    assert [each.pk for each in find_stuck_work(now=NOW).paid_otherwise.rows] == [second.pk]
    cancel(second)
    assert not find_stuck_work(now=NOW).paid_otherwise.rows


def test_what_was_lost_meanwhile_goes_on_when_that_money_came_back() -> None:
    payout = failed()
    cancel(payout)
    right = payout.entitlement
    again = claim_entitlements(
        entitlement_ids=[right.pk], company=right.company, commitment="", actor=make_user("owner"), now=NOW
    )
    second = Payout.objects.get(pk=again.payout_ids[0])
    send_due(gateway=Teller(deaf=lambda _id: True), limit=10, now=NOW)
    hear(payout, "paid")
    hear(second, "unknown")
    apply()
    assert standing(second).status == Status.FAILED
    assert [each.pk for each in find_stuck_work(now=NOW).paid_otherwise.rows] == [second.pk]
    assert sum_stopped_payouts(company=second.company).account_request is None
    assert resume_mended(limit=10, now=NOW) == 0
    hear(payout, "returned")
    apply()
    assert resume_mended(limit=10, now=NOW) == 1
    send()
    assert standing(second).status == Status.PAID


def test_what_a_cancelled_payout_has_paid_is_not_claimed_again() -> None:
    payout = failed()
    cancel(payout)
    hear(payout, "paid")
    right = payout.entitlement
    asked = {"entitlement_ids": [right.pk], "commitment": "", "actor": make_user("owner"), "now": NOW}
    with override("en"), pytest.raises(NotOpen, match="has paid this already"):
        claim_entitlements(company=right.company, **asked)
    click = Click(
        [right.pk], right.company_id, "", act_for(right.company, make_user("owner")).pk, NOW, right.amount_cny, None
    )
    assert {type(each) for each in claim(clicks=[click, click], now=NOW)} == {NotOpen}
    hear(payout, "returned")
    assert claim_entitlements(company=right.company, **asked).payout_ids


def test_a_batch_with_a_payout_that_was_paid_is_rejected_and_not_released() -> None:
    batch = make_released_batch(2)
    first, second = Payout.objects.filter(fund=batch.fund).order_by("pk")
    hear(first, "refused")
    hear(second, "refused")
    apply()
    retry(first)
    retry(second)
    made_again = open_batch(fund=batch.fund, actor=make_user("maker"), now=NOW)
    declared = {"declared_count": 2, "declared_sum_cny": 200}
    seal_batch(batch=made_again, **declared, actor=make_user("maker"), now=NOW)
    check_batch(batch=made_again, actor=make_user("checker"), now=NOW)
    hear(first, "paid")
    apply()
    assert refusal_of(PAY, "paid", "system", None, first.pk) == "payout_is_paid_after_all_by_the_banks_word"
    with pytest.raises(BatchRefused):
        release_batch(batch=made_again, actor=make_user("releaser"), now=NOW)
    reject_batch(batch=made_again, because="paid", actor=make_user("releaser"), now=NOW)
    assert (standing(first).status, standing(second).status) == (Status.PAID, Status.APPROVED)


def test_a_batch_collects_nothing_that_a_cancelled_payout_has_paid() -> None:
    batch = make_released_batch(2)
    first, second = Payout.objects.filter(fund=batch.fund).order_by("pk")
    for each in (first, second):
        hear(each, "refused")
    apply()
    cancel(first)
    retry(second)
    right = first.entitlement
    claim_entitlements(entitlement_ids=[right.pk], company=None, commitment="", actor=None, now=NOW)
    hear(first, "paid")
    apply()
    another = open_batch(fund=batch.fund, actor=make_user("maker"), now=NOW)
    assert sum_lines(batch=another).count == 1
    declared = {"declared_count": 1, "declared_sum_cny": 100}
    seal_batch(batch=another, **declared, actor=make_user("maker"), now=NOW)
    assert Instruction.objects.get(batch=another).payout == second


def test_the_database_itself_sends_and_cancels_nothing_that_was_paid() -> None:
    payout, clerk = failed(), make_user("clerk").pk
    assert refusal_of(PAY, "paid", "system", None, payout.pk) == "payout_is_paid_after_all_by_the_banks_word"
    hear(payout, "paid")
    assert refusal_of(MOVE, "approved", "finance", clerk, payout.pk) == "payout_that_the_bank_paid_is_not_paid_again"
    assert refusal_of(MOVE, "cancelled", "finance", clerk, payout.pk) == "payout_that_the_bank_paid_is_not_cancelled"


def test_the_database_itself_does_not_send_what_was_paid() -> None:
    payout = failed()
    retry(payout)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO payouts_instruction"
            " (payout_id, attempt, end_to_end_id, fund_id, account_id, amount_cny, stored_at, valid_until)"
            " SELECT id, 2, 'X', fund_id, account_id, amount_cny, now(), now() FROM payouts_payout WHERE id = %s",
            [payout.pk],
        )
    hear(payout, "paid")
    assert refusal_of(MOVE, "sent", "system", None, payout.pk) == "payout_that_the_bank_paid_is_not_paid_again"
