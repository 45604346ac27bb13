"""Reconciliation: proofs that the books balance, and that they agree with the bank's books."""

# ruff: noqa: S608 - what is put into these statements are conditions of our own.
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO, Any, LiteralString

from django.db import connection, transaction

from payouts.banks.gateway import BankBooks, ExecutedPayment
from payouts.banks.http import bank
from payouts.models import Payout
from payouts.models.banks.attempts import IS_BACK, IS_LATEST
from payouts.states import MOVES, SETTLED, Status
from qinqing.kernel.database.statements import expect_large_sets, fetch_rows

# The statuses of payouts whose money is reserved.
HOLDING = (
    Status.RESERVED,
    Status.PUBLICISED,
    Status.APPROVED,
    Status.SENT,
    Status.IN_DOUBT,
    Status.FAILED,
    Status.RETURNED,
)
UNFINISHED = (Status.APPROVED, Status.SENT, Status.IN_DOUBT)


@dataclass(frozen=True, slots=True)
class Invariants:
    """
    The results of a reconciliation.

    `double_payments` counts the payouts that the bank executed more than once. `lost` counts claims without a payout,
    and payouts that are stuck between two moves. `unfinished` counts the payouts on their way, which is no fault.
    `troubles` describes in sentences everything that is wrong.
    """

    books_balance: bool
    bank_agrees: bool
    double_payments: int
    lost: int
    unfinished: int = 0
    bank_payments: int = 0
    troubles: tuple[str, ...] = ()

    @property
    def hold(self) -> bool:
        """Whether all proofs succeeded."""
        return self.books_balance and self.bank_agrees and not self.double_payments and not self.lost


def invariants(*, bank_books: BankBooks | None = None, now: datetime | None = None) -> Invariants:
    """
    Prove the books, against the given books of a bank or else against those of the bank in the settings.

    While payments go on, pass as `now` a time before the reading: later payments need not stand in the bank's books.

    Raises:
        BooksUnavailable: the bank does not show its books.
    """
    with TemporaryFile() as statement:
        # The bank may be slow, so its books are read to the end before the transaction begins.
        payments = _save_statement(statement, (bank_books or bank()).list_executed())
        with transaction.atomic():
            expect_large_sets()
            _load_and_pair(statement)
            return _run_proofs(payments, now)


def _save_statement(statement: IO[bytes], payments: Iterable[ExecutedPayment]) -> int:
    count = 0
    for payment in payments:
        count += 1
        statement.write(f"{payment.end_to_end_id}\t{payment.amount_cny}\n".encode())
    statement.seek(0)
    return count


