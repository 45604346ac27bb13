"""No payment is made a second time over another channel while the first may still be made, by operations or raw SQL."""

from __future__ import annotations

import pytest
from django.db import connection

from payouts.batch_states import Channel
from payouts.batches.assemble import BatchUnderWay, open_batch
from payouts.batches.fund_banks import propose_bank
from payouts.batches.release import reconcile_batches, reject_batch
from payouts.batches.seal import seal_sent_instructions
from payouts.models import Bank, Fund, Payout
from payouts.replies.apply import apply_replies
from payouts.sending.send import send_due
from payouts.states import Status
from qinqing.proposals.decide import SamePerson
from tests.factories.clock import NOW
from tests.factories.decisions import confirm_proposal
from tests.factories.entitlements import make_entitlement
from tests.factories.payouts import (
    change_bank,
    choose_bank,
    make_bank,
    make_payout,
    make_released_batch,
    make_sealed_batch,
    settle_payouts,
    status_of,
)
from tests.factories.people import make_user
from tests.factories.rows import refusal_of, unguarded
from tests.tellers import Teller

pytestmark = pytest.mark.django_db

MOVE_FUND = "UPDATE payouts_fund SET bank_id = %s WHERE id = %s"
TO_THE_INTERFACE = "UPDATE payouts_bank SET channel = 'http' WHERE id = %s"
SECOND = """
    INSERT INTO payouts_instruction
        (payout_id, attempt, end_to_end_id, fund_id, account_id, amount_cny, stored_at, valid_until)
    SELECT id, 2, 'QAGAIN', fund_id, account_id, amount_cny, now(), now() FROM payouts_payout WHERE id = %s
"""


