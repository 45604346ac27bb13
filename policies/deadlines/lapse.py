"""Ends open entitlements that nobody claimed in time."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from policies.models import Entitlement, EntitlementStatus, PolicyVersion, VersionStatus
from policies.models.window import is_over
from policies.states import IN_FORCE


@transaction.atomic
def lapse_entitlements(*, now: dt.datetime, limit: int = 10_000) -> int:
    """
    Let open entitlements lapse whose window has ended, or whose policy has no version in force any more.

    Nothing lapses while its version is suspended: nobody could have claimed it. Rows that somebody is claiming this
    moment are passed over. Returns how many lapsed; fewer than `limit` means that none is left.
    """
    successors = PolicyVersion.objects.filter(policy=OuterRef("policy"), status__in=IN_FORCE)
    today = timezone.localdate(now)
    is_past = is_over(today, version="version__") & ~Q(version__status=VersionStatus.SUSPENDED)
    is_due = is_past | (Q(version__status=VersionStatus.CLOSED) & ~Exists(successors))
    due = (
        Entitlement.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
        .filter(is_due, status=EntitlementStatus.OPEN)
        .order_by("pk")
        .values("pk")[:limit]
    )
    return Entitlement.objects.filter(pk__in=due).update(status=EntitlementStatus.LAPSED)
