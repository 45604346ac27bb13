"""Late confirmations: the bank first said something else of an attempt, or nothing, and later that it paid it."""

# ruff: noqa: S608 - what is put into these statements are conditions of our own.
from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import LiteralString, NamedTuple

import structlog
from django.utils.translation import gettext_noop

from payouts.ledger.locks import lock_funds
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
from payouts.replies.meanings import BETWEEN_ATTEMPTS
from payouts.states import Role, Status
from qinqing.kernel.database.statements import execute_statement, fetch_rows_as, first_column

log = structlog.get_logger()

PAID_BY_REPLY = gettext_noop("The bank paid it after all, as it says now.")
PAID_BY_FINDING = gettext_noop("The bank paid it after all, as two clerks found out.")


class _ConfirmedPayout(NamedTuple):
    payout: int
    status: str
    # The reply that says so of the latest attempt that was paid.
    reply: int


class _EndedDemand(NamedTuple):
    payout: int
    # The reply that says that the money came back.
    reply: int


def settle_late_confirmations(*, payouts: Collection[int], now: datetime, because: str = PAID_BY_REPLY) -> list[int]:
    """
    Settle those of the payouts that the bank says it paid, although they wait or were stopped; return their ids.

    The bank must have said so later than anything else of that attempt: if it says two things at the same time, a
    clerk has to ask it. A settled payout gets the account to which the bank paid it, even if it was to go to another.

    A payout in a sealed batch stays there: nobody can release that batch, and a checker rejects it. The caller opens a
    transaction, and locks the funds of these payouts first if it moves other payouts, too.
    """
    if not payouts:
        return []
    groups: dict[Status, dict[int, int]] = defaultdict(dict)
    for each in fetch_rows_as(
        _ConfirmedPayout, _LATE_CONFIRMED, ids=list(payouts), stopped=[each.value for each in BETWEEN_ATTEMPTS]
    ):
        groups[Status(each.status)][each.payout] = each.reply
    settled = [payout for group in groups.values() for payout in group]
    lock_funds(payouts=settled)
    if settled:
        execute_statement(_USE_THE_ACCOUNTS_PAID, ids=settled)
    for before, group in groups.items():
        move(
            payouts=group,
            before=before,
            after=Status.PAID,
            role=Role.SYSTEM,
            actor=None,
            because=because,
            now=now,
            replies=group,
        )
    if settled:
        log.warning("paid_after_all", payouts=settled)
    return settled


def settle_cancelled_payouts(*, payouts: Collection[int], now: datetime) -> list[int]:
    """
    Book those cancelled payouts as paid of which two clerks found out that the bank had paid them; return their ids.

    The cancellation gave the money back to the fund, so it is taken out of the available money. A new claim for the
    same entitlement stays beside the payout. The caller opens a transaction.

    Raises:
        IntegrityError: `fund_available_is_not_negative`, because the fund has less money available.
    """
    proven = first_column(_PROVEN_THOUGH_CANCELLED, ids=list(payouts))
    if not proven:
        return []
    execute_statement(_USE_THE_ACCOUNTS_PAID, ids=proven)
    execute_statement("UPDATE payouts_payout SET was_paid_cancelled = true WHERE id = ANY(%(ids)s)", ids=proven)
    move(
        payouts=proven,
        before=Status.CANCELLED,
        after=Status.PAID,
        role=Role.SYSTEM,
        actor=None,
        because=PAID_BY_FINDING,
        now=now,
    )
    log.warning("paid_though_cancelled", payouts=proven)
    return proven


def return_demanded_payouts(*, payouts: Collection[int], now: datetime) -> list[int]:
    """
    End the demands for those of the payouts whose money the bank sent back, and mark these payouts as returned.

    If the firm has repaid a part, a clerk pays that back to it first. The caller prepares as for
    `settle_late_confirmations`. Returns the ids of the payouts.
    """
    if not payouts:
        return []
    ended = {each.payout: each.reply for each in fetch_rows_as(_EndedDemand, _END_DEMANDS, ids=list(payouts), now=now)}
    return move(
        payouts=ended,
        before=Status.RECOVERING,
        after=Status.RETURNED,
        role=Role.SYSTEM,
        actor=None,
        because=gettext_noop("The bank sent back what was asked back; nothing is owed any more."),
        now=now,
        replies=ended,
    )


def find_paid_payouts(*, payouts: Collection[int]) -> set[int]:
    """Find those of the payouts whose entitlement the bank has paid, by this payout or by a cancelled one."""
    return set(first_column(_PAID_ALREADY, ids=list(payouts)))


_LATE_CONFIRMED: LiteralString = f"""
        SELECT p.id AS payout, p.status, (
            SELECT k.reply_id FROM payouts_instruction i JOIN payouts_kept_payment k ON k.instruction_id = i.id
            WHERE i.payout_id = p.id ORDER BY i.attempt DESC, k.reply_id DESC LIMIT 1
        ) AS reply
        FROM payouts_payout p
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
        RETURNING p.id AS payout, (
            SELECT max(back.id) FROM payouts_instruction i
            JOIN payouts_reply back ON back.instruction_id = i.id AND back.outcome = 'returned'
            WHERE i.payout_id = p.id
        ) AS reply
"""
_PAID_ALREADY: LiteralString = f"""
        SELECT p.id FROM payouts_payout p
        WHERE p.id = ANY(%(ids)s)
            AND (p.entitlement_id IN ({PAID_THOUGH_CANCELLED}) OR {PAID_AND_KEPT.format(payout="p.id")})
"""