def move_payout(payout: Payout, after: Status) -> None:
    """Move a payout as anybody who can write SQL does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE payouts_payout SET status = %s, sequence = sequence + 1, moved_as = 'finance', moved_by_id = %s"
            " WHERE id = %s",
            [after.value, make_user("clerk").pk, payout.pk],
        )


def make_refused_by_interface() -> Payout:
    """A payout that the bank refused over its interface, after which a clerk repeats it."""
    payout = make_payout()
    send_due(gateway=Teller(outcome="refused"), limit=1, now=NOW)
    apply_replies(limit=10, now=NOW)
    assert status_of(payout) == Status.FAILED
    return payout


def test_a_fund_with_a_file_at_the_bank_keeps_its_bank() -> None:
    batch = make_released_batch(2)
    with pytest.raises(BatchUnderWay):
        choose_bank(fund=Fund.objects.get(pk=batch.fund_id), bank=None)
    assert refusal_of(MOVE_FUND, make_bank().pk, batch.fund_id) == "fund_stays_with_its_bank"
    assert refusal_of(TO_THE_INTERFACE, batch.bank_id) == "bank_keeps_its_channel"
    with pytest.raises(BatchUnderWay):
        change_bank(bank=Bank.objects.get(pk=batch.bank_id), channel=Channel.HTTP)


def test_a_fund_with_a_payment_at_the_interface_keeps_its_bank() -> None:
    payout = make_payout()
    send_due(gateway=Teller(outcome="refused"), limit=1, now=NOW)
    assert refusal_of(MOVE_FUND, make_bank().pk, payout.fund_id) == "fund_stays_with_its_bank"
    seal_sent_instructions(actor=None, now=NOW)
    assert refusal_of(MOVE_FUND, make_bank().pk, payout.fund_id) == "fund_stays_with_its_bank"


def test_a_fund_whose_payout_waits_for_a_retry_keeps_its_bank() -> None:
    payout = make_refused_by_interface()
    assert refusal_of(MOVE_FUND, make_bank().pk, payout.fund_id) == "fund_stays_with_its_bank"
    move_payout(payout, Status.CANCELLED)
    assert refusal_of(MOVE_FUND, make_bank().pk, payout.fund_id) == "fund_takes_two_to_change_its_bank"
    choose_bank(fund=Fund.objects.get(pk=payout.fund_id), bank=make_bank())


def test_a_fund_whose_payouts_are_paid_may_change_its_bank() -> None:
    payout = make_payout()
    settle_payouts()
    assert status_of(payout) == Status.PAID
    seal_sent_instructions(actor=None, now=NOW)
    reconcile_batches(now=NOW)
    choose_bank(fund=Fund.objects.get(pk=payout.fund_id), bank=make_bank())


def test_a_fund_whose_batch_was_rejected_may_change_its_bank() -> None:
    batch = make_sealed_batch(1)
    assert refusal_of(MOVE_FUND, None, batch.fund_id) == "fund_stays_with_its_bank"
    reject_batch(batch=batch, because="a wrong account", actor=make_user("checker"), now=NOW)
    choose_bank(fund=Fund.objects.get(pk=batch.fund_id), bank=None)
    bank = Teller()
    assert send_due(gateway=bank, limit=10, now=NOW).count == 1


def test_one_clerk_does_not_move_a_fund_to_another_channel() -> None:
    payout, bank, asked = make_payout(), make_bank(), {"because": "x", "now": NOW}
    proposal = propose_bank(fund=payout.fund, bank=bank, actor=make_user("clerk"), **asked)
    with pytest.raises(SamePerson):
        confirm_proposal(proposal, actor=make_user("clerk"))
    assert Fund.objects.get(pk=payout.fund_id).bank is None
    assert proposal.before["bank"] is None
    confirm_proposal(proposal)
    assert Fund.objects.get(pk=payout.fund_id).bank == bank
    # A payment that set out meanwhile ties the fund.
    back = propose_bank(fund=payout.fund, bank=None, actor=make_user("clerk"), **asked)
    open_batch(fund=Fund.objects.get(pk=payout.fund_id), actor=make_user("maker"), now=NOW)
    with pytest.raises(BatchUnderWay):
        confirm_proposal(back)


def test_a_fund_opens_without_a_bank() -> None:
    right, bank = make_entitlement(), make_bank()
    opened = """
        INSERT INTO payouts_fund (version_id, bank_id, granted_cny, available_cny, reserved_cny, disbursed_cny,
            recovered_cny)
        VALUES (%s, %s, 0, 0, 0, 0, 0)
    """
    assert refusal_of(opened, right.version_id, bank.pk) == "fund_opens_empty"


def test_a_batch_is_of_the_bank_of_its_fund() -> None:
    batch = make_released_batch(1)
    copied = """
        INSERT INTO payouts_batch
            (fund_id, bank_id, channel, status, message_id, opened_at, opened_by_id, collects_until, sha256,
                rejected_because)
        SELECT fund_id, %s, channel, 'open', 'QQ0', opened_at, opened_by_id, collects_until, '', ''
        FROM payouts_batch WHERE id = %s
    """
    assert refusal_of(copied, make_bank().pk, batch.pk) == "batch_is_of_the_bank_of_its_fund"
    assert refusal_of(copied, batch.bank_id, batch.pk) is None


def test_a_retry_stays_on_its_channel() -> None:
    """Only whoever switches the guard of the fund off gets so far; the next guard holds."""
    payout, bank = make_refused_by_interface(), make_bank()
    with unguarded():
        Fund.objects.filter(pk=payout.fund_id).update(bank=bank)
    move_payout(payout, Status.APPROVED)
    assert refusal_of(SECOND, payout.pk) == "instruction_stays_on_its_channel"


def test_an_instruction_goes_over_the_channel_of_its_fund() -> None:
    payout = make_payout()
    choose_bank(fund=Fund.objects.get(pk=payout.fund_id), bank=make_bank())
    first = SECOND.replace(" 2,", " 1,")
    assert refusal_of(first, payout.pk) == "instruction_stays_on_its_channel"
