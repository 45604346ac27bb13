"""Claims through the operation."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from decimal import Decimal

from companies.models import Company, User
from payouts.claims.automatic import clicks_for_companies
from payouts.claims.claim import Outcome, claim
from payouts.claims.clicks import Claimed, Click
from payouts.claims.refusals import ClaimRefused
from tests.factories.companies import act_for


def claim_entitlements(
    *,
    entitlement_ids: Sequence[int],
    company: Company | None,
    commitment: str,
    actor: User | None,
    now: datetime,
    shown_cny: Decimal | None = None,
    read: Collection[int] | None = None,
) -> Claimed:
    """
    Claim entitlements by a click of the company's owner, who becomes its acceptor, or, without a company, by the
    platform's clicks for many companies.

    Raises:
        ClaimRefused: the first refusal, once the other clicks are decided.
    """
    if company is None:
        clicks = clicks_for_companies(entitlement_ids=entitlement_ids, now=now)
    else:
        actor_id = act_for(company, actor).pk if actor else None
        clicks = [Click(entitlement_ids, company.pk, commitment, actor_id, now, shown_cny, read)]
    return add_up(claim(clicks=clicks, now=now))


def add_up(outcomes: Sequence[Outcome]) -> Claimed:
    """The sum of several outcomes; raises the first refusal."""
    claimed = []
    for outcome in outcomes:
        if isinstance(outcome, ClaimRefused):
            raise outcome
        claimed.append(outcome)
    return Claimed(*(sum((getattr(each, field.name) for each in claimed), ()) for field in fields(Claimed)))