def _load_and_pair(statement: IO[bytes]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE bank_book (end_to_end_id text, bank_cny numeric(14, 2)) ON COMMIT DROP")
        with cursor.copy("COPY bank_book (end_to_end_id, bank_cny) FROM STDIN") as copy:
            while block := statement.read(1 << 20):
                copy.write(block)
        cursor.execute(_PAIRED)
        cursor.execute("ANALYZE bank_paired")


def _run_proofs(payments: int, now: datetime | None) -> Invariants:
    parameters = _PARAMETERS | {"asked_at": now}
    books = _failed_proofs(_BOOKS, parameters)
    bank_side = _failed_proofs(_BANK, parameters)
    double = _failed_proofs(_DOUBLE, parameters)
    lost = _failed_proofs(_LOST, parameters)
    found = books | bank_side | double | lost
    return Invariants(
        books_balance=not books,
        bank_agrees=not bank_side,
        double_payments=sum(double.values()),
        lost=sum(lost.values()),
        unfinished=Payout.objects.filter(status__in=UNFINISHED).count(),
        bank_payments=payments,
        troubles=tuple(f"{count} {words}." for words, count in found.items()),
    )


def _failed_proofs(proofs: dict[str, LiteralString], parameters: dict[str, Any]) -> dict[str, int]:
    """Run the proofs, and return those that fail with the number of their violations."""
    counts = {words: _count(statement, parameters) for words, statement in proofs.items()}
    return {words: count for words, count in counts.items() if count}


def _count(statement: LiteralString, parameters: dict[str, Any]) -> int:
    ((count,),) = fetch_rows(statement, **parameters)
    return int(count)


_WITH_MONEY = [(before.value, after.value, *move.transfer) for (before, after), move in MOVES.items() if move.transfer]
_PARAMETERS: dict[str, Any] = {
    "holding": [status.value for status in HOLDING],
    "settled": [status.value for status in SETTLED],
    "befores": [row[0] for row in _WITH_MONEY],
    "afters": [row[1] for row in _WITH_MONEY],
    "debits": [row[2].value for row in _WITH_MONEY],
    "credits": [row[3].value for row in _WITH_MONEY],
}

_BOOKS: dict[str, LiteralString] = {
    "funds have other balances than their postings": """
        SELECT count(*) FROM payouts_fund f LEFT JOIN (
            SELECT fund_id,
                sum(CASE debit WHEN 'granted' THEN amount_cny ELSE 0 END) AS granted,
                sum(CASE 'available' WHEN credit THEN amount_cny WHEN debit THEN -amount_cny ELSE 0 END) AS available,
                sum(CASE 'reserved' WHEN credit THEN amount_cny WHEN debit THEN -amount_cny ELSE 0 END) AS reserved,
                sum(CASE 'disbursed' WHEN credit THEN amount_cny WHEN debit THEN -amount_cny ELSE 0 END) AS disbursed,
                sum(CASE 'recovered' WHEN debit THEN amount_cny WHEN credit THEN -amount_cny ELSE 0 END) AS recovered
            FROM payouts_posting GROUP BY fund_id
        ) s ON s.fund_id = f.id
        WHERE (f.granted_cny, f.available_cny, f.reserved_cny, f.disbursed_cny, f.recovered_cny) IS DISTINCT FROM (
            coalesce(s.granted, 0), coalesce(s.available, 0), coalesce(s.reserved, 0), coalesce(s.disbursed, 0),
            coalesce(s.recovered, 0)
        )
    """,
    "funds hold other money than their payouts say": """
        SELECT count(*) FROM payouts_fund f LEFT JOIN (
            SELECT fund_id,
                sum(amount_cny) FILTER (WHERE status = ANY(%(holding)s)) AS reserved,
                sum(amount_cny) FILTER (WHERE status = ANY(%(settled)s)) AS disbursed
            FROM payouts_payout GROUP BY fund_id
        ) p ON p.fund_id = f.id
        WHERE (f.reserved_cny, f.disbursed_cny)
            IS DISTINCT FROM (coalesce(p.reserved, 0), coalesce(p.disbursed, 0))
    """,
    "payouts have another state than their transitions": """
        SELECT count(*) FROM payouts_payout p LEFT JOIN (
            SELECT payout_id, count(*) AS steps, max(sequence) AS last FROM payouts_transition GROUP BY payout_id
        ) t ON t.payout_id = p.id
        LEFT JOIN payouts_transition l ON l.payout_id = p.id AND l.sequence = p.sequence
        WHERE (l.after, t.steps, t.last) IS DISTINCT FROM (p.status, p.sequence + 1::bigint, p.sequence)
    """,
    "moves with money are not posted as the table says": """
        WITH moved AS (
            SELECT t.payout_id, t.sequence, m.debit, m.credit FROM payouts_transition t
            JOIN unnest(%(befores)s::text[], %(afters)s::text[], %(debits)s::text[], %(credits)s::text[])
                AS m (before, after, debit, credit) ON (m.before, m.after) = (t.before, t.after)
        )
        SELECT count(*) FROM moved
        FULL JOIN (SELECT * FROM payouts_posting WHERE payout_id IS NOT NULL) s
            ON (s.payout_id, s.sequence) = (moved.payout_id, moved.sequence)
        LEFT JOIN payouts_payout p ON p.id = s.payout_id
        WHERE (moved.debit, moved.credit, p.amount_cny, p.fund_id)
            IS DISTINCT FROM (s.debit, s.credit, s.amount_cny, s.fund_id)
    """,
    "postings are not shared to the fen": """
        SELECT count(*) FROM payouts_posting s
        JOIN (SELECT posting_id, sum(amount_cny) AS parts_cny FROM payouts_shareposting GROUP BY posting_id) w
            ON w.posting_id = s.id
        WHERE w.parts_cny <> s.amount_cny
    """,
    "shares have other balances than their postings": """
        SELECT count(*) FROM payouts_sharebalance b FULL JOIN (
            SELECT s.fund_id, w.level, w.district,
                sum(CASE 'reserved' WHEN credit THEN w.amount_cny WHEN debit THEN -w.amount_cny ELSE 0 END) AS reserved,
                sum(CASE 'disbursed' WHEN credit THEN w.amount_cny WHEN debit THEN -w.amount_cny ELSE 0 END) AS paid,
                sum(CASE 'recovered' WHEN debit THEN w.amount_cny WHEN credit THEN -w.amount_cny ELSE 0 END) AS back
            FROM payouts_shareposting w JOIN payouts_posting s ON s.id = w.posting_id GROUP BY 1, 2, 3
        ) w ON (w.fund_id, w.level, w.district) = (b.fund_id, b.level, b.district)
        WHERE (b.reserved_cny, b.disbursed_cny, b.recovered_cny) IS DISTINCT FROM (w.reserved, w.paid, w.back)
    """,
    "repayments are not posted as they came": """
        SELECT count(*) FROM payouts_repayment r
        JOIN payouts_recovery d ON d.id = r.recovery_id JOIN payouts_payout p ON p.id = d.payout_id
        LEFT JOIN payouts_posting s ON s.repayment_id = r.id
        WHERE r.principal_cny <> 0 AND (s.amount_cny, s.fund_id, s.debit)
            IS DISTINCT FROM (abs(r.principal_cny), p.fund_id,
                CASE WHEN r.principal_cny > 0 THEN 'recovered' ELSE 'available' END)
    """,
    "payouts being recovered have no such demand": """
        SELECT count(*) FROM payouts_payout p
        LEFT JOIN payouts_recovery d ON d.payout_id = p.id AND d.ended_as NOT IN ('withdrawn', 'came_back')
        WHERE p.status IN ('recovering', 'recovered')
            AND d.ended_as IS DISTINCT FROM (CASE p.status WHEN 'recovered' THEN 'repaid' ELSE '' END)
    """,
    "batches hold other lines than were sealed": """
        SELECT count(*) FROM payouts_batch b LEFT JOIN (
            SELECT batch_id, count(*) AS lines, sum(amount_cny) AS total FROM payouts_instruction GROUP BY batch_id
        ) i ON i.batch_id = b.id
        WHERE (b.line_count, b.control_sum_cny) IS DISTINCT FROM (i.lines, i.total)
    """,
}

# Each payment in the bank's books with its payout, and whether it belongs to the payout's latest attempt.
_PAIRED: LiteralString = f"""
    CREATE TEMPORARY TABLE bank_paired ON COMMIT DROP AS
    SELECT b.end_to_end_id, b.bank_cny, i.amount_cny, p.id AS payout_id, p.status,
        {IS_LATEST} AS is_latest
    FROM bank_book b
    LEFT JOIN payouts_instruction i ON i.end_to_end_id = b.end_to_end_id
    LEFT JOIN payouts_payout p ON p.id = i.payout_id
    -- A returned payment is no longer a payment.
    WHERE NOT EXISTS (SELECT FROM payouts_reply r WHERE r.instruction_id = i.id AND r.outcome = 'returned')
"""

# A payment of a payout that is still with the bank is no disagreement: its reply is on the way.
_BANK: dict[str, LiteralString] = {
    "payments of the bank are not ours, or of another amount": """
        SELECT count(*) FROM bank_paired WHERE bank_cny IS DISTINCT FROM amount_cny
    """,
    "payments of the bank are not paid in our books": """
        SELECT count(*) FROM bank_paired WHERE payout_id IS NOT NULL AND NOT (
            is_latest AND (status = ANY(%(settled)s) OR status IN ('sent', 'in_doubt', 'returned'))
        )
    """,
    "payouts that we call paid are not in the bank's books": f"""
        SELECT count(*) FROM payouts_payout p
        WHERE p.status = ANY(%(settled)s)
            AND (%(asked_at)s::timestamptz IS NULL OR p.paid_at < %(asked_at)s::timestamptz)
            AND NOT EXISTS (SELECT FROM bank_paired b WHERE b.payout_id = p.id AND b.bank_cny = p.amount_cny)
            -- The bank returned it after the firm repaid a part; here it becomes returned once the firm is paid back.
            AND NOT (p.status = 'recovering' AND {IS_BACK.format(payout="p.id")})
            -- Payments in files are reconciled with the statements of their banks, line by line.
            AND NOT EXISTS (
                SELECT FROM payouts_instruction i JOIN payouts_batch b ON b.id = i.batch_id AND b.channel = 'file'
                WHERE i.payout_id = p.id
            )
    """,
}

_DOUBLE: dict[str, LiteralString] = {
    "payouts were executed more than once by the bank": """
        SELECT count(*) FROM (
            SELECT FROM bank_paired WHERE payout_id IS NOT NULL GROUP BY payout_id HAVING count(*) > 1
        ) twice
    """,
}

_LOST: dict[str, LiteralString] = {
    "claimed entitlements have no payout": """
        SELECT count(*) FROM policies_entitlement e
        WHERE e.status = 'claimed' AND NOT EXISTS (SELECT FROM payouts_payout p WHERE p.entitlement_id = e.id)
    """,
    "payouts were left between two moves": """
        SELECT count(*) FROM payouts_payout WHERE status IN ('requested', 'reserved')
    """,
    "payouts are at the bank without an instruction": """
        SELECT count(*) FROM payouts_payout p WHERE p.status IN ('sent', 'in_doubt')
            AND NOT EXISTS (SELECT FROM payouts_instruction i WHERE i.payout_id = p.id)
    """,
}
