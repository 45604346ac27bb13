"""Races between the change of a fund's bank and payments over the old one."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from payouts.batches.fund_banks import propose_bank
from payouts.models import Batch, Fund, Instruction, Payout
from payouts.sending.send import send_due
from payouts.states import Status
from qinqing.kernel.database.integrity import constraint_of
from tests.concurrency.racing import together
from tests.factories.clock import NOW
from tests.factories.payouts import make_bank, make_file_fund, make_payout
from tests.factories.people import make_user
from tests.tellers import Teller

pytestmark = pytest.mark.django_db(transaction=True)

CONFIRM = """
    UPDATE proposals_proposal SET decision = 'confirmed', decided_at = now(), decided_by_id = %s WHERE id = %s
"""


def execute(statement: str, *parameters: Any) -> str | None:
    """The promise that refuses a statement in a transaction of its own, which stays open for a moment."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            cursor.execute("SELECT pg_sleep(0.2)")
    except IntegrityError as refused:
        return constraint_of(refused)
    return None


def test_a_bank_is_changed_or_a_payment_sent_and_never_both() -> None:
    payout, bank, gateway = make_payout(), make_bank(), Teller()
    proposal = propose_bank(fund=payout.fund, bank=bank, because="x", actor=make_user("proposer"), now=NOW)
    make_user("confirmer")
    outcomes = together(
        [
            lambda: execute(CONFIRM, make_user("confirmer").pk, proposal.pk),
            lambda: send_due(gateway=gateway, limit=10, now=NOW),
        ]
    )
    payout.refresh_from_db()
    moved = Fund.objects.get(pk=payout.fund_id).bank_id == bank.pk
    assert moved != (payout.status == Status.SENT), outcomes
    assert Instruction.objects.count() == (not moved)
    assert len(gateway.orders) == (not moved)


def test_a_bank_is_changed_or_a_batch_opened_and_never_both() -> None:
    fund, maker = make_file_fund(2), make_user("maker")
    opened = """
        INSERT INTO payouts_batch
            (fund_id, bank_id, channel, status, message_id, opened_at, opened_by_id, collects_until, sha256,
                rejected_because)
        VALUES (%s, %s, 'file', 'open', 'QQ1', now(), %s, now(), '', '')
    """
    proposal = propose_bank(fund=fund, bank=None, because="x", actor=make_user("proposer"), now=NOW)
    make_user("confirmer")
    outcomes = together(
        [
            lambda: execute(CONFIRM, make_user("confirmer").pk, proposal.pk),
            lambda: execute(opened, fund.pk, fund.bank_id, maker.pk),
        ]
    )
    assert sorted(each is None for each in outcomes) == [False, True]
    moved = Fund.objects.get(pk=fund.pk).bank_id is None
    assert Batch.objects.count() == (not moved)
    assert Payout.objects.filter(status=Status.APPROVED).count() == 2
