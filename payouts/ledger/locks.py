"""What payouts that move change beside themselves, held before the first of them moves: seats by key, funds by id."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import LiteralString

from payouts.models import Payout
from policies.matching.give_back import hold_deciders_of
from qinqing.kernel.database.statements import fetched, first_column

# Without touching the keys, so that nobody who only refers to a fund has to wait.
HOLD_FUNDS: LiteralString = """
        SELECT id FROM payouts_fund
        WHERE id IN (SELECT fund_id FROM payouts_payout WHERE id = ANY(%(ids)s::bigint[]))
        ORDER BY id FOR NO KEY UPDATE
"""


def hold_seats(*, payouts: Collection[int]) -> None:
    """Hold the places of stacking groups that these payouts have, until the transaction ends."""
    fetched(
        """
        SELECT s.id FROM policies_stackingseat s
        WHERE s.id IN (SELECT seat_id FROM payouts_seating WHERE payout_id = ANY(%(ids)s::bigint[]))
        ORDER BY s.group_id, s.holder_key, s.period_key FOR NO KEY UPDATE
        """,
        ids=list(payouts),
    )


def hold_funds(*, payouts: Collection[int]) -> None:
    """
    Hold the funds of these payouts until the transaction ends.

    Each move holds the funds of its own payouts in order; those of several moves would be held in any order.
    """
    fetched(HOLD_FUNDS, ids=list(payouts))


def lock_entitlements(payout_ids: Sequence[int]) -> list[int]:
    """Lock in the order in which a claim does: entitlements, then payouts."""
    return first_column(
        """
        SELECT e.id FROM policies_entitlement e
        WHERE e.id IN (SELECT entitlement_id FROM payouts_payout WHERE id = ANY(%(ids)s))
        ORDER BY e.id FOR NO KEY UPDATE
        """,
        ids=list(payout_ids),
    )


def lock_to_give_back(payout_ids: Sequence[int], now: datetime) -> list[int]:
    """The same, after the versions by which what is given back will be decided: matching locks in this order."""
    rights = Payout.objects.filter(pk__in=payout_ids).values_list("entitlement", flat=True)
    hold_deciders_of(entitlement_ids=list(rights), now=now)
    return lock_entitlements(payout_ids)
