"""Payouts that the bank refused or returned resume with the mended account; unsent payouts take over a new account."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from payouts.banks.gateway import Answer
from payouts.batches.assemble import open_batch, seal_batch
from payouts.exceptions.manual import retry_payouts
from payouts.ledger.move import move
from payouts.ledger.waiting_accounts import AUTOMATIC_ATTEMPT_LIMIT
from payouts.models import Instruction, Payout
from payouts.replies.apply import apply_replies, record_answers
from payouts.sending.account_replaced import resume_mended
from payouts.sending.send import send_due
from payouts.states import Role, Status
from qinqing.kernel.database.integrity import constraint_of
from tests.factories.clock import NOW
from tests.factories.companies import act_for, make_account, use_other_account
from tests.factories.payouts import make_file_fund, make_payout
from tests.factories.people import make_employee, make_user
from tests.factories.rows import insert
from tests.tellers import Teller

pytestmark = pytest.mark.django_db


def failed() -> Payout:
    payout = make_payout()
    send_due(gateway=Teller(outcome="refused", reason="the account is closed"), limit=10, now=NOW)
    apply_replies(limit=10, now=NOW)
    return Payout.objects.get(pk=payout.pk)


def returned() -> Payout:
    payout = make_payout()
    send_due(gateway=Teller(), limit=10, now=NOW)
    apply_replies(limit=10, now=NOW)
    record_answers(answers=[Answer(f"Q{payout.pk:015d}A01", "returned", NOW, reason="no such account")], now=NOW)
    apply_replies(limit=10, now=NOW)
    return Payout.objects.get(pk=payout.pk)


def mended(payout: Payout, number: str = "6222021234567894") -> Any:
    return use_other_account(
        company=payout.company,
        holder_name=payout.company.name,
        bank_name="杭州银行",
        bank_number="313331000014",
        number=number,
        actor=act_for(payout.company, make_user("owner")),
        now=NOW,
    )


@pytest.mark.parametrize("stopped", [failed, returned])
def test_it_goes_on_by_itself_when_the_account_is_mended(stopped: Any) -> None:
    payout = stopped()
    assert resume_mended(limit=10, now=NOW) == 0
    account, bank = mended(payout), Teller()
    assert resume_mended(limit=10, now=NOW) == 1
    send_due(gateway=bank, limit=10, now=NOW)
    apply_replies(limit=10, now=NOW)
    payout.refresh_from_db()
    assert (payout.status, payout.account) == (Status.PAID, account)
    assert [order.end_to_end_id for order in bank.orders] == [f"Q{payout.pk:015d}A02"]
    assert resume_mended(limit=10, now=NOW) == 0


@pytest.mark.parametrize("stopped", [failed, returned])
def test_the_platform_does_not_repeat_to_the_same_account(stopped: Any) -> None:
    payout = stopped()
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        move(
            payouts=[payout.pk],
            before=Status(payout.status),
            after=Status.APPROVED,
            role=Role.SYSTEM,
            actor=None,
            because="",
            now=NOW,
        )
    assert constraint_of(refusal.value) == "payout_is_repeated_if_the_bank_never_saw_it"


def test_after_ten_attempts_a_clerk_looks_at_it() -> None:
    payout = failed()
    for attempt in range(2, AUTOMATIC_ATTEMPT_LIMIT + 1):
        store(payout, attempt)
    mended(payout)
    assert resume_mended(limit=10, now=NOW) == 0
    retry_payouts(payout_ids=[payout.pk], actor=make_user("clerk"), because="a call", now=NOW)
    assert Payout.objects.get(pk=payout.pk).status == Status.APPROVED


@pytest.mark.parametrize("is_by_file", [False, True])
def test_the_hundredth_attempt_has_a_number_of_its_own(*, is_by_file: bool) -> None:
    payout = Payout.objects.get(fund=make_file_fund(1)) if is_by_file else make_payout()
    for attempt in range(1, 100):
        store(payout, attempt)
    if is_by_file:
        batch = open_batch(fund=payout.fund, actor=make_user("maker"), now=NOW)
        declared = {"declared_count": 1, "declared_sum_cny": 100}
        seal_batch(batch=batch, **declared, actor=make_user("maker"), now=NOW)
    else:
        send_due(gateway=Teller(), limit=10, now=NOW)
    latest = Instruction.objects.filter(payout=payout).latest("attempt")
    assert latest.end_to_end_id == f"Q{payout.pk:015d}A100"


def store(payout: Payout, attempt: int) -> None:
    """Store an attempt as if its batch was rejected."""
    ended = {"status": "rejected", "rejected_at": NOW, "rejected_by_id": 1, "rejected_because": "so"}
    sealed = {"sealed_at": NOW, "sealed_by_id": 1, "line_count": 1, "control_sum_cny": 1, "sha256": "s"}
    declared = {"declared_count": 1, "declared_sum_cny": 1, "message_id": f"R{attempt}", "fund_id": payout.fund_id}
    batch = insert("payouts_batch", **ended, **sealed, **declared)
    number = f"Q{payout.pk:015d}A{attempt:02d}"
    whose = {"payout_id": payout.pk, "fund_id": payout.fund_id, "account_id": payout.account_id, "batch_id": batch}
    insert("payouts_instruction", attempt=attempt, end_to_end_id=number, **whose)


def test_what_is_not_sent_yet_follows_the_account_in_use() -> None:
    payout, bank = make_payout(), Teller()
    account = mended(payout)
    send_due(gateway=bank, limit=10, now=NOW)
    payout.refresh_from_db()
    assert payout.account == account
    assert [order.payee_account for order in bank.orders] == ["6222021234567894"]


def test_what_the_bank_has_keeps_its_account() -> None:
    payout = make_payout()
    send_due(gateway=Teller(deaf=lambda _id: True), limit=10, now=NOW)
    account = mended(payout)
    with pytest.raises(IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE payouts_payout SET account_id = %s WHERE id = %s", [account.pk, payout.pk])
    assert constraint_of(refusal.value) == "payout_account_is_mended_before_a_retry"


def test_a_companys_money_does_not_turn_to_a_person() -> None:
    payout = failed()
    person = make_account(employee=make_employee())
    with pytest.raises(IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE payouts_payout SET account_id = %s WHERE id = %s", [person.pk, payout.pk])
    assert constraint_of(refusal.value) == "payout_account_is_mended_before_a_retry"


def test_an_instruction_to_another_account_sends_nothing() -> None:
    payout = make_payout()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO payouts_instruction"
            " (payout_id, attempt, end_to_end_id, fund_id, account_id, amount_cny, stored_at, valid_until)"
            " SELECT id, 1, 'X', fund_id, account_id, amount_cny, now(), now() FROM payouts_payout WHERE id = %s",
            [payout.pk],
        )
    account = mended(payout)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE payouts_payout SET account_id = %s WHERE id = %s", [account.pk, payout.pk])
    with pytest.raises(IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE payouts_payout SET status = 'sent', sequence = sequence + 1, moved_as = 'system' WHERE id = %s",
            [payout.pk],
        )
    assert constraint_of(refusal.value) == "payout_is_sent_by_an_instruction"
