"""What a clerk can do about a payout, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from companies.models import PayeeAccount
from payouts.claims.claim import claim_entitlements
from payouts.exceptions.manual import cancel_payouts, retry_payouts
from payouts.ledger.move import IllegalMove, MovedMeanwhile, move
from payouts.ledger.reasons import NoReason
from payouts.models import Instruction, Payout, Transition
from payouts.replies.apply import apply_replies
from payouts.sending.send import send_due
from payouts.states import Role, Status
from policies.models import Entitlement, EntitlementStatus
from tests.factories import payouts as made
from tests.factories import policies as written
from tests.tellers import Teller

pytestmark = pytest.mark.django_db


def cancelled(*payouts: Payout, because: str = "a mistake", now: datetime = made.NOW) -> list[int]:
    clerk = made.person("clerk")
    return cancel_payouts(
        payout_ids=[each.pk for each in payouts], role=Role.FINANCE, actor=clerk, because=because, now=now
    )


def failed() -> Payout:
    payout = made.payout()
    send_due(gateway=Teller(outcome="refused", reason="the account is closed"), limit=10, now=made.NOW)
    apply_replies(limit=10, now=made.NOW)
    payout.refresh_from_db()
    assert payout.status == Status.FAILED
    return payout


def test_a_cancelled_payout_gives_its_money_back_and_can_be_claimed_again() -> None:
    payout = made.payout()
    assert cancelled(payout) == [payout.pk]
    payout.fund.refresh_from_db()
    assert (payout.fund.available_cny, payout.fund.reserved_cny) == (1_000_000, 0)
    right = payout.entitlement
    right.refresh_from_db()
    assert right.status == EntitlementStatus.OPEN
    again = claim_entitlements(
        entitlement_ids=[right.pk], company=right.company, commitment="", actor=made.person(), now=made.NOW
    )
    assert again.payout_ids != (payout.pk,)


def test_after_the_window_it_stays_claimed() -> None:
    payout = made.payout()
    cancelled(payout, now=datetime(2027, 2, 1, tzinfo=UTC))
    payout.entitlement.refresh_from_db()
    assert payout.entitlement.status == EntitlementStatus.CLAIMED


def test_where_another_version_took_over_that_one_decides() -> None:
    written.all_delivered()
    firm = written.firm()
    made.account(company=firm)
    first = written.published("true", amount="100", now=written.NOW)
    written.matched()
    right = Entitlement.objects.get(company=firm)
    claim_entitlements(entitlement_ids=[right.pk], company=firm, commitment="", actor=made.person(), now=written.NOW)
    second = written.signed(
        written.submitted("true", policy=first.policy, amount="250"), replaces=first, now=written.NOW
    )
    written.matched()
    cancelled(Payout.objects.get(entitlement=right), now=written.NOW)
    right.refresh_from_db()
    assert (right.status, right.version, right.amount_cny) == (EntitlementStatus.OPEN, second, 250)


def test_the_reason_and_the_clerk_stay_with_the_payout() -> None:
    payout = made.payout()
    cancelled(payout, because=" wrong firm ")
    last = Transition.objects.get(payout=payout, after="cancelled")
    assert (last.moved_because, last.moved_by, last.moved_as) == ("wrong firm", made.person("clerk"), "finance")


def test_without_a_reason_nothing_is_cancelled_or_retried() -> None:
    payout = made.payout()
    with pytest.raises(NoReason):
        cancelled(payout, because="  ")
    with pytest.raises(NoReason):
        retry_payouts(payout_ids=[payout.pk], actor=made.person("clerk"), because="", now=made.NOW)


def test_what_is_with_the_bank_is_not_cancelled() -> None:
    sent, approved = made.payout(), made.payout()
    send_due(gateway=Teller(deaf=lambda _id: True), limit=1, now=made.NOW)
    with pytest.raises(IllegalMove):
        cancelled(approved, sent)
    approved.refresh_from_db()
    assert approved.status == Status.APPROVED


def test_an_unknown_payout_is_refused() -> None:
    with pytest.raises(Payout.DoesNotExist):
        cancel_payouts(payout_ids=[0], role=Role.FINANCE, actor=made.person(), because="a trial", now=made.NOW)


def test_an_owner_may_not_cancel() -> None:
    payout = made.payout()
    with pytest.raises(IllegalMove):
        cancel_payouts(payout_ids=[payout.pk], role=Role.OWNER, actor=made.person(), because="a trial", now=made.NOW)


def test_a_retry_is_a_new_instruction_to_the_mended_account() -> None:
    payout = failed()
    PayeeAccount.objects.filter(company=payout.company).update(is_active=False)
    mended = made.account(company=payout.company)
    retry_payouts(payout_ids=[payout.pk], actor=made.person("clerk"), because="the firm mended it", now=made.NOW)
    bank = Teller()
    send_due(gateway=bank, limit=10, now=made.NOW)
    apply_replies(limit=10, now=made.NOW)
    payout.refresh_from_db()
    assert (payout.status, payout.account) == (Status.PAID, mended)
    assert [order.end_to_end_id for order in bank.orders] == [f"Q{payout.pk:015d}A02"]
    assert Instruction.objects.filter(payout=payout).count() == 2


def test_only_what_failed_is_retried() -> None:
    with pytest.raises(IllegalMove):
        retry_payouts(payout_ids=[made.payout().pk], actor=made.person(), because="a trial", now=made.NOW)


def test_a_move_that_came_too_late_moves_nothing() -> None:
    early, late = made.payout(), made.payout()
    cancelled(late)
    with pytest.raises(MovedMeanwhile):
        move(
            payouts=[early.pk, late.pk],
            before=Status.APPROVED,
            after=Status.CANCELLED,
            role=Role.FINANCE,
            actor=made.person(),
            because="a trial",
            now=made.NOW,
        )
