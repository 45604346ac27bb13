"""What the database itself refuses about payouts, shown by raw statements that bypass the operations."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError

from payouts.batches.seal import seal_sent_instructions
from payouts.ledger.funds import open_funds
from payouts.models import Claim, Fund, Instruction, Payout, Posting, Reply, Transition
from payouts.replies.apply import apply_replies
from payouts.sending.send import send_due
from payouts.states import Status
from qinqing.kernel.database.integrity import constraint_of
from qinqing.kernel.database.triggers import FEW_ROWS
from tests.factories.claims import claim_entitlements
from tests.factories.clock import NOW
from tests.factories.companies import make_account, make_company
from tests.factories.entitlements import make_entitlement, make_entitlements, make_version
from tests.factories.payouts import insert_payout, make_payout, status_of
from tests.factories.people import make_employee, make_user
from tests.factories.rows import refusal_of
from tests.superuser import as_superuser
from tests.tellers import Teller

pytestmark = pytest.mark.django_db


def execute(statement: str, *parameters: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)


@pytest.fixture
def payout() -> Payout:
    return make_payout()


@pytest.fixture
def paid(payout: Payout) -> Payout:
    send_due(gateway=Teller(), limit=10, now=NOW)
    apply_replies(limit=10, now=NOW)
    payout.refresh_from_db()
    assert payout.status == Status.PAID
    return payout


MOVE = "UPDATE payouts_payout SET status = %s, sequence = sequence + 1, moved_as = %s WHERE id = %s"


def test_a_move_that_is_not_in_the_table_is_refused(payout: Payout) -> None:
    assert refusal_of(MOVE, "returned", "system", payout.pk) == "payout_moves_by_the_table"


@pytest.mark.parametrize("others", [FEW_ROWS - 1, FEW_ROWS + 1], ids=["kept plans", "own plans"])
def test_one_move_that_is_not_in_the_table_refuses_the_whole_set(others: int) -> None:
    rights = make_entitlements(others + 1, of=make_version())
    payouts = claim_entitlements(entitlement_ids=rights, company=None, commitment="", actor=None, now=NOW).payout_ids
    step = MOVE.replace("%s, seq", "CASE id WHEN %s THEN 'requested' ELSE 'cancelled' END, seq")
    statement = step.replace("WHERE id =", ", moved_by_id = %s WHERE id = ANY").replace("ANY %s", "ANY(%s)")
    broken = refusal_of(statement, payouts[-1], "finance", make_user("owner").pk, list(payouts))
    assert broken == "payout_moves_by_the_table"
    assert Transition.objects.filter(payout__in=payouts).count() == 3 * len(payouts)


def test_a_role_that_may_not_make_a_move_is_refused(payout: Payout) -> None:
    statement = MOVE.replace("WHERE", ", moved_by_id = %s WHERE")
    assert refusal_of(statement, "cancelled", "owner", make_user("owner").pk, payout.pk) == "payout_moves_by_the_table"


def test_the_platform_does_not_repeat_what_the_bank_has_seen(payout: Payout) -> None:
    send_due(gateway=Teller(outcome="refused"), limit=1, now=NOW)
    apply_replies(limit=1, now=NOW)
    assert refusal_of(MOVE, "approved", "system", payout.pk) == "payout_is_repeated_if_the_bank_never_saw_it"


def test_a_person_moves_by_name(payout: Payout) -> None:
    statement = MOVE.replace("WHERE", ", moved_by_id = NULL WHERE")
    assert refusal_of(statement, "cancelled", "finance", payout.pk) == "payout_is_moved_by_somebody"


def test_the_status_does_not_change_without_a_step(payout: Payout) -> None:
    statement = "UPDATE payouts_payout SET status = 'sent', moved_as = 'system' WHERE id = %s"
    assert refusal_of(statement, payout.pk) == "payout_moves_by_the_table"


def test_a_step_does_not_change_without_a_move(payout: Payout) -> None:
    statement = "UPDATE payouts_payout SET moved_because = 'rewritten' WHERE id = %s"
    assert refusal_of(statement, payout.pk) == "payout_step_is_a_move"


@pytest.mark.parametrize(
    "column",
    [
        "amount_cny = 1",
        "company_id = company_id + 1",
        "district = '1'",
        "is_clicked = NOT is_clicked",
        "id = id + 1000000",
    ],
)
def test_what_was_claimed_never_changes(payout: Payout, column: str) -> None:
    statement = f"UPDATE payouts_payout SET {column} WHERE id = %s"
    assert refusal_of(statement, payout.pk) == "payout_stays_what_was_claimed"


def test_the_account_does_not_change_on_the_way(payout: Payout) -> None:
    other = make_account(employee=make_employee())
    statement = "UPDATE payouts_payout SET account_id = %s WHERE id = %s"
    assert refusal_of(statement, other.pk, payout.pk) == "payout_account_is_mended_before_a_retry"


def test_a_payout_goes_to_nobody_elses_account() -> None:
    right, stranger = make_entitlement(), make_company()
    open_funds(version_ids=[right.version_id], now=NOW)
    signed = Claim.objects.create(company=right.company, claimed_at=NOW)
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        insert_payout(right, fund_id=right.version.fund.pk, claim=signed, account=stranger.accounts.get())
    assert constraint_of(refusal.value) == "payout_copies_its_entitlement"


@pytest.mark.parametrize(
    ("fields", "promise"),
    [
        ({"status": Status.PAID, "paid_at": NOW}, "payout_opens_requested"),
        ({"sequence": 3}, "payout_opens_requested"),
        ({"amount_cny": 101}, "payout_copies_its_entitlement"),
    ],
)
def test_a_payout_opens_as_what_its_entitlement_says(fields: dict[str, Any], promise: str) -> None:
    right = make_entitlement(amount_cny=100)
    open_funds(version_ids=[right.version_id], now=NOW)
    signed = Claim.objects.create(company=right.company, claimed_at=NOW)
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        insert_payout(right, fund_id=right.version.fund.pk, claim=signed, **fields)
    assert constraint_of(refusal.value) == promise


def test_an_entitlement_has_one_payout(payout: Payout) -> None:
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        insert_payout(payout.entitlement, fund_id=payout.fund_id, claim=payout.claim)
    assert constraint_of(refusal.value) == "payout_once_per_entitlement"


def test_a_payout_is_sent_by_an_instruction(payout: Payout) -> None:
    assert refusal_of(MOVE, "sent", "system", payout.pk) == "payout_is_sent_by_an_instruction"


def test_a_paid_payout_has_its_time(paid: Payout) -> None:
    statement = "UPDATE payouts_payout SET paid_at = NULL WHERE id = %s"
    assert refusal_of(statement, paid.pk) == "payout_is_paid_at_a_time"


def test_a_fund_is_never_overdrawn(payout: Payout) -> None:
    rich = make_entitlement(of=payout.fund.version, amount_cny=2_000_000)
    signed = Claim.objects.create(company=rich.company, claimed_at=NOW)
    asked = insert_payout(rich, fund_id=payout.fund_id, claim=signed)
    assert refusal_of(MOVE, "reserved", "system", asked.pk) == "fund_available_is_not_negative"


def test_balances_change_by_postings_alone(payout: Payout) -> None:
    statement = "UPDATE payouts_fund SET available_cny = available_cny + 1, granted_cny = granted_cny + 1 WHERE id = %s"
    assert refusal_of(statement, payout.fund_id) == "fund_follows_its_postings"


def test_a_fund_opens_empty() -> None:
    wanted = make_version()
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        Fund.objects.create(version=wanted, granted_cny=5, available_cny=5)
    assert constraint_of(refusal.value) == "fund_opens_empty"


POST = (
    "INSERT INTO payouts_posting (fund_id, payout_id, sequence, debit, credit, amount_cny, posted_at)"
    " VALUES (%s, %s, %s, %s, %s, 5, now())"
)


def test_only_a_move_posts_the_money_of_a_payout(payout: Payout) -> None:
    row = (payout.fund_id, payout.pk, 9, "reserved", "available")
    assert refusal_of(POST, *row) == "posting_is_written_by_the_move"


@pytest.mark.parametrize(
    ("amount", "promise"),
    [
        ("0", "posting_amount_is_positive"),
        ("-5", "posting_amount_is_positive"),
        ("'NaN'", "payouts_posting_amount_cny_check"),
    ],
)
def test_a_posting_moves_an_amount(payout: Payout, amount: str, promise: str) -> None:
    row = (payout.fund_id, None, None, "granted", "available")
    assert refusal_of(POST.replace(" 5,", f" {amount},"), *row) == promise


def test_what_is_not_a_move_is_a_grant(payout: Payout) -> None:
    row = (payout.fund_id, None, None, "reserved", "available")
    assert refusal_of(POST, *row) == "posting_without_a_move_is_a_grant"


def test_only_a_move_records_itself(payout: Payout) -> None:
    statement = (
        "INSERT INTO payouts_transition (payout_id, sequence, before, after, moved_at, moved_as, moved_because)"
        " VALUES (%s, 9, 'approved', 'paid', now(), 'system', '')"
    )
    assert refusal_of(statement, payout.pk) == "transition_is_written_by_the_move"


INSTRUCT = (
    "INSERT INTO payouts_instruction"
    " (payout_id, attempt, end_to_end_id, fund_id, account_id, amount_cny, stored_at, valid_until)"
    " SELECT id, %s, %s, fund_id, account_id, amount_cny + %s, now(), now() FROM payouts_payout WHERE id = %s"
)


def test_an_instruction_is_of_its_payouts_amount(payout: Payout) -> None:
    assert refusal_of(INSTRUCT, 1, "X", 1, payout.pk) == "instruction_pays_its_payout"


def test_one_approval_gives_one_instruction(payout: Payout) -> None:
    execute(INSTRUCT, 1, "X", 0, payout.pk)
    assert refusal_of(INSTRUCT, 2, "Y", 0, payout.pk) == "instruction_pays_its_payout"
    assert refusal_of(INSTRUCT, 1, "Y", 0, payout.pk) == "instruction_once_per_attempt"


def test_a_paid_payout_is_not_instructed_again(paid: Payout) -> None:
    assert refusal_of(INSTRUCT, 2, "Y", 0, paid.pk) == "instruction_pays_its_payout"


def test_an_end_to_end_id_is_used_once(payout: Payout) -> None:
    other = make_payout()
    execute(INSTRUCT, 1, "X", 0, payout.pk)
    assert refusal_of(INSTRUCT, 1, "X", 0, other.pk) == "instruction_known_to_the_bank_by_one_id"


def test_an_instruction_stays_as_it_was_sent(paid: Payout) -> None:
    assert refusal_of("UPDATE payouts_instruction SET amount_cny = 1") == "instruction_is_sealed_once"


def test_a_sealed_batch_takes_no_more_lines_and_loses_none(paid: Payout) -> None:
    seal_sent_instructions(actor=None, now=NOW)
    late = make_payout(of=paid.fund.version)
    send_due(gateway=Teller(), limit=10, now=NOW)
    statement = "UPDATE payouts_instruction SET batch_id = (SELECT id FROM payouts_batch) WHERE payout_id = %s"
    assert refusal_of(statement, late.pk) == "instruction_is_sealed_once"
    assert refusal_of("UPDATE payouts_instruction SET batch_id = NULL") == "instruction_is_sealed_once"
    assert refusal_of("UPDATE payouts_batch SET line_count = 2") == "batch_is_kept"


def test_what_the_bank_said_is_kept_as_it_came(paid: Payout) -> None:
    assert refusal_of("UPDATE payouts_reply SET outcome = 'refused'") == "reply_is_applied_once"


KEPT = {
    "payouts_claim": "claim_is_kept",
    "payouts_payout": "payout_is_kept",
    "payouts_transition": "transition_is_kept",
    "payouts_posting": "posting_is_kept",
    "payouts_fund": "fund_is_kept",
    "payouts_instruction": "instruction_is_kept",
    "payouts_reply": "reply_is_kept",
}


@pytest.mark.parametrize(("table", "promise"), KEPT.items())
def test_nothing_is_deleted(paid: Payout, table: str, promise: str) -> None:
    assert refusal_of(f"DELETE FROM {table}") == promise


@pytest.mark.parametrize("table", KEPT)
def test_no_table_is_emptied(paid: Payout, table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with as_superuser(), pytest.raises(DatabaseError, match=r"kept|deleted|cancelled|appended|signed"):
        execute(f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize(
    ("statement", "promise"),
    [
        ("UPDATE payouts_transition SET after = 'paid'", "transition_is_kept"),
        ("UPDATE payouts_posting SET amount_cny = 1", "posting_is_kept"),
        ("UPDATE payouts_claim SET commitment = 'other'", "claim_is_kept"),
    ],
)
def test_records_are_appended_only(paid: Payout, statement: str, promise: str) -> None:
    assert refusal_of(statement) == promise


def test_a_session_cannot_switch_the_guards_off(payout: Payout) -> None:
    execute("SELECT set_config('pgtrigger.ignore', (SELECT array_agg(tgname)::text FROM pg_trigger), true)")
    assert refusal_of(MOVE, "returned", "system", payout.pk) == "payout_moves_by_the_table"


def test_the_books_are_written_with_the_move(payout: Payout) -> None:
    steps = list(Transition.objects.filter(payout=payout).order_by("sequence").values_list("before", "after"))
    assert steps == [("", "requested"), ("requested", "reserved"), ("reserved", "approved")]
    posted = Posting.objects.filter(payout=payout).values_list("debit", "credit", "amount_cny", "sequence")
    assert list(posted) == [("available", "reserved", 100, 1)]


def test_raw_moves_write_the_books_as_well(payout: Payout) -> None:
    actor = payout.claim.claimed_by_id
    execute(
        "UPDATE payouts_payout SET status = 'cancelled', sequence = sequence + 1, moved_as = 'finance',"
        " moved_by_id = %s WHERE id = %s",
        actor,
        payout.pk,
    )
    payout.fund.refresh_from_db()
    assert payout.fund.reserved_cny == 0
    assert Transition.objects.get(payout=payout, sequence=3).after == "cancelled"


def test_the_books_of_any_number_take_a_handful_of_statements(django_assert_max_num_queries: Any) -> None:
    rich = make_version(granted_cny=1_000_000)
    with django_assert_max_num_queries(20):
        claimed = claim_entitlements(
            entitlement_ids=make_entitlements(2_000, of=rich), company=None, commitment="", actor=None, now=NOW
        )
    assert len(claimed.payout_ids) == 2_000
    assert Transition.objects.filter(payout__fund__version=rich).count() == 6_000
    rich.fund.refresh_from_db()
    assert rich.fund.reserved_cny == 200_000


def test_a_transition_of_the_model_alone_is_refused(payout: Payout) -> None:
    """The state machine says which moves are allowed; the database stores a move only with who, when and why."""
    payout.cancel()
    assert payout.status == Status.CANCELLED
    with pytest.raises(IntegrityError), transaction.atomic():
        payout.save()
    assert status_of(Payout.objects.get(pk=payout.pk)) == Status.APPROVED


def test_instructions_and_replies_exist_for_what_was_paid(paid: Payout) -> None:
    assert Instruction.objects.get(payout=paid).end_to_end_id == f"Q{paid.pk:015d}A01"
    assert Reply.objects.get(instruction__payout=paid).applied_at == NOW
