"""The platform's own clicks: for what comes by itself, and for many companies at once."""

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
from qinqing.kernel.database.statements import fetched_as

# What somebody holds for longer is left to the next sweep.
PATIENCE_MS = 30_000


class _Due(NamedTuple):
    id: int
    company_id: int
    policy_id: int
    period_key: str
    persons: list[int] | None


def claim_automatic(*, limit: int, now: datetime) -> int:
    """
    Claim open entitlements of the automatic track, for which nobody has to click; returns how many.

    One whose payout a clerk cancelled waits for a click: claiming it again would undo the clerk's decision. One that
    pays less than what its owner may still click on waits, too, and so does what somebody else holds this moment.
    """
    after = 0
    while due := _due_automatically(after, limit, now):
        clicks = _clicks([(each.id, each.company_id) for each in _once_per_person(due)], now)
        outcomes = claim(clicks=clicks, now=now, patience_ms=PATIENCE_MS)
        if opened := sum(len(each.payout_ids) for each in outcomes if isinstance(each, Claimed)):
            return opened
        after = due[-1].id
    return 0


def clicks_for_companies(*, entitlement_ids: Sequence[int], now: datetime) -> list[Click]:
    """A click of the platform for each company that has some of these entitlements."""
    found = Entitlement.objects.filter(pk__in=entitlement_ids).order_by("pk")
    return _clicks(found.values_list("pk", "company"), now)


def _clicks(rights: Iterable[tuple[int, int]], now: datetime) -> list[Click]:
    of_company: dict[int, list[int]] = defaultdict(list)
    for entitlement, company in rights:
        of_company[company].append(entitlement)
    return [Click(ids, company, commitment="", actor_id=None, now=now) for company, ids in of_company.items()]


def _due_automatically(after: int, limit: int, now: datetime) -> list[_Due]:
    return fetched_as(
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


def _once_per_person(due: Iterable[_Due]) -> list[_Due]:
    """These without what shares a person with one before it, which matching will withdraw."""
    served: set[tuple[int, str, int]] = set()
    first = []
    for each in due:
        theirs = {(each.policy_id, each.period_key, person) for person in each.persons or ()}
        if served.isdisjoint(theirs):
            served |= theirs
            first.append(each)
    return first
