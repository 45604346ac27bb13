"""Payouts that could not be paid go on by themselves when the payee has another account."""

# ruff: noqa: S608 - what is put into this statement is a condition of our own.
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString

from django.db import transaction
from django.utils.translation import gettext_noop

from payouts.ledger.move import move
from payouts.ledger.waiting_accounts import AUTOMATIC_ATTEMPT_LIMIT
from payouts.models.banks.attempts import IS_LAST
from payouts.replies.apply import LOST_ATTEMPT_LIMIT, NEVER_SEEN
from payouts.replies.late_confirmation import find_paid_payouts
from payouts.states import Role, Status
from qinqing.kernel.database.statements import execute_statement, first_column
from qinqing.kernel.nudges import nudge

_MENDED = gettext_noop("The account was mended; it is sent under a new number.")


@transaction.atomic
def resume_mended(*, limit: int, now: datetime) -> int:
    """
    Approve payouts that the bank refused or returned and whose payee now uses another account; return their number.

    They go to the new account under a new number. A payout that was tried on this account already waits for yet another
    one, because an earlier attempt may have been paid and returned. A clerk decides after `AUTOMATIC_ATTEMPT_LIMIT`
    attempts, if the money was demanded back, if the bank paid the payout after its cancellation, or if an attempt is
    outstanding.

    Also approves payouts that the bank never saw and that were not repeated at once, because the bank had paid their
    entitlement otherwise; that money came back, or two clerks found that it was never paid.
    """
    resumed = sum(
        _resume(_find_mended(before, limit), before, _MENDED, now) for before in (Status.FAILED, Status.RETURNED)
    )
    resumed += _resume(first_column(_LOST, most=LOST_ATTEMPT_LIMIT, limit=limit), Status.FAILED, NEVER_SEEN, now)
    if resumed:
        nudge("payouts.tasks.send_due")
    return resumed


def _resume(stopped: Sequence[int], before: Status, because: str, now: datetime) -> int:
    payouts = sorted(set(stopped) - find_paid_payouts(payouts=stopped))
    use_accounts(payouts=payouts)
    moved = move(
        payouts=payouts,
        before=before,
        after=Status.APPROVED,
        role=Role.SYSTEM,
        actor=None,
        because=because,
        now=now,
    )
    return len(moved)


def use_accounts(*, payouts: Sequence[int]) -> int:
    """Direct payouts to the account that their payee uses now; return the number of changed payouts."""
    return execute_statement(
        """
        UPDATE payouts_payout p SET account_id = in_use.id
        FROM companies_payeeaccount used, companies_payeeaccount in_use
        WHERE p.id = ANY(%(ids)s) AND used.id = p.account_id AND NOT used.is_active
            AND in_use.is_active AND in_use.id <> used.id
            AND (in_use.company_id = used.company_id OR in_use.employee_id = used.employee_id
                OR in_use.third_party_id = used.third_party_id)
        """,
        ids=list(payouts),
    )


def _find_mended(status: Status, limit: int) -> list[int]:
    # The three EXISTS keep PostgreSQL from joining, so it begins with the few payouts; a join began with all the city's
    # accounts and took two seconds for 100,000 of them.
    return first_column(
        """
        SELECT p.id FROM payouts_payout p
        JOIN companies_payeeaccount used ON used.id = p.account_id AND NOT used.is_active
        WHERE p.status = %(status)s AND NOT p.was_paid_cancelled AND (
            EXISTS (SELECT FROM companies_payeeaccount n WHERE n.is_active AND n.company_id = used.company_id)
            OR EXISTS (SELECT FROM companies_payeeaccount n WHERE n.is_active AND n.employee_id = used.employee_id)
            OR EXISTS (
                SELECT FROM companies_payeeaccount n WHERE n.is_active AND n.third_party_id = used.third_party_id
            )
        )
        AND NOT EXISTS (
            SELECT FROM payouts_instruction i JOIN companies_payeeaccount tried ON tried.id = i.account_id
            WHERE i.payout_id = p.id AND tried.is_active
        )
        AND NOT EXISTS (SELECT FROM payouts_recovery r WHERE r.payout_id = p.id AND r.ended_as = 'came_back')
        AND NOT EXISTS (SELECT FROM payouts_outstanding_attempt o WHERE o.payout_id = p.id OFFSET 0)
        AND (SELECT count(*) FROM payouts_instruction i WHERE i.payout_id = p.id) < %(most)s
        ORDER BY p.id LIMIT %(limit)s FOR NO KEY UPDATE OF p SKIP LOCKED
        """,
        status=status.value,
        most=AUTOMATIC_ATTEMPT_LIMIT,
        limit=limit,
    )


# Payouts whose latest attempt the bank has not seen, or has reported as paid, which two clerks found to be wrong.
_LOST: LiteralString = f"""
        SELECT p.id FROM payouts_payout p
        WHERE p.status = 'failed' AND EXISTS (
            SELECT FROM payouts_instruction i
            JOIN payouts_reply r ON r.instruction_id = i.id AND r.outcome = 'unknown' AND r.applied_at IS NOT NULL
            WHERE i.payout_id = p.id AND i.attempt < %(most)s
            AND {IS_LAST}
            AND NOT EXISTS (
                SELECT FROM payouts_reply o WHERE o.instruction_id = i.id AND o.outcome IN ('refused', 'returned')
            )
            OFFSET 0
        )
        ORDER BY p.id LIMIT %(limit)s FOR NO KEY UPDATE OF p SKIP LOCKED
"""
