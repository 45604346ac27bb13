"""The click itself, as it is kept: who accepted, when, and which commitment."""

from __future__ import annotations

import hashlib
from datetime import datetime

from companies.models import User
from qinqing.kernel.statements import first_column


def insert_claims(companies: set[int], commitment: str, actor: User | None, now: datetime) -> list[int]:
    """Store the click of each company with the commitment it signed; returns the ids of the claims."""
    return first_column(
        """
        INSERT INTO payouts_claim (company_id, claimed_at, claimed_by_id, commitment, commitment_hash)
        SELECT company, %(now)s, %(actor)s, %(commitment)s, %(hash)s
        FROM unnest(%(companies)s::bigint[]) AS company ORDER BY company
        RETURNING id
        """,
        companies=sorted(companies),
        now=now,
        actor=actor.pk if actor else None,
        commitment=commitment,
        hash=hashlib.sha256(commitment.encode()).hexdigest() if commitment else "",
    )
