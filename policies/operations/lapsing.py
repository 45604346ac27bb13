"""Entitlements that end because nobody claimed them, and come back because a claim was undone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
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
    changed since the claim, so the versions are decided anew.
    """
    due = Entitlement.objects.filter(
        Q(version__closes_on=None) | Q(version__closes_on__gte=timezone.localdate(now)),
        pk__in=entitlement_ids,
        status=EntitlementStatus.CLAIMED,
        version__status__in=IN_FORCE,
    )
    versions = list(PolicyVersion.objects.filter(pk__in=due.values("version")))
    reopened = due.update(status=EntitlementStatus.OPEN)
    policies = stacking.give_back(entitlement_ids=entitlement_ids)
    versions += in_force(now=now).filter(policy__in=policies).exclude(pk__in=[version.pk for version in versions])
    matching.ask_for_runs(versions=versions, now=now)
    return reopened
