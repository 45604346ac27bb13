"""The lines of a sealed batch as its checker sees them: payees, flags of accounts, sums, and what is new in it."""

# ruff: noqa: S608 - what is put into these statements are expressions of our own.
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import LiteralString

from payouts.batch_states import BatchStatus
from payouts.models import Batch
from qinqing.kernel.database.statements import fetch_rows, fetch_rows_as

LINES_ON_A_PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedLine:
    """A line, with what the policy entitles its payee to, and with the flags of its account."""

    id: int
    end_to_end_id: str
    payout: int
    payee: str
    account: str
    bank_name: str
    amount_cny: Decimal
    entitled_cny: Decimal
    policy: str
    district: str
    # Nothing was paid to this account before.
    is_new: bool
    # The payee was paid to another account before.
    is_changed: bool
    # The same account number is in use by another payee.
    is_shared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagCounts:
    """The numbers of a batch's lines with each flag, and of those whose amount is not what the policy entitles to."""

    new: int
    changed: int
    shared: int
    other_amounts: int


@dataclass(frozen=True, slots=True)
class PlaceSum:
    """The lines of a batch for one policy and district."""

    policy: str
    district: str
    count: int
    total_cny: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What differs from the fund's last batch: the payees who were not in it, and the accounts that were others."""

    message_id: str
    count: int
    total_cny: Decimal
    newcomers: int
    missing: int
    other_accounts: int


def are_sums_hidden(*, batch: Batch) -> bool:
    """Whether no page may show the sum of a batch, because its checker has still to type it from her own papers."""
    return batch.status == BatchStatus.SEALED and batch.checked_at is None


def list_lines(*, batch: Batch, after: int = 0) -> Sequence[CheckedLine]:
    """List the lines after the instruction with this id, at most `LINES_ON_A_PAGE`."""
    return fetch_rows_as(CheckedLine, _LINES, batch=batch.pk, after=after, limit=LINES_ON_A_PAGE)


def count_flags(*, batch: Batch) -> FlagCounts:
    """Count the lines of a batch by their flags."""
    (found,) = fetch_rows_as(FlagCounts, _FLAGS, batch=batch.pk)
    return found


def sum_by_place(*, batch: Batch) -> Sequence[PlaceSum]:
    """Sum the lines of a batch by policy and district."""
    return fetch_rows_as(PlaceSum, _PLACES, batch=batch.pk)


def compare_with_last(*, batch: Batch) -> Comparison | None:
    """Compare a batch with the one of its fund that was released before it; None for the fund's first."""
    earlier = fetch_rows(
        """
        SELECT id FROM payouts_batch
        WHERE fund_id = %(fund)s AND id < %(batch)s AND status IN ('exported', 'reconciled', 'closed')
        ORDER BY id DESC LIMIT 1
        """,
        fund=batch.fund_id,
        batch=batch.pk,
    )
    if not earlier:
        return None
    (found,) = fetch_rows_as(Comparison, _COMPARED, batch=batch.pk, last=earlier[0][0])
    return found


# i is the instruction, p its payout, e the entitlement, y the policy, a the account; q and o are other payouts and
# accounts.
_IS_SAME_PAYEE: LiteralString = (
    "(o.company_id = a.company_id OR o.employee_id = a.employee_id OR o.third_party_id = a.third_party_id)"
)
_IS_NEW: LiteralString = """NOT EXISTS (
            SELECT FROM payouts_payout q
            WHERE q.account_id = a.id AND q.id <> i.payout_id AND q.paid_at IS NOT NULL OFFSET 0
        )"""
_IS_CHANGED: LiteralString = f"""EXISTS (
            SELECT FROM companies_payeeaccount o JOIN payouts_payout q ON q.account_id = o.id
            WHERE o.id <> a.id AND {_IS_SAME_PAYEE} AND q.paid_at IS NOT NULL OFFSET 0
        )"""
