"""Waits for the work that a campaign leaves to the workers."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, Max, Min, OuterRef, Sum
from django.utils.timezone import localdate

from payouts.ledger.pools import divide_due_pools
from payouts.models import Payout, Reply
from payouts.states import Status
from policies.matching.entitlements import is_settled
from policies.models import (
    Entitlement,
    EntitlementStatus,
    MatchedDelivery,
    MatchRun,
    PolicyVersion,
    Pool,
    PoolDivision,
    VersionStatus,
)
from qinqing.demo.campaign.progress import Advance
from qinqing.demo.campaign.watch import Watch

_ON_THEIR_WAY = ((Status.APPROVED,), (Status.SENT, Status.IN_DOUBT), (Status.REQUESTED, Status.RESERVED))


class MatchingStopped(Exception):
    """A matching run was set aside."""


def wait_for_deliveries(*, watch: Watch, advance: Advance) -> None:
    """
    Wait until the workers have decided the deliveries, which is soon if no policy is in force.

    Raises:
        Stalled, ChildDied: the workers do not get there.
    """
    watch.wait(
        words="Deciding the deliveries", is_done=is_settled, reached=MatchedDelivery.objects.count, advance=advance
    )


def wait_for_matching(*, watch: Watch, advance: Advance) -> None:
    """
    Wait until each version in force was matched with the whole city.

    Raises:
        MatchingStopped: a run was set aside; the sentence says why.
        Stalled, ChildDied: the workers do not get there.
    """
    watch.wait(words="Matching", is_done=_is_matched, reached=_matched, advance=advance)


def wait_for_pools(*, watch: Watch, advance: Advance, now: datetime) -> None:
    """
    Divide the pools whose claims open, and ask again, as the beat does, while matching follows what is paid meanwhile.

    Raises:
        Stalled, ChildDied: the pools are not divided.
    """
    someone = Entitlement.objects.filter(version=OuterRef("pk"), status=EntitlementStatus.OPEN)
    opened = PolicyVersion.objects.filter(status=VersionStatus.PUBLISHED, opens_on__lte=localdate(now))
    waiting = opened.filter(Exists(someone), pool=Pool.PROPORTIONAL, division=None)

    def are_divided() -> bool:
        divide_due_pools(now=now)
        return not waiting.exists()

    watch.wait(words="Dividing the pools", is_done=are_divided, reached=PoolDivision.objects.count, advance=advance)


def wait_for_bank(*, watch: Watch, advance: Advance) -> None:
    """
    Wait until no payout is on its way any more.

    Raises:
        Stalled, ChildDied: the payouts do not arrive.
    """
    watch.wait(words="Paying", is_done=_is_paid, reached=_settled, advance=advance)
    advance(Payout.objects.filter(status=Status.PAID).count())


def _is_paid() -> bool:
    # Ask for the states with an index first, so that the whole table is read only once, at the end.
    return not any(Payout.objects.filter(status__in=some).exists() for some in _ON_THEIR_WAY)


def _settled() -> int:
    """About how many answers of the bank are applied: the ids below the first one that is not."""
    due: int | None = Reply.objects.filter(applied_at=None).aggregate(first=Min("pk"))["first"]
    last: int | None = Reply.objects.aggregate(last=Max("pk"))["last"]
    return due - 1 if due else last or 0


def _is_matched() -> bool:
    stopped = MatchRun.objects.exclude(refusal="").order_by("pk").first()
    if stopped is not None:
        raise MatchingStopped(str(stopped.why))
    return is_settled()


def _matched() -> int:
    found: int | None = MatchRun.objects.aggregate(found=Sum("entitlement_count"))["found"]
    return found or 0
