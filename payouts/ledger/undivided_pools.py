"""Figures of proportional pools before their division."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count, Sum

from policies.models import Entitlement, EntitlementStatus, PolicyVersion


class PoolBasis(NamedTuple):
    """The number of open entitlements that would share a pool now, and the sum of their bases in yuan."""

    entitlement_count: int
    base_total_cny: Decimal


def sum_pool_basis(*, version: PolicyVersion) -> PoolBasis:
    """Count the entitlements, and sum the bases, from which a division of the version's pool would start."""
    entitlements = Entitlement.objects.filter(version=version, status=EntitlementStatus.OPEN)
    found = entitlements.aggregate(count=Count("pk"), base_total_cny=Sum("base_cny"))
    return PoolBasis(found["count"], found["base_total_cny"] or Decimal(0))
