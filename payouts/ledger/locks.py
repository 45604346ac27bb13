"""Row locks on the seats, funds and entitlements that moves of payouts change, each kind in one fixed order."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import LiteralString

from payouts.models import Payout
from policies.matching.give_back import lock_versions_deciding
from qinqing.kernel.database.statements import fetch_rows, first_column

# NO KEY, so that a statement that only inserts a reference to a fund does not wait.
LOCK_FUNDS: LiteralString = """
        SELECT id FROM payouts_fund
        WHERE id IN (SELECT fund_id FROM payouts_payout WHERE id = ANY(%(ids)s::bigint[]))
        ORDER BY id FOR NO KEY UPDATE
"""


def lock_payout_seats(*, payouts: Collection[int]) -> None:
    """Lock the seats of these payouts in stacking groups until the transaction ends."""
    fetch_rows(
        """
        SELECT s.id FROM policies_stackingseat s
        WHERE s.id IN (SELECT seat_id FROM payouts_seating WHERE payout_id = ANY(%(ids)s::bigint[]))
        ORDER BY s.group_id, s.holder_key, s.period_key FOR NO KEY UPDATE
        """,
        ids=list(payouts),
    )


def lock_funds(*, payouts: Collection[int]) -> None:
    """
    Lock the funds of these payouts until the transaction ends.

    A transaction with several moves calls this first: each move locks the funds of its own payouts in order, but the
    funds of several moves would not be locked in one order, and could deadlock.
    """
    fetch_rows(LOCK_FUNDS, ids=list(payouts))


def lock_entitlements(payout_ids: Sequence[int]) -> list[int]:
    """Lock the entitlements of these payouts and return their ids; call it before locking payouts, as a claim does."""
    return first_column(
        """
        SELECT e.id FROM policies_entitlement e
        WHERE e.id IN (SELECT entitlement_id FROM payouts_payout WHERE id = ANY(%(ids)s))
        ORDER BY e.id FOR NO KEY UPDATE
        """,
        ids=list(payout_ids),
    )


def lock_to_give_back(payout_ids: Sequence[int], now: datetime) -> list[int]:
    """Lock the versions that decide the entitlements when they reopen, then the entitlements, as matching does."""
    rights = Payout.objects.filter(pk__in=payout_ids).values_list("entitlement", flat=True)
    lock_versions_deciding(entitlement_ids=list(rights), now=now)
    return lock_entitlements(payout_ids)
