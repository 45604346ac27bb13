"""
Sends payouts to the bank: stores instructions, calls the bank outside of any transaction, asks about those in doubt.
"""

# ruff: noqa: S608 - what is put into these statements are expressions of our own.
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import LiteralString, NamedTuple

import structlog
from django.db import connection, transaction
from django.utils.translation import gettext_noop

from companies.datasets.sealing import ACCOUNT_NUMBER
from companies.firms.usable_accounts import select_unusable_accounts
from payouts.banks.gateway import Answer, BankResponse, Gateway, PaymentOrder
from payouts.ledger.move import move
from payouts.models import Payout
from payouts.models.banks.attempts import END_TO_END_ID, IS_LAST
from payouts.replies.apply import record_answers
from payouts.replies.late_confirmation import find_paid_payouts
from payouts.sending.account_replaced import use_accounts
from payouts.sending.leases import keep_lease
from payouts.states import Role, Status
from qinqing.kernel.database.statements import execute_statement, fetch_rows_as, first_column

log = structlog.get_logger()

# No other worker takes these payouts while the bank is called; a longer call renews the lease.
LEASE = timedelta(seconds=30)
# The bank never executes an instruction that it has not seen by this time.
CUT_OFF = timedelta(minutes=2)
ASK_AGAIN_AFTER = timedelta(seconds=3)
# So many payouts in doubt mean that the bank is in trouble, and sending more would only add to them.
DOUBT_LIMIT = 8_000


class InsideTransaction(Exception):
    """The bank would be called while a transaction is open and holds row locks."""


class Lane(Enum):
    """
    Which approved payouts are sent next.

    An owner who clicks does not wait behind a city's worth of older payouts: one lane sends the newest clicks first.
    The other lane sends everything, the fund with the oldest payout first, so that no payout is left behind, clicks
    included.
    """

    OLDEST_FIRST = "oldest first"
    CLICKED = "newest clicks first"


# Payouts of the fund f, whose bank is k, go over an interface, and their policy is not suspended.
_MAY_BE_SENT: LiteralString = """k.channel IS DISTINCT FROM 'file' AND NOT EXISTS (
                SELECT FROM policies_suspension s WHERE s.version_id = f.version_id AND s.lifted_at IS NULL
            )"""
# The accounts that take no money now. The query runs once, and finds the few changed accounts by their index.
_MAY_TAKE: LiteralString = f"p.account_id NOT IN ({select_unusable_accounts('%(now)s')})"
# The fund whose oldest payout has waited longest comes first, so the oldest of all payouts is always taken. The many
# payouts that wait for a batch or for the end of a suspension are not read. Each row is locked as it is read.
_OLDEST_FIRST: LiteralString = f"""
        SELECT due.id FROM (
            SELECT f.id FROM payouts_fund f LEFT JOIN payouts_bank k ON k.id = f.bank_id
            CROSS JOIN LATERAL (
                SELECT p.id FROM payouts_payout p WHERE p.fund_id = f.id AND p.status = 'approved' ORDER BY p.id LIMIT 1
            ) oldest
            WHERE {_MAY_BE_SENT}
            ORDER BY oldest.id
        ) fund
        CROSS JOIN LATERAL (
            SELECT p.id FROM payouts_payout p WHERE p.fund_id = fund.id AND p.status = 'approved' AND {_MAY_TAKE}
            ORDER BY p.id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
        ) due
        LIMIT %(limit)s
"""
# The query goes fund by fund, so it reads none of the many payouts that wait for a batch or for the end of a
# suspension. It reads more than it takes, because other workers may hold the newest ones.
_CLICKED: LiteralString = f"""
        WITH newest AS MATERIALIZED (
            SELECT clicked.id FROM payouts_fund f LEFT JOIN payouts_bank k ON k.id = f.bank_id
            CROSS JOIN LATERAL (
                SELECT p.id FROM payouts_payout p
                WHERE p.fund_id = f.id AND p.status = 'approved' AND p.is_clicked AND {_MAY_TAKE}
                ORDER BY p.id DESC LIMIT 4 * %(limit)s
            ) clicked
            WHERE {_MAY_BE_SENT}
            ORDER BY clicked.id DESC LIMIT 4 * %(limit)s
        )
        SELECT id FROM payouts_payout WHERE id IN (SELECT id FROM newest) AND status = 'approved'
        ORDER BY id DESC LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
"""
_DUE: dict[Lane, LiteralString] = {Lane.OLDEST_FIRST: _OLDEST_FIRST, Lane.CLICKED: _CLICKED}


