"""What the bank paid after all: it said something else of an attempt first, or nothing, and then that it was paid."""

# ruff: noqa: S608 - what is put into these statements are conditions of our own.
from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import LiteralString, NamedTuple

import structlog
from django.utils.translation import gettext_noop

from payouts.ledger.locks import hold_funds
from payouts.ledger.move import move
from payouts.models.banks.attempts import (
    IS_BACK,
    IS_IN_A_SEALED_BATCH,
    KEPT,
    PAID_AND_KEPT,
    PAID_IS_THE_LAST_WORD,
    PAID_THOUGH_CANCELLED,
    PROVEN_AND_KEPT,
)
from payouts.replies.meanings import STOPPED
from payouts.states import Role, Status
from qinqing.kernel.database.statements import executed, fetched_as, first_column

log = structlog.get_logger()

BY_ITS_WORD = gettext_noop("The bank paid it after all, as it says now.")
AS_FOUND_OUT = gettext_noop("The bank paid it after all, as two clerks found out.")


class _Stopped(NamedTuple):
    payout: int
    status: str


def settle_paid_after_all(*, payouts: Collection[int], now: datetime, because: str = BY_ITS_WORD) -> list[int]:
    """
    Settle those of the payouts that wait or were stopped, though the bank says that it paid them; returns their ids.

    It must have said so later than anything else of that attempt: who says both in one breath is not believed, until
    somebody has asked. Each has the account to which it was paid, whatever account it was to go to since.

    One that stands in a sealed batch stays there: the batch cannot be released, and is rejected. To be called inside a
    transaction, with the funds of these payouts held where others are moved as well.
    """
    if not payouts:
        return []
    groups: dict[Status, list[int]] = defaultdict(list)
    for each in fetched_as(_Stopped, _PAID_AFTER_ALL, ids=list(payouts), stopped=[each.value for each in STOPPED]):
        groups[Status(each.status)].append(each.payout)
    settled = [payout for group in groups.values() for payout in group]
    hold_funds(payouts=settled)
    if settled:
        executed(_USE_THE_ACCOUNTS_PAID, ids=settled)
    for before, group in groups.items():
        move(
            payouts=group,
            before=before,
            after=Status.PAID,
            role=Role.SYSTEM,
            actor=None,
            because=because,
            now=now,
        )
    if settled:
        log.warning("paid_after_all", payouts=settled)
    return settled


def settle_paid_though_cancelled(*, payouts: Collection[int], now: datetime) -> list[int]:
    """
    Book those of the payouts as paid that were cancelled, though the bank had paid them, as two clerks found out.

    The money had been given back to the fund, so it is taken out of what is available. What was claimed anew since
    stands beside it. Returns their ids; to be called inside a transaction.

    Raises:
        IntegrityError: `fund_available_is_not_negative`, the fund has not so much left.
    """
    proven = first_column(_PROVEN_THOUGH_CANCELLED, ids=list(payouts))
    if not proven:
        return []
    executed(_USE_THE_ACCOUNTS_PAID, ids=proven)
    executed("UPDATE payouts_payout SET was_paid_cancelled = true WHERE id = ANY(%(ids)s)", ids=proven)
    move(
        payouts=proven,
        before=Status.CANCELLED,
        after=Status.PAID,
        role=Role.SYSTEM,
        actor=None,
        because=AS_FOUND_OUT,
        now=now,
    )
    log.warning("paid_though_cancelled", payouts=proven)
    return proven


def take_back_demanded(*, payouts: Collection[int], now: datetime) -> list[int]:
    """
    End the demands for those of the payouts that the bank sent back, and take them back; returns their ids.

    A firm that has repaid a part is paid back first. To be called as `settle_paid_after_all` is.
    """
    if not payouts:
        return []
    ended = first_column(_END_DEMANDS, ids=list(payouts), now=now)
    return move(
        payouts=ended,
        before=Status.RECOVERING,
        after=Status.RETURNED,
        role=Role.SYSTEM,
        actor=None,
        because=gettext_noop("The bank sent back what was asked back; nothing is owed any more."),
        now=now,
    )


def paid_already(*, payouts: Collection[int]) -> set[int]:
    """Those of the payouts whose entitlement the bank has paid, by this payout or by a cancelled one."""
    return set(first_column(_PAID_ALREADY, ids=list(payouts)))


_PAID_AFTER_ALL: LiteralString = f"""
        SELECT p.id AS payout, p.status FROM payouts_payout p
        WHERE p.id = ANY(%(ids)s) AND p.status = ANY(%(stopped)s) AND {PAID_IS_THE_LAST_WORD.format(payout="p.id")}
            AND NOT {IS_IN_A_SEALED_BATCH.format(payout="p.id")}
        ORDER BY p.id FOR NO KEY UPDATE OF p
"""
_PROVEN_THOUGH_CANCELLED: LiteralString = f"""
        SELECT p.id FROM payouts_payout p
        WHERE p.id = ANY(%(ids)s) AND p.status = 'cancelled' AND {PROVEN_AND_KEPT.format(payout="p.id")}
        ORDER BY p.id FOR NO KEY UPDATE OF p
"""
_USE_THE_ACCOUNTS_PAID: LiteralString = f"""
        UPDATE payouts_payout p SET account_id = paid.account_id
        FROM (
            SELECT DISTINCT ON (i.payout_id) i.payout_id, i.account_id
            FROM payouts_instruction i JOIN payouts_reply r ON r.instruction_id = i.id AND r.outcome = 'paid'
            WHERE i.payout_id = ANY(%(ids)s) AND {KEPT}
            ORDER BY i.payout_id, i.attempt DESC
        ) paid
        WHERE p.id = paid.payout_id AND p.account_id <> paid.account_id
"""
_END_DEMANDS: LiteralString = f"""
        UPDATE payouts_recovery r SET ended_as = 'came_back', ended_at = %(now)s
        FROM payouts_payout p
        WHERE p.id = r.payout_id AND p.id = ANY(%(ids)s) AND p.status = 'recovering' AND r.ended_as = ''
            AND {IS_BACK.format(payout="p.id")}
            AND (SELECT coalesce(sum(s.principal_cny + s.fine_cny), 0) FROM payouts_repayment s
                WHERE s.recovery_id = r.id) = 0
        RETURNING p.id
"""
_PAID_ALREADY: LiteralString = f"""
        SELECT p.id FROM payouts_payout p
        WHERE p.id = ANY(%(ids)s)
            AND (p.entitlement_id IN ({PAID_THOUGH_CANCELLED}) OR {PAID_AND_KEPT.format(payout="p.id")})
"""
