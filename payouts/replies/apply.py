"""The platform records what the bank said first, and acts on it at its own pace."""

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
from payouts.ledger.locks import hold_funds
from payouts.ledger.move import move
from payouts.models import Outcome
from payouts.replies.facts import COMMON_FACTS, IS_RIGHT_PAID, PAYS_AS_LAST_WORD
from payouts.replies.late_confirmation import settle_paid_after_all, take_back_demanded
from payouts.replies.meanings import AT_THE_BANK, Facts, Meaning, meaning_of
from payouts.states import SETTLED, Role, Status
from qinqing.kernel.database.statements import executed, fetched, fetched_as, first_column
from qinqing.kernel.nudges import nudge

log = structlog.get_logger()

# A bank that loses so many instructions of one payout needs a person's look.
AUTOMATIC_ATTEMPTS = 3
NEVER_SEEN = gettext_noop("The bank never saw it; it is sent under a new number.")
AFTER = {Meaning.SETTLES: Status.PAID, Meaning.FAILS: Status.FAILED, Meaning.REPEATS: Status.FAILED}


@dataclass(frozen=True, slots=True, kw_only=True)
class _DueReply(Facts):
    reply_id: int
    payout_id: int
    reason: str
    # A second reply of the same payout waits for the next turn, when the first has had its effect.
    turn: int


