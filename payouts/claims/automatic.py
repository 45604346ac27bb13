"""Clicks by the platform: for the automatic track, and for many companies at once."""

# ruff: noqa: S608 - what is put into these statements are texts of our own.
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils.timezone import localdate

from payouts.claims.claim import claim
from payouts.claims.clicks import Claimed, Click
from payouts.offers.claimable import COMES_BY_ITSELF, IS_CLAIMABLE, RIGHTS
from policies.models import Entitlement
from qinqing.kernel.database.statements import fetch_rows_as

# An entitlement that another transaction holds for longer is left to the next sweep.
PATIENCE_MS = 30_000


class _Due(NamedTuple):
    id: int
    company_id: int
    policy_id: int
    period_key: str
    persons: list[int] | None


def claim_automatic(*, limit: int, now: datetime) -> int:
    """
    Claim open entitlements of the automatic track without a click; return their number.

    An entitlement whose payout a clerk cancelled waits for a click, because claiming it again would undo the clerk's
    decision. An entitlement that pays less than a rival on which the owner may still click waits, too, and so does one
    that another transaction holds.
    """
    after = 0
    while due := _find_due(after, limit, now):
        clicks = _make_clicks([(each.id, each.company_id) for each in _drop_shared_persons(due)], now)
        outcomes = claim(clicks=clicks, now=now, patience_ms=PATIENCE_MS)
        if opened := sum(len(each.payout_ids) for each in outcomes if isinstance(each, Claimed)):
            return opened
        after = due[-1].id
    return 0


def clicks_for_companies(*, entitlement_ids: Sequence[int], now: datetime) -> list[Click]:
    """Make a click of the platform for each company that has some of these entitlements."""
    found = Entitlement.objects.filter(pk__in=entitlement_ids).order_by("pk")
    return _make_clicks(found.values_list("pk", "company"), now)


def _make_clicks(rights: Iterable[tuple[int, int]], now: datetime) -> list[Click]:
    of_company: dict[int, list[int]] = defaultdict(list)
    for entitlement, company in rights:
        of_company[company].append(entitlement)
    return [Click(ids, company, commitment="", actor_id=None, now=now) for company, ids in of_company.items()]


def _find_due(after: int, limit: int, now: datetime) -> list[_Due]:
    return fetch_rows_as(
        _Due,
        f"""
        SELECT e.id, e.company_id, e.policy_id, e.period_key, e.persons
        FROM {RIGHTS}
        WHERE e.id > %(after)s AND {COMES_BY_ITSELF} AND {IS_CLAIMABLE}
        ORDER BY e.id LIMIT %(limit)s
        """,
        today=localdate(now),
        after=after,
        limit=limit,
    )


def _drop_shared_persons(due: Iterable[_Due]) -> list[_Due]:
    """Drop entitlements that share a person with an earlier one; matching will withdraw them."""
    served: set[tuple[int, str, int]] = set()
    first = []
    for each in due:
        theirs = {(each.policy_id, each.period_key, person) for person in each.persons or ()}
        if served.isdisjoint(theirs):
            served |= theirs
            first.append(each)
    return first
