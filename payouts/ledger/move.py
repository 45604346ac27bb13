"""The one operation that moves payouts: a set at a time, by compare-and-set, by the table of moves."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, LiteralString

from django.utils.translation import gettext as _

from companies.models import User
from payouts.models import Payout
from payouts.models.claims.payout import paid_at
from payouts.states import Role, Status
from qinqing.kernel.database.prepared_statements import Statement, fetch_rows_together
from qinqing.kernel.machines import reachable, sources
from qinqing.kernel.refusals import Refusal


class IllegalMove(Refusal):
    """The table of moves does not permit this move to this role."""


class MovedMeanwhile(Refusal):
    """Another transaction moved some of the payouts meanwhile; none of them moved now."""


def may_move(*, before: str, after: Status, role: Role) -> bool:
    """Whether the machine of a payout that stands in `before` lets somebody of this role move it to `after`."""
    return after in reachable(Payout, before, role)


def find_source_states(*, after: Status, role: Role) -> tuple[str, ...]:
    """Find the states from which the machine of a payout lets somebody of this role move it to `after`."""
    return sources(Payout, after, role)


def move(
    *,
    payouts: Collection[int],
    before: Status,
    after: Status,
    role: Role,
    actor: User | None,
    because: str,
    now: datetime,
    leased_until: datetime | None = None,
    replies: Mapping[int, int] | None = None,
) -> list[int]:
    """
    Move payouts from `before` to `after`, all or none; the database writes transitions, postings and balances.

    `replies` names the reply that causes the move of each payout, by their ids. The rows are locked in the order of
    their ids. Returns the ids of the payouts. The caller opens a transaction, which an error rolls back as a whole.

    Raises:
        IllegalMove: the table of moves does not permit this move to this role.
        MovedMeanwhile: at least one payout is no longer in `before`.
    """
    return move_through(
        payouts=payouts,
        states=(before, after),
        role=role,
        actor=actor,
        because=because,
        now=now,
        leased_until=leased_until,
        replies=replies,
    )


def move_through(
    *,
    payouts: Collection[int],
    states: Sequence[Status],
    role: Role,
    actor: User | None,
    because: str,
    now: datetime,
    leased_until: datetime | None = None,
    replies: Mapping[int, int] | None = None,
) -> list[int]:
    """Move payouts through several states with one round trip to the database; `move` documents each move."""
    moves = list(pairwise(states))
    for before, after in moves:
        _check_move(before, after, role)
    wanted = sorted(set(payouts))
    if not wanted:
        return []
    common = {
        "ids": wanted,
        "now": now,
        "actor": actor.pk if actor else None,
        "role": role.value,
        "because": because[:200],
        "leased_until": leased_until,
    }
    statement = _MOVE
    if replies:
        statement, common["replies"] = _MOVE_BY_REPLIES, [replies.get(payout) for payout in wanted]
    moved = fetch_rows_together(
        *(Statement(statement, common | _name_statuses(before, after, now)) for before, after in moves)
    )
    if any(len(each) < len(wanted) for each in moved):
        raise MovedMeanwhile(_("Somebody else moved a payout meanwhile; look again and repeat."))
    return [payout for (payout,) in moved[-1]]


def _check_move(before: Status, after: Status, role: Role) -> None:
    if before == after:
        raise IllegalMove(_("It is “%(status)s” already; nothing was changed.") % {"status": after.label})
    if not may_move(before=before, after=after, role=role):
        raise IllegalMove(
            _("A payout that is “%(before)s” cannot become “%(after)s” this way.")
            % {"before": before.label, "after": after.label}
        )


def _name_statuses(before: Status, after: Status, now: datetime) -> dict[str, Any]:
    now_paid = paid_at(before=before, after=after, now=now, so_far=now)
    return {"before": before.value, "after": after.value, "now_paid": now_paid}


_DUE: LiteralString = """
        WITH due AS (
            SELECT id FROM payouts_payout WHERE id = ANY(%(ids)s::bigint[]) AND status = %(before)s
            ORDER BY id FOR NO KEY UPDATE
        )
        UPDATE payouts_payout p SET
            status = %(after)s, sequence = p.sequence + 1, moved_at = %(now)s, moved_by_id = %(actor)s,
            moved_as = %(role)s, moved_because = %(because)s, leased_until = %(leased_until)s,
            paid_at = CASE WHEN %(now_paid)s::timestamptz IS NULL THEN NULL
                ELSE coalesce(p.paid_at, %(now_paid)s::timestamptz) END,
"""
_MOVE: LiteralString = (
    _DUE
    + """
            moved_reply_id = NULL
        FROM due WHERE p.id = due.id
        RETURNING p.id
"""
)
_MOVE_BY_REPLIES: LiteralString = (
    _DUE
    + """
            moved_reply_id = said.reply
        FROM due JOIN unnest(%(ids)s::bigint[], %(replies)s::bigint[]) AS said (payout, reply) ON said.payout = due.id
        WHERE p.id = due.id
        RETURNING p.id
"""
)
