"""Payments that could not be made go on by themselves when the account is mended."""

# ruff: noqa: S608 - what is put into this statement is a condition of our own.
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString

from django.db import transaction
from django.utils.translation import gettext_noop

from payouts.ledger.move import move
from payouts.ledger.waiting_accounts import ATTEMPTS_BY_ITSELF
from payouts.models.banks.attempts import IS_LAST
from payouts.replies.apply import AUTOMATIC_ATTEMPTS, NEVER_SEEN
from payouts.replies.late_confirmation import paid_already
from payouts.states import Role, Status
from qinqing.kernel.database.statements import executed, first_column
from qinqing.kernel.nudges import nudge

_MENDED = gettext_noop("The account was mended; it is sent under a new number.")


@transaction.atomic
def resume_mended(*, limit: int, now: datetime) -> int:
    """
    Approve payouts that the bank refused or sent back and whose payee has another account in use by now.

    Nobody has to look at them: they go to the new account under a new number. One that was tried there already waits
    for yet another account: an earlier attempt may have been paid after all and sent back. After `ATTEMPTS_BY_ITSELF`
    a clerk does, and where the money was asked back, or was paid although the payout had been cancelled.

    So are those that the bank never saw and that were not repeated at once, as their right was paid otherwise; that
    money came back, or two clerks found out that it never went. Returns how many.
    """
    resumed = sum(
        _resume(_find_mended(before, limit), before, _MENDED, now) for before in (Status.FAILED, Status.RETURNED)
    )
    resumed += _resume(first_column(_LOST, most=AUTOMATIC_ATTEMPTS, limit=limit), Status.FAILED, NEVER_SEEN, now)
    if resumed:
        nudge("payouts.tasks.send_due")
    return resumed


def _resume(stopped: Sequence[int], before: Status, because: str, now: datetime) -> int:
    payouts = sorted(set(stopped) - paid_already(payouts=stopped))
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
    """Have payouts go to the account that their payee uses now; returns how many that changes."""
    return executed(
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
    # The few payouts first: as one join PostgreSQL began with all the city's accounts, two seconds for 100,000 of them.
    # Three separate questions cannot be made a join of.
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
        AND (SELECT count(*) FROM payouts_instruction i WHERE i.payout_id = p.id) < %(most)s
        ORDER BY p.id LIMIT %(limit)s FOR NO KEY UPDATE OF p SKIP LOCKED
        """,
        status=status.value,
        most=ATTEMPTS_BY_ITSELF,
        limit=limit,
    )


# The bank's only word of the latest attempt is that it has not seen it, or that it paid, which was found to be wrong.
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
