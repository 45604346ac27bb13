"""
Rows that payouts and their books name exist: triggers check them by set, since foreign keys would look row by row.
"""

from __future__ import annotations

import pytest
from django.db import IntegrityError, models, transaction

from companies.models import PayeeAccount
from payouts.ledger.funds import open_funds
from payouts.models import Claim, Fund, Instruction, Payout, Posting, Transition
from qinqing.kernel.database.integrity import constraint_of
from tests.factories.clock import NOW
from tests.factories.entitlements import make_entitlement, make_version
from tests.factories.payouts import insert_payout, make_payout
from tests.factories.people import make_employee
from tests.factories.rows import refusal_of

pytestmark = pytest.mark.django_db

NOBODY = 10**15
# By model: the promise that refuses a missing row, and the columns that it proves.
PROVEN: dict[type[models.Model], tuple[str, set[str]]] = {
    Payout: (
        "payout_copies_its_entitlement",
        {"claim_id", "entitlement_id", "policy_id", "fund_id", "company_id", "employee_id", "account_id"},
    ),
    Instruction: ("instruction_pays_its_payout", {"payout_id", "fund_id", "account_id"}),
    Posting: ("posting_is_what_was_published", {"payout_id", "fund_id"}),
    Transition: ("transition_is_written_by_the_move", {"payout_id"}),
}
# A move proves it: `payout_is_moved_by_a_reply_about_it`.
PROVEN_BY_MOVES = {(Payout, "moved_reply_id"), (Transition, "reply_id")}


def test_each_reference_without_a_foreign_key_is_proven_here() -> None:
    for model, (_promise, columns) in PROVEN.items():
        keys = [field for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)]
        unproven = {field.column for field in keys if not field.db_constraint} - columns
        assert {(model, column) for column in unproven} <= PROVEN_BY_MOVES
        assert columns <= {field.column for field in keys if not field.db_constraint}


@pytest.mark.parametrize("column", sorted(PROVEN[Payout][1]))
def test_a_payout_that_names_nobody_is_refused(column: str) -> None:
    right = make_entitlement(amount_cny=100)
    open_funds(version_ids=[right.version_id], now=NOW)
    signed = Claim.objects.create(company=right.company, claimed_at=NOW)
    named = {"fund_id": right.version.fund.pk, "claim_id": signed.pk} | {column: NOBODY}
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        insert_payout(right, claim=signed, **named)
    assert constraint_of(refused.value) == PROVEN[Payout][0]


@pytest.mark.parametrize("column", sorted(PROVEN[Instruction][1]))
def test_an_instruction_that_names_nobody_is_refused(column: str) -> None:
    columns = {name: name for name in ("fund_id", "account_id")} | {"payout_id": "id"} | {column: str(NOBODY)}
    statement = (
        "INSERT INTO payouts_instruction"
        " (payout_id, fund_id, account_id, attempt, end_to_end_id, amount_cny, stored_at, valid_until)"
        f" SELECT {columns['payout_id']}, {columns['fund_id']}, {columns['account_id']}, 1, 'X', amount_cny,"
        " now(), now() FROM payouts_payout WHERE id = %s"
    )
    assert refusal_of(statement, make_payout().pk) == PROVEN[Instruction][0]


def test_a_posting_to_no_fund_is_refused() -> None:
    statement = (
        "INSERT INTO payouts_posting (fund_id, debit, credit, amount_cny, posted_at)"
        " VALUES (%s, 'granted', 'available', 5, now())"
    )
    assert refusal_of(statement, NOBODY) == PROVEN[Posting][0]


def test_a_posting_of_no_payout_is_refused() -> None:
    fund = Fund.objects.create(version=make_version(granted_cny=5))
    statement = (
        "INSERT INTO payouts_posting (fund_id, payout_id, sequence, debit, credit, amount_cny, posted_at)"
        " VALUES (%s, %s, 1, 'available', 'reserved', 5, now())"
    )
    assert refusal_of(statement, fund.pk, NOBODY) == "posting_is_written_by_the_move"


def test_a_transition_of_no_payout_is_refused() -> None:
    statement = (
        "INSERT INTO payouts_transition (payout_id, sequence, before, after, moved_at, moved_as, moved_because)"
        " VALUES (%s, 0, '', 'requested', now(), 'system', '')"
    )
    assert refusal_of(statement, NOBODY) == PROVEN[Transition][0]


@pytest.mark.parametrize(
    ("statement", "promise"),
    [
        ("DELETE FROM companies_payeeaccount WHERE id = %s", "payee_account_is_never_deleted"),
        ("DELETE FROM payouts_fund WHERE %s IS NOT NULL", "fund_is_kept"),
        ("DELETE FROM payouts_claim WHERE %s IS NOT NULL", "claim_is_kept"),
        ("DELETE FROM policies_entitlement WHERE %s IS NOT NULL", "entitlement_is_kept"),
        ("DELETE FROM companies_company WHERE %s IS NOT NULL", "company_is_never_deleted"),
        ("DELETE FROM companies_employee WHERE %s IS NOT NULL", "employee_is_never_deleted"),
        ("DELETE FROM payouts_payout WHERE %s IS NOT NULL", "payout_is_kept"),
    ],
)
def test_what_a_payout_names_is_never_deleted(statement: str, promise: str) -> None:
    payout = make_payout()
    make_employee()
    assert PayeeAccount.objects.filter(pk=payout.account_id).exists()
    assert refusal_of(statement, payout.account_id) == promise


def test_a_policy_with_a_payout_is_never_deleted() -> None:
    payout = make_payout()
    # A foreign key holds a version's policy; PostgreSQL checks it when the transaction ends.
    at_once = "SET CONSTRAINTS ALL IMMEDIATE; DELETE FROM policies_policy WHERE id = %s"
    assert "policies_policyversion_policy_id" in str(refusal_of(at_once, payout.policy_id))
