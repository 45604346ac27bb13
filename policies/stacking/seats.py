"""The seats of stacking groups, locked while a claim decides about them."""

# ruff: noqa: S608 - what is put into these statements are texts of our own.
from __future__ import annotations

from collections.abc import Sequence

from policies.stacking.seat_keys import SEAT_KEYS
from qinqing.kernel.database.statements import execute_statement


def lock_seats(*, entitlement_ids: Sequence[int]) -> None:
    """
    Lock the seats that these entitlements would take until the transaction ends; a missing seat is made, empty.

    Everybody locks in the same order, so that no two wait for each other. What the transaction reads about the seats
    afterwards stays true: nobody else's payout takes one of them meanwhile.
    """
    execute_statement(
        f"""
        INSERT INTO policies_stackingseat (group_id, holder_key, period_key, is_exclusive, policies, total_cny)
        SELECT DISTINCT h.group_id, h.holder_key, h.period_key, false, '{{}}'::bigint[], 0
        FROM {SEAT_KEYS} h WHERE h.entitlement_id = ANY(%(ids)s)
        ORDER BY 1, 2, 3
        ON CONFLICT DO NOTHING
        """,
        ids=list(entitlement_ids),
    )
    execute_statement(
        f"""
        WITH wanted AS MATERIALIZED (
            SELECT DISTINCT h.group_id, h.holder_key, h.period_key
            FROM {SEAT_KEYS} h WHERE h.entitlement_id = ANY(%(ids)s)
        )
        SELECT FROM policies_stackingseat s
        JOIN wanted w ON (s.group_id, s.holder_key, s.period_key) = (w.group_id, w.holder_key, w.period_key)
        ORDER BY s.group_id, s.holder_key, s.period_key FOR NO KEY UPDATE OF s
        """,
        ids=list(entitlement_ids),
    )