@dataclass(frozen=True, slots=True)
class SendResult:
    """The number of payouts that were sent, the ids that the bank answered, and the number that are in doubt."""

    count: int = 0
    in_doubt: int = 0
    answered: tuple[int, ...] = ()


class _Order(NamedTuple):
    payout: int
    end_to_end_id: str
    amount_cny: Decimal
    payee_name: str
    number_encrypted: bytes
    account_identity: str
    bank_number: str
    purpose: str
    valid_until: datetime


class _Question(NamedTuple):
    payout: int
    status: str
    end_to_end_id: str
    valid_until: datetime


def send_due(
    *,
    gateway: Gateway,
    limit: int,
    now: datetime,
    lane: Lane = Lane.OLDEST_FIRST,
    lease: timedelta = LEASE,
    cut_off: timedelta = CUT_OFF,
) -> SendResult:
    """
    Send approved payouts of a lane to the bank, at most `limit`, as one request.

    The instructions are committed before the bank is called, and the answers after the call. An order without an answer
    leaves its payout in doubt, and is never sent again.

    Raises:
        InsideTransaction: a transaction is open.
    """
    refuse_inside_transaction()
    if _is_in_trouble():
        log.warning("sending_stopped", reason="too many payouts are in doubt", limit=DOUBT_LIMIT)
        return SendResult()
    with transaction.atomic(durable=True):
        payouts = _store_instructions(lane, limit, now, lease, cut_off)
        orders = _read_orders(payouts)
    if not orders:
        return SendResult()
    with keep_lease(payouts=payouts, leased_until=now + lease, lease=lease):
        response = gateway.pay(list(orders.values()))
    payout_of = {order.end_to_end_id: payout for payout, order in orders.items()}
    answers = [each for each in response.answers if each.end_to_end_id in payout_of and each.outcome != "unknown"]
    answered = {payout_of[each.end_to_end_id] for each in answers}
    silent = [payout for payout in orders if payout not in answered]
    with transaction.atomic(durable=True):
        record_answers(answers=answers, now=now)
        _move_into_doubt(silent, response.silence, now)
    return SendResult(count=len(orders), in_doubt=len(silent), answered=tuple(sorted(answered)))


def ask_in_doubt(*, gateway: Gateway, limit: int, now: datetime, lease: timedelta = LEASE) -> int:
    """
    Ask the bank about payouts in doubt, and about sent ones whose worker has died; return their number.

    “Unknown” decides only when the bank's own clock is past the instruction's cut-off: until then the request may still
    be on its way.

    Raises:
        InsideTransaction: a transaction is open.
    """
    refuse_inside_transaction()
    with transaction.atomic(durable=True):
        questions = _choose_questions(limit, now)
        if not questions:
            return 0
        lost = [each.payout for each in questions if each.status == Status.SENT]
        _move_into_doubt(lost, gettext_noop("the worker that sent it was not heard of again"), now)
        _set_lease([each.payout for each in questions], now + lease)
    asked = [each.payout for each in questions]
    with keep_lease(payouts=asked, leased_until=now + lease, lease=lease):
        response = gateway.ask([each.end_to_end_id for each in questions])
    final, open_payouts = _divide_answers(response, questions)
    with transaction.atomic(durable=True):
        record_answers(answers=final, now=now)
        _set_lease(open_payouts, now + ASK_AGAIN_AFTER)
    return len(questions)


def refuse_inside_transaction() -> None:
    """
    Check that no transaction is open, so that no row is locked while the bank is called.

    Raises:
        InsideTransaction: a transaction is open.
    """
    # The transaction that a test case wraps around itself does not count; `durable` refuses all others.
    if connection.in_atomic_block and not getattr(connection.atomic_blocks[-1], "_from_testcase", False):
        raise InsideTransaction("Call the bank when no transaction is open.")


def _is_in_trouble() -> bool:
    return Payout.objects.filter(status=Status.IN_DOUBT)[:DOUBT_LIMIT].count() >= DOUBT_LIMIT