def record(*, answers: Sequence[Answer], now: datetime) -> int:
    """Keep answers as replies, each outcome of an instruction once; returns how many are new."""
    if not answers:
        return 0
    recorded = executed(
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
    Do what the replies mean for their payouts, all or the named ones; returns how many replies were applied.

    `meanings` says what each means. A reply that contradicts what the payout became is kept with its contradiction,
    raises an alarm in the log, and moves nothing.
    """
    due = _due(limit) if payouts is None else _due_of(payouts, limit)
    replies = [each for each in _read(due) if each.turn == 1]
    of_meaning: dict[Meaning, list[_DueReply]] = defaultdict(list)
    for each in replies:
        of_meaning[meaning_of(each)].append(each)
    hold_funds(payouts=[each.payout_id for each in replies])
    _settle_or_fail([each for meaning in AFTER for each in of_meaning[meaning]], now)
    _take_back(of_meaning[Meaning.TAKES_BACK], now)
    # What fails or comes back by its reply may be paid by an attempt before.
    settle_paid_after_all(payouts=[each.payout_id for each in replies if not _is_with_its_payee(each)], now=now)
    _repeat(of_meaning[Meaning.REPEATS], now)
    take_back_demanded(payouts=[each.payout_id for each in of_meaning[Meaning.ENDS_DEMAND]], now=now)
    _mark_contradictions(of_meaning.pop(Meaning.CONTRADICTS, []), now)
    _mark([each for group in of_meaning.values() for each in group], now)
    return len(replies)


def _due(limit: int) -> list[int]:
    return first_column(
        """
        SELECT id FROM payouts_reply WHERE applied_at IS NULL
        ORDER BY id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
        """,
        limit=limit,
    )


def _due_of(payouts: Collection[int], limit: int) -> list[int]:
    return first_column(
        """
        SELECT r.id FROM payouts_reply r JOIN payouts_instruction i ON i.id = r.instruction_id
        WHERE i.payout_id = ANY(%(payouts)s) AND r.applied_at IS NULL
        ORDER BY r.id LIMIT %(limit)s FOR NO KEY UPDATE OF r SKIP LOCKED
        """,
        payouts=list(payouts),
        limit=limit,
    )


def _read(replies: Sequence[int]) -> Iterable[_DueReply]:
    # Who takes down a repayment or decides an appeal holds the demand first, and then wants the payout and its fund.
    fetched(
        """
        SELECT id FROM payouts_recovery WHERE ended_as = '' AND payout_id = ANY(ARRAY(
            SELECT i.payout_id FROM payouts_reply r JOIN payouts_instruction i ON i.id = r.instruction_id
            WHERE r.id = ANY(%(ids)s)
        )) ORDER BY id FOR NO KEY UPDATE
        """,
        ids=list(replies),
    )
    fetched(
        """
        SELECT id FROM payouts_payout WHERE id = ANY(ARRAY(
            SELECT i.payout_id FROM payouts_reply r JOIN payouts_instruction i ON i.id = r.instruction_id
            WHERE r.id = ANY(%(ids)s)
        )) ORDER BY id FOR NO KEY UPDATE
        """,
        ids=list(replies),
    )
    return fetched_as(_DueReply, _DUE_REPLIES, ids=list(replies), attempts=AUTOMATIC_ATTEMPTS)


_IS_ASKED: LiteralString = "p.status NOT IN ('sent', 'in_doubt')"
_DUE_REPLIES: LiteralString = f"""
        SELECT said.id AS reply_id, p.id AS payout_id, said.outcome, said.reason, p.status,
            row_number() OVER (PARTITION BY p.id ORDER BY said.id) AS turn,
            {COMMON_FACTS.format(is_asked=_IS_ASKED)},
            CASE WHEN {_IS_ASKED} THEN {PAYS_AS_LAST_WORD} ELSE false END AS is_paid_as_last_word,
            CASE WHEN said.outcome = 'unknown' THEN i.attempt < %(attempts)s AND NOT {IS_RIGHT_PAID}
                ELSE false END AS may_be_repeated
        FROM payouts_reply said
        JOIN payouts_instruction i ON i.id = said.instruction_id
        JOIN payouts_payout p ON p.id = i.payout_id
        WHERE said.id = ANY(%(ids)s)
        ORDER BY said.id
"""


def _settle_or_fail(replies: Sequence[_DueReply], now: datetime) -> None:
    groups: dict[tuple[str, Status, str], list[int]] = defaultdict(list)
    for each in replies:
        groups[each.status, AFTER[meaning_of(each)], each.reason].append(each.payout_id)
    for (before, after, reason), payouts in groups.items():
        _move(payouts, Status(before), after, reason, now)


def _take_back(replies: Sequence[_DueReply], now: datetime) -> None:
    """Reserve again what the payee's bank sent back, until the account is mended."""
    unheard: dict[str, list[int]] = defaultdict(list)
    returned: dict[str, list[int]] = defaultdict(list)
    for each in replies:
        returned[each.reason].append(each.payout_id)
        if each.status in AT_THE_BANK:
            unheard[each.status].append(each.payout_id)
    # What came back was paid first, whether or not we heard of it.
    for before, payouts in unheard.items():
        _move(payouts, Status(before), Status.PAID, "", now)
    for reason, payouts in returned.items():
        _move(payouts, Status.PAID, Status.RETURNED, reason, now)


def _repeat(replies: Sequence[_DueReply], now: datetime) -> None:
    """Send what the bank never saw and, past its cut-off, never will execute; a clerk decides after some attempts."""
    _move([each.payout_id for each in replies], Status.FAILED, Status.APPROVED, NEVER_SEEN, now)
    if replies:
        nudge("payouts.tasks.send_due")


def _move(payouts: Sequence[int], before: Status, after: Status, because: str, now: datetime) -> None:
    move(payouts=payouts, before=before, after=after, role=Role.SYSTEM, actor=None, because=because, now=now)


def _is_with_its_payee(reply: Facts) -> bool:
    """Whether the money is with the payee, or comes there by this reply."""
    return reply.outcome == Outcome.PAID and reply.status in (*AT_THE_BANK, *SETTLED)


def _mark(replies: Sequence[_DueReply], now: datetime) -> None:
    executed(
        "UPDATE payouts_reply SET applied_at = %(now)s WHERE id = ANY(%(ids)s::bigint[])",
        ids=[each.reply_id for each in replies],
        now=now,
    )


def _mark_contradictions(replies: Sequence[_DueReply], now: datetime) -> None:
    if not replies:
        return
    executed(
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
