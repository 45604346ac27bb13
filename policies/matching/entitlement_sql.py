"""The statements by which payouts changes entitlements: their text belongs here, beside who owns the table (ADR 42)."""

from __future__ import annotations

from typing import LiteralString

# Part of the statement that opens payouts; the trigger of entitlements refuses one that is not open.
CLAIM_ENTITLEMENTS: LiteralString = (
    "UPDATE policies_entitlement SET status = 'claimed' WHERE id = ANY(%(entitlements)s)"
)

# Gives each open entitlement of a version its portion of the pool, and withdraws one whose portion is too small.
# div() over whole fens is exact; a quotient with decimals would be rounded, and could yield a fen too much.
SET_PORTIONS: LiteralString = """
    WITH divided AS (
        SELECT id, least(
            div(base_cny * 100 * least(%(pool_cny)s, %(base_total_cny)s), %(base_total_cny)s) / 100,
            limit_cny, %(cap_cny)s::numeric
        )::numeric(14, 2) AS portion_cny
        FROM policies_entitlement WHERE version_id = %(version)s AND status = 'open'
    )
    UPDATE policies_entitlement e SET
        amount_cny = CASE WHEN s.portion_cny >= %(least_cny)s THEN s.portion_cny ELSE e.amount_cny END,
        status = CASE WHEN s.portion_cny >= %(least_cny)s THEN 'open' ELSE 'withdrawn' END
    FROM divided s WHERE s.id = e.id
"""
