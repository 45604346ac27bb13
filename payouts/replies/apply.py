"""The platform first records what the bank replied, and applies the replies to their payouts later."""

# ruff: noqa: S608 - what is put into these statements are conditions of our own.
from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

import structlog
from django.db import transaction
from django.utils.translation import gettext_noop

from payouts.banks.gateway import Answer
from payouts.ledger.locks import lock_funds
from payouts.ledger.move import move
from payouts.models import Outcome
from payouts.replies.facts import COMMON_FACTS, IS_PAID_AS_LAST_WORD, IS_RIGHT_PAID
from payouts.replies.late_confirmation import return_demanded_payouts, settle_late_confirmations
from payouts.replies.meanings import AT_THE_BANK, Meaning, ReplyFacts, determine_meaning
from payouts.states import SETTLED, Role, Status
from qinqing.kernel.database.statements import execute_statement, fetch_rows, fetch_rows_as, first_column
from qinqing.kernel.nudges import nudge

log = structlog.get_logger()

# After the bank has lost so many instructions of one payout, a clerk decides whether to send another.
LOST_ATTEMPT_LIMIT = 3
NEVER_SEEN = gettext_noop("The bank never saw it; it is sent under a new number.")
STATUS_AFTER = {Meaning.SETTLES: Status.PAID, Meaning.FAILS: Status.FAILED, Meaning.REPEATS: Status.FAILED}


@dataclass(frozen=True, slots=True, kw_only=True)
class _DueReply(ReplyFacts):
    reply_id: int
    payout_id: int
    reason: str
    # A payout's first reply has turn 1; a later call applies the second, once the first has moved the payout.
    turn: int


def record_answers(*, answers: Sequence[Answer], now: datetime) -> int:
    """Record a bank's answers as replies, each outcome of an instruction once; return the number of new replies."""
    if not answers:
        return 0
    recorded = execute_statement(
        """
        INSERT INTO payouts_reply (instruction_id, outcome, bank_reference, reason, received_at)
        SELECT i.id, said.outcome, said.reference, said.reason, %(now)s
        FROM unnest(%(ids)s::text[], %(outcomes)s::text[], %(references)s::text[], %(reasons)s::text[])
            WITH ORDINALITY AS said (end_to_end_id, outcome, reference, reason, place)
        JOIN payouts_instruction i ON i.end_to_end_id = said.end_to_end_id
        ORDER BY said.place
        ON CONFLICT (instruction_id, outcome) DO NOTHING
        """,
        ids=[answer.end_to_end_id for answer in answers],
        outcomes=[answer.outcome for answer in answers],
        references=[answer.bank_reference for answer in answers],
        reasons=[answer.reason for answer in answers],
        now=now,
    )
    nudge("payouts.tasks.apply_replies")
    return recorded


@transaction.atomic
def apply_replies(*, limit: int, now: datetime, payouts: Collection[int] | None = None) -> int:
    """
    Apply recorded replies to their payouts, all or the named ones; return the number of replies applied.

    `meanings` says what each reply means. A reply that contradicts its payout moves nothing: the contradiction is
    stored with the reply and logged as an error.
    """
    due = _lock_due_replies(limit) if payouts is None else _lock_due_replies_of(payouts, limit)
    replies = [each for each in _read_facts(due) if each.turn == 1]
    by_meaning: dict[Meaning, list[_DueReply]] = defaultdict(list)
    for each in replies:
        by_meaning[determine_meaning(each)].append(each)
    lock_funds(payouts=[each.payout_id for each in replies])
    _settle_or_fail([each for meaning in STATUS_AFTER for each in by_meaning[meaning]], now)
    _return_payouts(by_meaning[Meaning.TAKES_BACK], now)
    # A payout that failed or was returned by this attempt may have been paid by an earlier one.
    settle_late_confirmations(payouts=[each.payout_id for each in replies if not _is_with_payee(each)], now=now)
    _repeat_payments(by_meaning[Meaning.REPEATS], now)
    return_demanded_payouts(payouts=[each.payout_id for each in by_meaning[Meaning.ENDS_DEMAND]], now=now)
    _mark_contradictions(by_meaning.pop(Meaning.CONTRADICTS, []), now)
    _mark_applied([each for group in by_meaning.values() for each in group], now)
    return len(replies)


def _lock_due_replies(limit: int) -> list[int]:
    return first_column(
        """
        SELECT id FROM payouts_reply WHERE applied_at IS NULL
        ORDER BY id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
        """,
        limit=limit,
    )


def _lock_due_replies_of(payouts: Collection[int], limit: int) -> list[int]:
    return first_column(
        """
        SELECT r.id FROM payouts_reply r JOIN payouts_instruction i ON i.id = r.instruction_id
        WHERE i.payout_id = ANY(%(payouts)s) AND r.applied_at IS NULL
        ORDER BY r.id LIMIT %(limit)s FOR NO KEY UPDATE OF r SKIP LOCKED
        """,
        payouts=list(payouts),
        limit=limit,
    )


