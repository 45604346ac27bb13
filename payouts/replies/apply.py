"""What the bank said is recorded first, and acted on at our own pace."""

# ruff: noqa: S608 - what is put into these statements are conditions of our own.
from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import LiteralString, NamedTuple

import structlog
from django.db import transaction
from django.utils.translation import gettext_noop

from payouts.banks.gateway import Answer
from payouts.ledger.locks import hold_funds
from payouts.ledger.move import move
from payouts.models import Outcome, Reply
from payouts.models.banks.attempts import IS_DISPROVEN, IS_LATEST
from payouts.replies.late_confirmation import acknowledge, paid_already, take_back_demanded
from payouts.states import SETTLED, Role, Status
from qinqing.kernel.database.statements import executed, fetched, first_column
from qinqing.kernel.nudges import nudge

log = structlog.get_logger()

# A bank that loses so many instructions of one payout needs a person's look.
AUTOMATIC_ATTEMPTS = 3
NEVER_SEEN = gettext_noop("The bank never saw it; it is sent under a new number.")
AT_THE_BANK = (Status.SENT, Status.IN_DOUBT)
_PAID_OUT = (*SETTLED, Status.RETURNED)
# What came back was paid first, whether or not we heard of it.
CAME_BACK = (*AT_THE_BANK, Status.PAID)


class _Said(NamedTuple):
    reply: int
    outcome: str
    reason: str
    payout: int
    status: Status
    attempt: int
    is_latest_attempt: bool
    turn: int


