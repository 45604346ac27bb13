"""Payouts reserve their money, or wait on the waiting list for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString, NamedTuple

from django.db import transaction
from django.utils.translation import gettext_noop

from payouts.ledger.locks import LOCK_FUNDS
from payouts.ledger.move import move_through
from payouts.publicity.publicise import publicise
from payouts.states import Role, Status
from qinqing.kernel.database.prepared_statements import Statement, fetch_rows_together
from qinqing.kernel.database.statements import first_column
from qinqing.kernel.nudges import nudge


def reserve(*, payouts: Sequence[int], now: datetime) -> list[int]:
    """
    Reserve the money of requested payouts, first come first served by their ids; return those that wait.

    The first payout that does not fit waits, and so do all later ones while any waits. The caller opens the
    transaction; the funds stay locked, in the order of their ids, until it ends.
    """
    allocations = _allocate(payouts)
    waiting = [each.payout for each in allocations if not each.fits]
    fitting = [each for each in allocations if each.fits]
    public = [each.payout for each in fitting if each.is_public]
    _approve([each.payout for each in fitting], now, public=public)
    _move(waiting, now, Status.REQUESTED, Status.WAITLISTED, because=gettext_noop("The fund is used up."))
    return waiting


@transaction.atomic
def serve_waitlist(*, limit: int, now: datetime) -> int:
    """Approve waiting payouts for which there is money again, in their order; return their number."""
    funds = first_column(
        """
        SELECT f.id FROM payouts_fund f
        WHERE f.available_cny >= (
            SELECT w.amount_cny FROM payouts_payout w
            WHERE w.fund_id = f.id AND w.status = 'waitlisted' ORDER BY w.id LIMIT 1
        )
        ORDER BY f.id FOR NO KEY UPDATE OF f
        """
    )
    served = first_column(
        """
        SELECT w.id FROM (
            SELECT w.id, w.fund_id, sum(w.amount_cny) OVER (PARTITION BY w.fund_id ORDER BY w.id) AS running_cny
            FROM payouts_payout w WHERE w.fund_id = ANY(%(funds)s) AND w.status = 'waitlisted'
        ) w JOIN payouts_fund f ON f.id = w.fund_id
        WHERE w.running_cny <= f.available_cny ORDER BY w.id LIMIT %(limit)s
        """,
        funds=funds,
        limit=limit,
    )
    # Skip a payout that is being cancelled: waiting for its lock could deadlock, since the cancellation may wait for
    # our funds.
    served = first_column(
        """
        SELECT id FROM payouts_payout WHERE id = ANY(%(ids)s) AND status = 'waitlisted'
        ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
        """,
        ids=served,
    )
    _move(served, now, Status.WAITLISTED, Status.REQUESTED, because=gettext_noop("There is money again."))
    _approve(served, now, public=served)
    if served:
        nudge("payouts.tasks.send_due")
    return len(served)


class _Allocation(NamedTuple):
    payout: int
    # The fund has money for this payout and all before it.
    fits: bool
    # The policy publicises payouts before it pays them.
    is_public: bool


def _allocate(payouts: Sequence[int]) -> list[_Allocation]:
    """Lock the funds of payouts, and allocate their money in the order of the payouts' ids."""
    asked = {"ids": list(payouts)}
    allocations: list[_Allocation] = fetch_rows_together(
        Statement(LOCK_FUNDS, asked), Statement(_ALLOCATE, asked, _Allocation)
    )[1]
    return allocations


_ALLOCATE: LiteralString = """
        SELECT asked.id AS payout, asked.running_cny <= f.available_cny AND NOT EXISTS (
            SELECT FROM payouts_payout w WHERE w.fund_id = f.id AND w.status = 'waitlisted'
        ) AS fits, v.track = 'publicised' AS is_public
        FROM (
            SELECT id, fund_id, sum(amount_cny) OVER (PARTITION BY fund_id ORDER BY id) AS running_cny
            FROM payouts_payout WHERE id = ANY(%(ids)s)
        ) asked
        JOIN payouts_fund f ON f.id = asked.fund_id JOIN policies_policyversion v ON v.id = f.version_id
"""


def _approve(payouts: Sequence[int], now: datetime, *, public: Sequence[int]) -> None:
    # Nobody approves a single claim: officers approved the policy and its money. Some policies publicise payouts first.
    _move(sorted(set(payouts) - set(public)), now, Status.REQUESTED, Status.RESERVED, Status.APPROVED)
    if public:
        _move(public, now, Status.REQUESTED, Status.RESERVED)
        unseen = set(public) - set(publicise(payouts=public, now=now))
        _move(sorted(unseen), now, Status.RESERVED, Status.APPROVED)


def _move(payouts: Sequence[int], now: datetime, *states: Status, because: str = "") -> None:
    move_through(payouts=payouts, states=states, role=Role.SYSTEM, actor=None, because=because, now=now)
