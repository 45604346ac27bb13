"""The click itself, as it is kept: who accepted, when, which commitment, and what it opens."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from companies.models import User
from payouts.states import Role
from qinqing.kernel.plans import fetched_by_size


def insert_payouts(
    *,
    entitlements: Sequence[int],
    accounts: Sequence[int | None],
    amounts_cny: Sequence[Decimal],
    commitment: str,
    actor: User | None,
    now: datetime,
) -> tuple[list[int], list[int]]:
    """
    Store the click of each company with the commitment it signed, and open the payouts of what it claims.

    The three sequences belong together, an entitlement to a place. Returns the ids of the claims and of the payouts.
    """
    opened = fetched_by_size(
        """
        WITH claim AS (
            INSERT INTO payouts_claim (company_id, claimed_at, claimed_by_id, commitment, commitment_hash)
            SELECT DISTINCT company_id, %(now)s::timestamptz, %(actor)s::bigint, %(commitment)s::text, %(hash)s::text
            FROM policies_entitlement WHERE id = ANY(%(entitlements)s) ORDER BY company_id
            RETURNING id, company_id
        ), claimed AS (
            UPDATE policies_entitlement SET status = 'claimed' WHERE id = ANY(%(entitlements)s)
        )
        INSERT INTO payouts_payout (
            claim_id, entitlement_id, policy_id, fund_id, company_id, employee_id, account_id, district, amount_cny,
            status, sequence, moved_at, moved_by_id, moved_as, moved_because, claimed_at, is_clicked
        )
        SELECT c.id, e.id, e.policy_id, f.id, e.company_id, e.employee_id, chosen.account_id, e.district,
            chosen.amount_cny,
            'requested', 0, %(now)s::timestamptz, %(actor)s::bigint, %(role)s, '', %(now)s::timestamptz,
            %(is_clicked)s::boolean
        FROM unnest(%(entitlements)s::bigint[], %(accounts)s::bigint[], %(amounts)s::numeric[])
            AS chosen (entitlement_id, account_id, amount_cny)
        JOIN policies_entitlement e ON e.id = chosen.entitlement_id
        JOIN payouts_fund f ON f.version_id = e.version_id
        JOIN claim c ON c.company_id = e.company_id
        ORDER BY e.id
        RETURNING claim_id, id
        """,
        entitlements=list(entitlements),
        accounts=list(accounts),
        amounts=list(amounts_cny),
        commitment=commitment,
        hash=hashlib.sha256(commitment.encode()).hexdigest() if commitment else "",
        now=now,
        actor=actor.pk if actor else None,
        role=(Role.OWNER if actor else Role.SYSTEM).value,
        is_clicked=actor is not None,
    )
    return sorted({claim for claim, _payout in opened}), [payout for _claim, payout in opened]
