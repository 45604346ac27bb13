"""What a clerk can do about a payout, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from companies.models import PayeeAccount
from payouts.exceptions.manual import cancel_payouts, retry_payouts
from payouts.ledger.move import IllegalMove, MovedMeanwhile, move
from payouts.models import Instruction, Payout, Transition
from payouts.replies.apply import apply_replies
from payouts.sending.send import send_due
from payouts.states import Role, Status
from policies.models import Entitlement, EntitlementStatus
from qinqing.kernel.refusals import NoReason
from tests.factories.claims import claim_entitlements
from tests.factories.clock import NOW
from tests.factories.companies import make_account, make_company
from tests.factories.deliveries import make_all_deliveries
from tests.factories.payouts import make_payout
from tests.factories.people import make_user
from tests.factories.policies import make_published, make_submitted, match_all, publish_version
from tests.tellers import Teller

pytestmark = pytest.mark.django_db


def cancelled(*payouts: Payout, because: str = "a mistake", now: datetime = NOW) -> list[int]:
    clerk = make_user("clerk")
    return cancel_payouts(
        payout_ids=[each.pk for each in payouts], role=Role.FINANCE, actor=clerk, because=because, now=now
    )


def failed() -> Payout:
    payout = make_payout()
    send_due(gateway=Teller(outcome="refused", reason="the account is closed"), limit=10, now=NOW)
    apply_replies(limit=10, now=NOW)
    payout.refresh_from_db()
    assert payout.status == Status.FAILED
    return payout


def test_a_cancelled_payout_gives_its_money_back_and_can_be_claimed_again() -> None:
    payout = make_payout()
    assert cancelled(payout) == [payout.pk]
    payout.fund.refresh_from_db()
    assert (payout.fund.available_cny, payout.fund.reserved_cny) == (1_000_000, 0)
    right = payout.entitlement
    right.refresh_from_db()
    assert right.status == EntitlementStatus.OPEN
    again = claim_entitlements(
        entitlement_ids=[right.pk], company=right.company, commitment="", actor=make_user("owner"), now=NOW
    )
    assert again.payout_ids != (payout.pk,)


def test_after_the_window_it_stays_claimed() -> None:
    payout = make_payout()
    cancelled(payout, now=datetime(2027, 2, 1, tzinfo=UTC))
    payout.entitlement.refresh_from_db()
    assert payout.entitlement.status == EntitlementStatus.CLAIMED


def test_where_another_version_took_over_that_one_decides() -> None:
    make_all_deliveries()
    firm = make_company()
    first = make_published("true", amount="100", now=NOW)
    match_all()
    right = Entitlement.objects.get(company=firm)
    claim_entitlements(entitlement_ids=[right.pk], company=firm, commitment="", actor=make_user("owner"), now=NOW)
    second = publish_version(make_submitted("true", policy=first.policy, amount="250"), replaces=first, now=NOW)
    match_all()
    cancelled(Payout.objects.get(entitlement=right), now=NOW)
    right.refresh_from_db()
    assert (right.status, right.version, right.amount_cny) == (EntitlementStatus.OPEN, second, 250)


def test_the_reason_and_the_clerk_stay_with_the_payout() -> None:
    payout = make_payout()
    cancelled(payout, because=" wrong firm ")
    last = Transition.objects.get(payout=payout, after="cancelled")
    assert (last.moved_because, last.moved_by, last.moved_as) == ("wrong firm", make_user("clerk"), "finance")


def test_without_a_reason_nothing_is_cancelled_or_retried() -> None:
    payout = make_payout()
    with pytest.raises(NoReason):
        cancelled(payout, because="  ")
    with pytest.raises(NoReason):
        retry_payouts(payout_ids=[payout.pk], actor=make_user("clerk"), because="", now=NOW)


def test_what_is_with_the_bank_is_not_cancelled() -> None:
    sent, approved = make_payout(), make_payout()
    send_due(gateway=Teller(deaf=lambda _id: True), limit=1, now=NOW)
    with pytest.raises(IllegalMove):
        cancelled(approved, sent)
    approved.refresh_from_db()
    assert approved.status == Status.APPROVED


def test_an_unknown_payout_is_refused() -> None:
    with pytest.raises(Payout.DoesNotExist):
        cancel_payouts(payout_ids=[0], role=Role.FINANCE, actor=make_user("owner"), because="a trial", now=NOW)


def test_an_owner_may_not_cancel() -> None:
    payout = make_payout()
    with pytest.raises(IllegalMove):
        cancel_payouts(payout_ids=[payout.pk], role=Role.OWNER, actor=make_user("owner"), because="a trial", now=NOW)


def test_a_retry_is_a_new_instruction_to_the_mended_account() -> None:
    payout = failed()
    PayeeAccount.objects.filter(company=payout.company).update(is_active=False)
    mended = make_account(company=payout.company)
    retry_payouts(payout_ids=[payout.pk], actor=make_user("clerk"), because="the firm mended it", now=NOW)
    bank = Teller()
    send_due(gateway=bank, limit=10, now=NOW)
    apply_replies(limit=10, now=NOW)
    payout.refresh_from_db()
    assert (payout.status, payout.account) == (Status.PAID, mended)
    assert [order.end_to_end_id for order in bank.orders] == [f"Q{payout.pk:015d}A02"]
    assert Instruction.objects.filter(payout=payout).count() == 2


def test_only_what_failed_is_retried() -> None:
    with pytest.raises(IllegalMove):
        retry_payouts(payout_ids=[make_payout().pk], actor=make_user("owner"), because="a trial", now=NOW)


def test_a_move_that_came_too_late_moves_nothing() -> None:
    early, late = make_payout(), make_payout()
    cancelled(late)
    with pytest.raises(MovedMeanwhile):
        move(
            payouts=[early.pk, late.pk],
            before=Status.APPROVED,
            after=Status.CANCELLED,
            role=Role.FINANCE,
            actor=make_user("owner"),
            because="a trial",
            now=NOW,
        )
