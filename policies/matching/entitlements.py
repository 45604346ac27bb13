"""Queries over stored entitlements, and whether matching has anything to do."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, QuerySet, Sum
from django.utils.timezone import localdate

from companies.models import Company, Delivery, DeliveryStatus
from policies.models import (
    Entitlement,
    EntitlementStatus,
    MatchedDelivery,
    MatchRun,
    PolicyVersion,
    Pool,
    PoolDivision,
    ReceivedChange,
)


def entitlements_of(*, company: Company) -> QuerySet[Entitlement]:
    """All entitlements of a company by policy and period, each with its policy, version and person."""
    return (
        Entitlement.objects.filter(company=company)
        .select_related("policy", "version", "employee")
        .order_by("policy__code", "period_key", "pk")
    )


def open_entitlements(*, company: Company) -> QuerySet[Entitlement]:
    """The open entitlements of a company; the claim checks whether the window is open."""
    return entitlements_of(company=company).filter(status=EntitlementStatus.OPEN)


def divided_on_without_share(*, company: Company, version: PolicyVersion) -> date | None:
    """The day on which the version's pool was divided, if the company has no portion; None if it has or may get one."""
    if version.pool != Pool.PROPORTIONAL:
        return None
    kept = (EntitlementStatus.OPEN, EntitlementStatus.CLAIMED)
    parts = Entitlement.objects.filter(company=company, version=version, status__in=kept)
    divided = PoolDivision.objects.filter(~Exists(parts), version=version).first()
    return localdate(divided.divided_at) if divided else None


def is_settled() -> bool:
    """Whether matching has nothing to do: no run is due, and every landed delivery and piece of news is decided."""
    if MatchRun.objects.filter(finished_at=None, refusal="").exists() or ReceivedChange.objects.exists():
        return False
    is_matched = Exists(MatchedDelivery.objects.filter(delivery=OuterRef("pk")))
    return not Delivery.objects.filter(~is_matched, status=DeliveryStatus.LANDED).exists()


def entitlement_counts(*, version: PolicyVersion) -> list[tuple[str, int, Decimal]]:
    """The entitlements of a version by status: how many, and their sum in yuan."""
    rights = Entitlement.objects.filter(policy=version.policy_id, version=version).order_by("status")
    counted = rights.values_list("status").annotate(Count("pk"), Sum("amount_cny"))
    return [(str(EntitlementStatus(status).label), count, total) for status, count, total in counted]


def unclaimed(*, version: PolicyVersion) -> tuple[int, Decimal]:
    """How many entitlements of a version nobody has claimed yet, and their sum in yuan."""
    waiting = Entitlement.objects.filter(policy=version.policy_id, version=version, status=EntitlementStatus.OPEN)
    counted = waiting.aggregate(count=Count("pk"), total_cny=Sum("amount_cny", default=Decimal(0)))
    return counted["count"], counted["total_cny"]
