"""Figures of proportional pools before their division."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count, Sum

from policies.models import Entitlement, EntitlementStatus, PolicyVersion


class PoolBasis(NamedTuple):
    """The number of open entitlements that would share a pool now, and the sum of their bases in yuan."""

    entitled: int
    base_total_cny: Decimal


def sum_pool_basis(*, version: PolicyVersion) -> PoolBasis:
    """Count the entitlements, and sum the bases, from which a division of the version's pool would start."""
    open_ones = Entitlement.objects.filter(version=version, status=EntitlementStatus.OPEN)
    found = open_ones.aggregate(entitled=Count("pk"), base=Sum("base_cny"))
    return PoolBasis(found["entitled"], found["base"] or Decimal(0))