_SHARED: LiteralString = f"""shared AS MATERIALIZED (
        SELECT DISTINCT a.id FROM line i JOIN companies_payeeaccount a ON a.id = i.account_id
        JOIN companies_payeeaccount o ON o.number_hash = a.number_hash
        WHERE o.id <> a.id AND o.is_active AND {_IS_SAME_PAYEE} IS NOT TRUE
    )"""
_LINES: LiteralString = f"""
    WITH line AS MATERIALIZED (
        SELECT * FROM payouts_instruction
        WHERE batch_id = %(batch)s AND id > %(after)s ORDER BY id LIMIT %(limit)s
    ), {_SHARED}
    SELECT i.id, i.end_to_end_id, p.id AS payout, a.holder_name AS payee, a.number_masked AS account, a.bank_name,
        i.amount_cny, e.amount_cny AS entitled_cny, y.code AS policy, p.district,
        {_IS_NEW} AS is_new, {_IS_CHANGED} AS is_changed, s.id IS NOT NULL AS is_shared
    FROM line i
    JOIN payouts_payout p ON p.id = i.payout_id
    JOIN policies_entitlement e ON e.id = p.entitlement_id
    JOIN policies_policy y ON y.id = p.policy_id
    JOIN companies_payeeaccount a ON a.id = i.account_id
    LEFT JOIN shared s ON s.id = a.id
    ORDER BY i.id
"""
_FLAGS: LiteralString = f"""
    WITH line AS MATERIALIZED (SELECT * FROM payouts_instruction WHERE batch_id = %(batch)s), {_SHARED}
    SELECT count(*) FILTER (WHERE {_IS_NEW}) AS new, count(*) FILTER (WHERE {_IS_CHANGED}) AS changed,
        count(s.id) AS shared, count(*) FILTER (WHERE i.amount_cny <> e.amount_cny) AS other_amounts
    FROM line i
    JOIN payouts_payout p ON p.id = i.payout_id
    JOIN policies_entitlement e ON e.id = p.entitlement_id
    JOIN companies_payeeaccount a ON a.id = i.account_id
    LEFT JOIN shared s ON s.id = a.id
"""
_PLACES: LiteralString = """
    SELECT y.code AS policy, p.district, count(*) AS count, sum(i.amount_cny) AS total_cny
    FROM payouts_instruction i
    JOIN payouts_payout p ON p.id = i.payout_id
    JOIN policies_policy y ON y.id = p.policy_id
    WHERE i.batch_id = %(batch)s
    GROUP BY y.code, p.district ORDER BY y.code, p.district
"""
_COMPARED: LiteralString = """
    WITH now_there AS (
        SELECT DISTINCT a.company_id, a.employee_id, a.third_party_id, a.id AS account_id
        FROM payouts_instruction i JOIN companies_payeeaccount a ON a.id = i.account_id WHERE i.batch_id = %(batch)s
    ), before AS (
        SELECT DISTINCT a.company_id, a.employee_id, a.third_party_id, a.id AS account_id
        FROM payouts_instruction i JOIN companies_payeeaccount a ON a.id = i.account_id WHERE i.batch_id = %(last)s
    ), payee AS (
        SELECT (n.account_id IS NULL) AS is_missing, (b.account_id IS NULL) AS is_newcomer,
            n.account_id <> b.account_id AS has_other_account
        FROM now_there n FULL JOIN before b
            ON (coalesce(n.company_id, 0), coalesce(n.employee_id, 0), coalesce(n.third_party_id, 0))
            = (coalesce(b.company_id, 0), coalesce(b.employee_id, 0), coalesce(b.third_party_id, 0))
    )
    SELECT b.message_id, b.line_count AS count, b.control_sum_cny AS total_cny, c.newcomers, c.missing, c.other_accounts
    FROM payouts_batch b CROSS JOIN (
        SELECT count(*) FILTER (WHERE is_newcomer) AS newcomers, count(*) FILTER (WHERE is_missing) AS missing,
            count(*) FILTER (WHERE has_other_account) AS other_accounts
        FROM payee
    ) c
    WHERE b.id = %(last)s
"""
