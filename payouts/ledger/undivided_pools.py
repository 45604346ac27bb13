"""Proportional pools before they are divided."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count, Sum

from policies.models import Entitlement, EntitlementStatus, PolicyVersion


class Undivided(NamedTuple):
    """Who would get of a pool if it were divided now: how many entitlements, and the sum of their bases in yuan."""

    entitled: int
    base_total_cny: Decimal


def undivided(*, version: PolicyVersion) -> Undivided:
    """What a division of the version's pool would start from."""
    open_ones = Entitlement.objects.filter(version=version, status=EntitlementStatus.OPEN)
    found = open_ones.aggregate(entitled=Count("pk"), base=Sum("base_cny"))
    return Undivided(found["entitled"], found["base"] or Decimal(0))
