"""Entitlements that end because nobody claimed them, and come back because a claim was undone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from policies import matching, stacking
from policies.models import Entitlement, EntitlementStatus, PolicyVersion, VersionStatus
from policies.queries import in_force
from policies.states import IN_FORCE


@transaction.atomic
def lapse(*, now: dt.datetime, limit: int = 10_000) -> int:
    """
    Let open entitlements lapse whose window has ended, or whose policy has no version in force any more.

    Nothing lapses while its version is suspended: nobody could have claimed it. Rows that somebody is claiming this
    moment are passed over. Returns how many lapsed; fewer than `limit` means that none is left.
    """
    successors = PolicyVersion.objects.filter(policy=OuterRef("policy"), status__in=IN_FORCE)
    is_past = Q(version__closes_on__lt=timezone.localdate(now)) & ~Q(version__status=VersionStatus.SUSPENDED)
    is_over = is_past | (Q(version__status=VersionStatus.CLOSED) & ~Exists(successors))
    due = (
        Entitlement.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
        .filter(is_over, status=EntitlementStatus.OPEN)
        .order_by("pk")
        .values("pk")[:limit]
    )
    return Entitlement.objects.filter(pk__in=due).update(status=EntitlementStatus.LAPSED)


@transaction.atomic
def reopen(*, entitlement_ids: Sequence[int], now: dt.datetime) -> int:
    """
    Give back entitlements whose payouts were cancelled; returns how many can be claimed again.

    Those whose window is over stay claimed. What their claims superseded can be claimed again too. The facts may have
    changed since the claim, so they are decided anew, by the version that is in force by now.
    """
    # A pool that was divided has nothing for whom another version has decided.
    may_decide = Q(pk=OuterRef("version")) | Q(division=None)
    deciding = _in_their_windows(now).filter(may_decide, policy=OuterRef("policy"))
    due = Entitlement.objects.filter(Exists(deciding), pk__in=entitlement_ids, status=EntitlementStatus.CLAIMED)
    versions = list(_in_their_windows(now).filter(policy__in=set(due.values_list("policy", flat=True))))
    reopened = due.update(status=EntitlementStatus.OPEN)
    matching.ask_for_runs(versions=versions, now=now)
    give_back(entitlement_ids=entitlement_ids, now=now)
    return reopened


@transaction.atomic
def give_back(*, entitlement_ids: Sequence[int], now: dt.datetime) -> None:
    """Open what the claims of these superseded, and have it decided anew: nobody followed its facts meanwhile."""
    policies = stacking.give_back(entitlement_ids=entitlement_ids)
    matching.ask_for_runs(versions=list(in_force(now=now).filter(policy__in=policies)), now=now)


def _in_their_windows(now: dt.datetime) -> QuerySet[PolicyVersion]:
    is_open = Q(closes_on=None) | Q(closes_on__gte=timezone.localdate(now))
    return PolicyVersion.objects.filter(is_open, status__in=IN_FORCE)