def _store_instructions(lane: Lane, limit: int, now: datetime, lease: timedelta, cut_off: timedelta) -> list[int]:
    chosen = first_column(_DUE[lane], limit=limit, now=now)
    due = sorted(set(chosen) - find_paid_payouts(payouts=chosen))
    if not due:
        return []
    use_accounts(payouts=due)
    execute_statement(
        f"""
        INSERT INTO payouts_instruction
            (payout_id, attempt, end_to_end_id, fund_id, account_id, amount_cny, stored_at, valid_until)
        SELECT p.id, n.attempt, {END_TO_END_ID},
            p.fund_id, p.account_id, p.amount_cny, %(now)s, %(valid_until)s
        FROM payouts_payout p
        CROSS JOIN LATERAL (
            SELECT 1 + count(*) AS attempt FROM payouts_instruction i WHERE i.payout_id = p.id
        ) n
        WHERE p.id = ANY(%(ids)s) ORDER BY p.id
        """,
        ids=due,
        now=now,
        valid_until=now + cut_off,
    )
    return move(
        payouts=due,
        before=Status.APPROVED,
        after=Status.SENT,
        role=Role.SYSTEM,
        actor=None,
        because="",
        now=now,
        leased_until=now + lease,
    )


def _read_orders(payouts: Sequence[int]) -> dict[int, PaymentOrder]:
    orders = fetch_rows_as(
        _Order,
        f"""
        SELECT p.id AS payout, i.end_to_end_id, i.amount_cny, a.holder_name AS payee_name, a.number_encrypted,
            companies_account_identity(a) AS account_identity, a.bank_number, y.code || ' ' || p.id AS purpose,
            i.valid_until
        FROM payouts_payout p
        JOIN payouts_instruction i ON i.payout_id = p.id
        JOIN companies_payeeaccount a ON a.id = i.account_id
        JOIN policies_policy y ON y.id = p.policy_id
        WHERE p.id = ANY(%(ids)s) AND {IS_LAST}
        ORDER BY p.id
        """,
        ids=list(payouts),
    )
    return {
        each.payout: PaymentOrder(
            end_to_end_id=each.end_to_end_id,
            amount_cny=each.amount_cny,
            payee_name=each.payee_name,
            payee_account=ACCOUNT_NUMBER.open(each.number_encrypted, each.account_identity),
            bank_number=each.bank_number,
            purpose=each.purpose,
            valid_until=each.valid_until,
        )
        for each in orders
    }


def _choose_questions(limit: int, now: datetime) -> list[_Question]:
    return fetch_rows_as(
        _Question,
        f"""
        SELECT p.id AS payout, p.status, i.end_to_end_id, i.valid_until
        FROM payouts_payout p JOIN payouts_instruction i ON i.payout_id = p.id
        WHERE p.status IN ('sent', 'in_doubt') AND (p.leased_until IS NULL OR p.leased_until <= %(now)s)
            AND {IS_LAST}
            AND NOT EXISTS (SELECT FROM payouts_reply r WHERE r.instruction_id = i.id AND r.applied_at IS NULL)
            AND NOT EXISTS (SELECT FROM payouts_batch b WHERE b.id = i.batch_id AND b.channel = 'file')
        ORDER BY p.id LIMIT %(limit)s FOR NO KEY UPDATE OF p SKIP LOCKED
        """,
        now=now,
        limit=limit,
    )


def _divide_answers(response: BankResponse, questions: Sequence[_Question]) -> tuple[list[Answer], list[int]]:
    """Divide the payouts into answers that decide, and ids for which the bank only said that it waits."""
    asked = {each.end_to_end_id: each for each in questions}
    final, open_payouts = [], []
    for answer in response.answers:
        question = asked.get(answer.end_to_end_id)
        if question is None:
            continue
        if answer.outcome != "unknown":
            final.append(answer)
        elif answer.as_of > question.valid_until:
            final.append(replace(answer, reason=gettext_noop("It never reached the bank before its cut-off.")))
        else:
            open_payouts.append(question.payout)
    return final, open_payouts


def _move_into_doubt(payouts: Sequence[int], why: str, now: datetime) -> None:
    still_sent = first_column(
        "SELECT id FROM payouts_payout WHERE id = ANY(%(ids)s) AND status = 'sent' ORDER BY id FOR NO KEY UPDATE",
        ids=list(payouts),
    )
    move(
        payouts=still_sent,
        before=Status.SENT,
        after=Status.IN_DOUBT,
        role=Role.SYSTEM,
        actor=None,
        because=why,
        now=now,
        leased_until=now + ASK_AGAIN_AFTER,
    )


def _set_lease(payouts: Sequence[int], until: datetime) -> None:
    Payout.objects.filter(pk__in=payouts, status=Status.IN_DOUBT).update(leased_until=until)
