"""Inserts claims and their payouts."""

# ruff: noqa: S608 - what is put into this statement is a text of our own.
from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from payouts.states import Role
from policies.matching.entitlement_sql import CLAIM_ENTITLEMENTS
from qinqing.kernel.database.prepared_statements import fetch_rows_by_size_as


class Signature(NamedTuple):
    """A company's acceptance of a commitment; `actor` is the account that clicked, None if the platform claims."""

    company: int
    actor: int | None
    commitment: str
    claimed_at: datetime

    @property
    def sha256(self) -> str:
        """The digest of the commitment in hexadecimal; empty without a commitment."""
        return hashlib.sha256(self.commitment.encode()).hexdigest() if self.commitment else ""


class NewPayout(NamedTuple):
    """A payout to open: its entitlement, the account that is paid, and the amount."""

    entitlement: int
    account: int | None
    amount_cny: Decimal


class OpenedPayout(NamedTuple):
    """The ids of an opened payout, of its claim, and of the company that claimed."""

    claim: int
    payout: int
    company: int


def insert_payouts(
    *, new_payouts: Sequence[NewPayout], signed: Sequence[Signature], now: datetime
) -> list[OpenedPayout]:
    """
    Insert a claim for each signature, and open the payouts of the claims.

    The payouts get their ids in the order of `new_payouts`: the earlier one is paid first when money is short.
    """
    return fetch_rows_by_size_as(
        OpenedPayout,
        f"""
        WITH claim AS (
            INSERT INTO payouts_claim (company_id, claimed_at, claimed_by_id, commitment, commitment_hash)
            SELECT company_id, claimed_at, actor_id, commitment, sha256
            FROM unnest(
                %(companies)s::bigint[], %(times)s::timestamptz[], %(actors)s::bigint[], %(commitments)s::text[],
                %(sha256)s::text[]
            ) AS signed (company_id, claimed_at, actor_id, commitment, sha256)
            ORDER BY company_id
            RETURNING id, company_id, claimed_at, claimed_by_id
        ), claimed AS (
            {CLAIM_ENTITLEMENTS}
        )
        INSERT INTO payouts_payout (
            claim_id, entitlement_id, policy_id, fund_id, company_id, employee_id, account_id, district, amount_cny,
            status, sequence, moved_at, moved_by_id, moved_as, moved_because, claimed_at, is_clicked
        )
        SELECT c.id, e.id, e.policy_id, f.id, e.company_id, e.employee_id, chosen.account_id, e.district,
            chosen.amount_cny, 'requested', 0, %(now)s::timestamptz, c.claimed_by_id,
            CASE WHEN c.claimed_by_id IS NULL THEN %(system)s ELSE %(owner)s END, '', c.claimed_at,
            c.claimed_by_id IS NOT NULL
        FROM unnest(%(entitlements)s::bigint[], %(accounts)s::bigint[], %(amounts)s::numeric[]) WITH ORDINALITY
            AS chosen (entitlement_id, account_id, amount_cny, place)
        JOIN policies_entitlement e ON e.id = chosen.entitlement_id
        JOIN payouts_fund f ON f.version_id = e.version_id
        JOIN claim c ON c.company_id = e.company_id
        ORDER BY chosen.place
        RETURNING claim_id AS claim, id AS payout, company_id AS company
        """,
        now=now,
        entitlements=[each.entitlement for each in new_payouts],
        accounts=[each.account for each in new_payouts],
        amounts=[each.amount_cny for each in new_payouts],
        companies=[each.company for each in signed],
        times=[each.claimed_at for each in signed],
        actors=[each.actor for each in signed],
        commitments=[each.commitment for each in signed],
        sha256=[each.sha256 for each in signed],
        system=Role.SYSTEM.value,
        owner=Role.OWNER.value,
    )