def _read_facts(replies: Sequence[int]) -> Iterable[_DueReply]:
    # Demands first: who records a repayment or decides an appeal locks the demand, and then the payout and its fund.
    fetch_rows(
        """
        SELECT id FROM payouts_recovery WHERE ended_as = '' AND payout_id = ANY(ARRAY(
            SELECT i.payout_id FROM payouts_reply r JOIN payouts_instruction i ON i.id = r.instruction_id
            WHERE r.id = ANY(%(ids)s)
        )) ORDER BY id FOR NO KEY UPDATE
        """,
        ids=list(replies),
    )
    fetch_rows(
        """
        SELECT id FROM payouts_payout WHERE id = ANY(ARRAY(
            SELECT i.payout_id FROM payouts_reply r JOIN payouts_instruction i ON i.id = r.instruction_id
            WHERE r.id = ANY(%(ids)s)
        )) ORDER BY id FOR NO KEY UPDATE
        """,
        ids=list(replies),
    )
    return fetch_rows_as(_DueReply, _DUE_REPLIES, ids=list(replies), attempts=LOST_ATTEMPT_LIMIT)


_NEEDS_FACTS: LiteralString = "p.status NOT IN ('sent', 'in_doubt')"
_DUE_REPLIES: LiteralString = f"""
        SELECT said.id AS reply_id, p.id AS payout_id, said.outcome, said.reason, p.status,
            row_number() OVER (PARTITION BY p.id ORDER BY said.id) AS turn,
            {COMMON_FACTS.format(needs_facts=_NEEDS_FACTS)},
            CASE WHEN {_NEEDS_FACTS} THEN {IS_PAID_AS_LAST_WORD} ELSE false END AS is_paid_as_last_word,
            CASE WHEN said.outcome = 'unknown' THEN i.attempt < %(attempts)s AND NOT {IS_RIGHT_PAID}
                ELSE false END AS may_be_repeated
        FROM payouts_reply said
        JOIN payouts_instruction i ON i.id = said.instruction_id
        JOIN payouts_payout p ON p.id = i.payout_id
        WHERE said.id = ANY(%(ids)s)
        ORDER BY said.id
"""


def _settle_or_fail(replies: Sequence[_DueReply], now: datetime) -> None:
    groups: dict[tuple[str, Status, str], list[_DueReply]] = defaultdict(list)
    for each in replies:
        groups[each.status, STATUS_AFTER[determine_meaning(each)], each.reason].append(each)
    for (before, after, reason), group in groups.items():
        _move_payouts(group, Status(before), after, reason, now)


def _return_payouts(replies: Sequence[_DueReply], now: datetime) -> None:
    """Reserve the money again that the payee's bank sent back, until the payee enters another account."""
    unconfirmed: dict[str, list[_DueReply]] = defaultdict(list)
    returned: dict[str, list[_DueReply]] = defaultdict(list)
    for each in replies:
        returned[each.reason].append(each)
        if each.status in AT_THE_BANK:
            unconfirmed[each.status].append(each)
    # The bank paid the money before it came back, whether or not it told the platform.
    for before, group in unconfirmed.items():
        _move_payouts(group, Status(before), Status.PAID, "", now)
    for reason, group in returned.items():
        _move_payouts(group, Status.PAID, Status.RETURNED, reason, now)


def _repeat_payments(replies: Sequence[_DueReply], now: datetime) -> None:
    """Have payouts sent again whose instructions the bank never saw and, past its cut-off, will never execute."""
    _move_payouts(replies, Status.FAILED, Status.APPROVED, NEVER_SEEN, now)
    if replies:
        nudge("payouts.tasks.send_due")


def _move_payouts(replies: Sequence[_DueReply], before: Status, after: Status, because: str, now: datetime) -> None:
    move(
        payouts=[each.payout_id for each in replies],
        before=before,
        after=after,
        role=Role.SYSTEM,
        actor=None,
        because=because,
        now=now,
        replies={each.payout_id: each.reply_id for each in replies},
    )


def _is_with_payee(reply: ReplyFacts) -> bool:
    """Whether the payee has the money, or this reply says so for the first time."""
    return reply.outcome == Outcome.PAID and reply.status in (*AT_THE_BANK, *SETTLED)


def _mark_applied(replies: Sequence[_DueReply], now: datetime) -> None:
    execute_statement(
        "UPDATE payouts_reply SET applied_at = %(now)s WHERE id = ANY(%(ids)s::bigint[])",
        ids=[each.reply_id for each in replies],
        now=now,
    )


def _mark_contradictions(replies: Sequence[_DueReply], now: datetime) -> None:
    if not replies:
        return
    execute_statement(
        """
        UPDATE payouts_reply r
        SET applied_at = %(now)s, contradicted_status = c.status, contradicted_latest = c.is_latest
        FROM unnest(%(ids)s::bigint[], %(statuses)s::text[], %(latest)s::bool[]) AS c (id, status, is_latest)
        WHERE r.id = c.id
        """,
        ids=[each.reply_id for each in replies],
        statuses=[each.status for each in replies],
        latest=[each.is_latest for each in replies],
        now=now,
    )
    for each in replies:
        found = {"outcome": each.outcome, "status": each.status, "is_latest_attempt": each.is_latest}
        log.error("reply_contradicts_payout", reply=each.reply_id, **found)