def record(*, answers: Sequence[Answer], now: datetime) -> int:
    """Keep answers as replies, each outcome of an instruction once; returns how many are new."""
    if not answers:
        return 0
    recorded = executed(
        """
        INSERT INTO payouts_reply (instruction_id, outcome, bank_reference, reason, received_at, contradiction)
        SELECT i.id, said.outcome, said.reference, said.reason, %(now)s, ''
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
    Settle or fail payouts, all or the named ones, as their replies say; returns how many replies were applied.

    What was refused, or is to be paid again, is settled when the bank says that it paid it after all.

    A reply that contradicts what the payout became is kept with its contradiction, raises an alarm in the log,
    and moves nothing.
    """
    due = _due(limit) if payouts is None else _due_of(payouts, limit)
    # A second reply of the same payout waits for the next turn, when the first has had its effect.
    said = [each for each in _read(due) if each.turn == 1]
    settling = [each for each in said if each.is_latest_attempt and each.status in _decided_by(each)]
    hold_funds(payouts=[each.payout for each in said])
    _move(settling, now)
    _take_back(settling, now)
    paid_after_all = set(acknowledge(payouts=[each.payout for each in said if not _settles(each)], now=now))
    _repeat(settling, now)
    back = [each.payout for each in said if each.outcome == Outcome.RETURNED and each.status == Status.RECOVERING]
    put_right = {(payout, Outcome.PAID.value) for payout in paid_after_all}
    put_right |= {(payout, Outcome.RETURNED.value) for payout in take_back_demanded(payouts=back, now=now)}
    decided = {each.reply for each in settling}
    decided |= {each.reply for each in said if (each.payout, each.outcome) in put_right}
    contradictions = _contradictions([each for each in said if each.reply not in decided])
    _mark([each.reply for each in said if each.reply not in contradictions], now)
    _alarm(contradictions, now)
    return len(said)


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


def _read(replies: Sequence[int]) -> Iterable[_Said]:
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
    rows = fetched(_SAID, ids=list(replies))
    return [_Said._make(row)._replace(status=Status(row[4])) for row in rows]


_SAID: LiteralString = f"""
        SELECT r.id, r.outcome, r.reason, p.id, p.status, i.attempt, {IS_LATEST},
            row_number() OVER (PARTITION BY p.id ORDER BY r.id)
        FROM payouts_reply r
        JOIN payouts_instruction i ON i.id = r.instruction_id
        JOIN payouts_payout p ON p.id = i.payout_id
        WHERE r.id = ANY(%(ids)s)
        ORDER BY r.id
"""


def _move(settling: Sequence[_Said], now: datetime) -> None:
    groups: dict[tuple[Status, Status, str], list[int]] = defaultdict(list)
    for each in settling:
        is_paid = each.outcome in (Outcome.PAID, Outcome.RETURNED)
        if each.status in AT_THE_BANK:
            reason = "" if each.outcome == Outcome.RETURNED else each.reason
            groups[each.status, Status.PAID if is_paid else Status.FAILED, reason].append(each.payout)
    for (before, after, reason), payouts in groups.items():
        move(payouts=payouts, before=before, after=after, role=Role.SYSTEM, actor=None, because=reason, now=now)


def _take_back(settling: Sequence[_Said], now: datetime) -> None:
    """What the payee's bank sent back is reserved again until the account is mended."""
    returned: dict[str, list[int]] = defaultdict(list)
    for each in settling:
        if each.outcome == Outcome.RETURNED:
            returned[each.reason].append(each.payout)
    for reason, payouts in returned.items():
        before, after = Status.PAID, Status.RETURNED
        move(payouts=payouts, before=before, after=after, role=Role.SYSTEM, actor=None, because=reason, now=now)


def _decided_by(each: _Said) -> tuple[Status, ...]:
    return CAME_BACK if each.outcome == Outcome.RETURNED else AT_THE_BANK


def _settles(each: _Said) -> bool:
    """Whether the payout is with its payee, or comes there by this reply: nothing is to be put right."""
    return each.outcome == Outcome.PAID and each.status in (*AT_THE_BANK, *SETTLED)


def _repeat(settling: Sequence[_Said], now: datetime) -> None:
    """Send what the bank never saw and, past its cut-off, never will execute; a clerk decides after some attempts."""
    unknown = [e.payout for e in settling if e.outcome == Outcome.UNKNOWN and e.attempt < AUTOMATIC_ATTEMPTS]
    lost = sorted(set(unknown) - paid_already(payouts=unknown)) if unknown else []
    move(
        payouts=lost,
        before=Status.FAILED,
        after=Status.APPROVED,
        role=Role.SYSTEM,
        actor=None,
        because=NEVER_SEEN,
        now=now,
    )
    if lost:
        nudge("payouts.tasks.send_due")


def _contradictions(said: Sequence[_Said]) -> dict[int, str]:
    came_back = _attempts_that_were_paid([each.payout for each in said])
    return {each.reply: _contradiction(each) for each in said if _contradicts(each, came_back[each.payout])}


def _attempts_that_were_paid(payouts: Collection[int]) -> dict[int, dict[int, bool]]:
    """Of each payout the attempts that the bank says it paid, and whether the money came back."""
    found: dict[int, dict[int, bool]] = defaultdict(dict)
    if not payouts:
        return found
    rows = fetched(
        f"""
        SELECT i.payout_id, i.attempt, bool_or(r.outcome = 'returned')
        FROM payouts_instruction i JOIN payouts_reply r ON r.instruction_id = i.id
        WHERE i.payout_id = ANY(%(payouts)s) AND r.outcome IN ('paid', 'returned') AND NOT {IS_DISPROVEN}
        GROUP BY i.payout_id, i.attempt
        """,
        payouts=list(payouts),
    )
    for payout, attempt, came_back in rows:
        found[payout][attempt] = came_back
    return found


def _contradicts(each: _Said, came_back: Mapping[int, bool]) -> bool:
    """Whether the reply and what the payout became cannot both be true; `came_back` is of attempts that were paid."""
    if each.outcome == Outcome.RETURNED:
        return True
    is_paid_out = each.is_latest_attempt and each.status in _PAID_OUT
    if each.outcome == Outcome.PAID:
        is_paid_twice = not all(came_back[attempt] for attempt in came_back if attempt != each.attempt)
        return is_paid_twice or not is_paid_out
    return each.attempt in came_back and is_paid_out


def _contradiction(each: _Said) -> str:
    attempt = "its latest attempt" if each.is_latest_attempt else "an earlier attempt"
    return f"The bank says {each.outcome} of {attempt}, but the payout is {each.status}."


def _mark(replies: Sequence[int], now: datetime) -> None:
    executed(
        "UPDATE payouts_reply SET applied_at = %(now)s WHERE id = ANY(%(ids)s::bigint[])", ids=list(replies), now=now
    )


def _alarm(contradictions: dict[int, str], now: datetime) -> None:
    for reply, contradiction in contradictions.items():
        Reply.objects.filter(pk=reply).update(applied_at=now, contradiction=contradiction)
        log.error("reply_contradicts_payout", reply=reply, contradiction=contradiction)
