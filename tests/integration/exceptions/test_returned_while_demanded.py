"""The bank returns money that finance demands: the firm owes nothing more, and our books agree with the bank's."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from payouts.banks.gateway import Answer
from payouts.controls.reconcile import invariants
from payouts.exceptions.manual import cancel_payouts, retry_payouts
from payouts.ledger.waiting_accounts import OfficialReview, sum_stopped_payouts
from payouts.models import Blacklisting, Payout, Recovery, Reply, Verdict
from payouts.recovery.queries import asked_back, owed_cny
from payouts.recovery.recover import appeal_against, decide_appeal, demand_repayment
from payouts.replies.apply import apply_replies, record_answers
from payouts.replies.classify import classify_lines
from payouts.sending.account_replaced import resume_mended
from payouts.states import Role, Status
from tests.factories import replies as written
from tests.factories.clock import NOW
from tests.factories.companies import act_for, use_other_account
from tests.factories.payouts import make_paid, make_released_batch, status_of
from tests.factories.people import make_user
from tests.factories.rows import refusal_of
from tests.integration.batches.test_batches import statement
from tests.integration.recovery.test_recovering import balances, breach, demanded, repay
from tests.integration.replies.test_reply_files import applied, ids, meanings, uploaded
from tests.tellers import Teller

pytestmark = pytest.mark.django_db
MOVE = (
    "UPDATE payouts_payout SET status = %s, sequence = sequence + 1, moved_as = 'system', paid_at = NULL WHERE id = %s"
)


def come_back(payout: Payout, *, attempt: int = 1) -> None:
    said = Answer(f"Q{payout.pk:015d}A{attempt:02d}", "returned", NOW, "RET", "account closed")
    record_answers(answers=[said], now=NOW)
    while apply_replies(limit=10, now=NOW):
        pass


def books_agree() -> bool:
    """Whether our books agree with those of a bank that holds none of our payments."""
    found = invariants(bank_books=statement(Teller()))
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE bank_book, bank_paired")
    return found.hold


@pytest.mark.parametrize("amount_cny", [Decimal("0.01"), Decimal(100)])
def test_nothing_is_owed_of_what_the_bank_sent_back(amount_cny: Decimal) -> None:
    payout = make_paid()
    recovery = demanded(payout, amount_cny=amount_cny)
    come_back(payout)
    recovery.refresh_from_db()
    assert (status_of(payout), recovery.ended_as, recovery.ended_by) == (Status.RETURNED, "came_back", None)
    assert owed_cny(recovery=recovery) == 0
    assert asked_back(claim=payout.claim).recoveries == ()
    assert balances(payout) == (999_900, 0, 0)
    assert not Reply.objects.exclude(contradicted_status="").exists()
    assert Blacklisting.objects.filter(lifted_at=None).exists()
    assert books_agree()
    cancel_payouts(payout_ids=[payout.pk], role=Role.FINANCE, actor=make_user("clerk"), because="so", now=NOW)
    assert balances(payout) == (1_000_000, 0, 0)


def test_a_person_decides_whether_it_is_paid_all_the_same() -> None:
    payout = make_paid()
    demanded(payout, is_fraud=False)
    come_back(payout)
    told = {"holder_name": payout.company.name, "bank_name": "杭州银行", "bank_number": "313331000014"}
    use_other_account(company=payout.company, number="6222021234567894", **told, actor=make_user("owner"), now=NOW)
    assert resume_mended(limit=10, now=NOW) == 0
    assert refusal_of(MOVE, "approved", payout.pk) in (
        "payout_that_was_asked_back_is_repeated_by_a_person",
        "payout_is_repeated_if_the_bank_never_saw_it",
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE payouts_payout p SET account_id = a.id FROM companies_payeeaccount a"
            " WHERE a.company_id = p.company_id AND a.is_active AND p.id = %s",
            [payout.pk],
        )
    assert refusal_of(MOVE, "approved", payout.pk) == "payout_that_was_asked_back_is_repeated_by_a_person"
    assert retry_payouts(payout_ids=[payout.pk], actor=make_user("clerk"), because="a small breach", now=NOW)


def test_the_firm_is_not_asked_for_another_account_but_told_who_decides() -> None:
    payout = make_paid()
    demanded(payout, is_fraud=False)
    come_back(payout)
    mending, decided = sum_stopped_payouts(company=payout.company)
    assert mending is None
    assert decided == OfficialReview(1, Decimal(100))


def test_replies_lock_the_demand_before_its_payout_as_a_repayment_does() -> None:
    payout = make_paid()
    demanded(payout)
    with CaptureQueriesContext(connection) as captured:
        come_back(payout)
    locks = [each["sql"] for each in captured if "FOR NO KEY UPDATE" in each["sql"]]
    demand_at = next(place for place, sql in enumerate(locks) if "FROM payouts_recovery WHERE" in sql)
    payout_at = next(place for place, sql in enumerate(locks) if "FROM payouts_payout WHERE" in sql)
    assert demand_at < payout_at


def test_what_the_firm_had_repaid_is_paid_back_first() -> None:
    payout = make_paid()
    recovery = demanded(payout)
    repay(recovery, 30, "IN-1")
    come_back(payout)
    assert status_of(payout) == Status.RECOVERING
    assert Reply.objects.exclude(contradicted_status="").count() == 1
    assert books_agree()
    repay(recovery, -30, "OUT-1")
    assert status_of(payout) == Status.RETURNED
    assert books_agree()


def test_the_preview_of_a_file_knows_that_the_firm_is_paid_back_first() -> None:
    (number,) = ids(make_released_batch(1))
    applied(uploaded(written.status_report([(number, "ACSC")])))
    recovery = demanded(Payout.objects.get(instructions__end_to_end_id=number))
    repay(recovery, 30, "IN-1")
    back = written.entry(number, side="CRDT", returned="closed")
    file = uploaded(written.statement([back], message_id="STMT-1"))
    assert meanings(file) == [Verdict.CONTRADICTS]
    repay(recovery, -30, "OUT-1")
    classify_lines(file=file)
    assert meanings(file) == [Verdict.NEWS]
    applied(file)
    assert status_of(recovery.payout) == Status.RETURNED


def test_who_was_listed_may_still_appeal_and_be_right() -> None:
    payout = make_paid()
    recovery = demanded(payout)
    appeal = appeal_against(recovery=recovery, text="申诉", actor=act_for(payout.company, make_user("owner")), now=NOW)
    come_back(payout)
    decided = {"is_upheld": True, "decision": "属实", "actor": make_user("judge"), "now": NOW}
    decide_appeal(appeal_id=appeal.pk, **decided)
    assert status_of(payout) == Status.RETURNED
    assert not Blacklisting.objects.filter(lifted_at=None).exists()


def test_it_can_be_demanded_again_after_it_was_paid_again() -> None:
    payout = make_paid()
    demanded(payout, is_fraud=False)
    come_back(payout)
    retry_payouts(payout_ids=[payout.pk], actor=make_user("clerk"), because="so", now=NOW)
    payout = paid_again(payout)
    asked = {"amount_cny": Decimal(100), "because": "again"}
    later = NOW + timedelta(days=1)
    assert demand_repayment(check=breach(payout), **asked, actor=make_user("finance"), now=later).ended_as == ""
    assert Recovery.objects.filter(payout=payout).count() == 2


def paid_again(payout: Payout) -> Payout:
    make_paid()  # The bank pays what waits, too.
    found = Payout.objects.get(pk=payout.pk)
    assert found.status == Status.PAID
    return found


def test_the_database_ends_a_demand_by_the_banks_word_alone() -> None:
    payout = make_paid()
    recovery = demanded(payout)
    assert refusal_of(MOVE, "returned", payout.pk) == "payout_is_returned_when_nothing_is_owed"
    end = "UPDATE payouts_recovery SET ended_as = 'came_back', ended_at = now() WHERE id = %s"
    assert refusal_of(end, recovery.pk) == "recovery_ends_when_it_is_repaid"
