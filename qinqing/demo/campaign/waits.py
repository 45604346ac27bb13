"""What a campaign leaves to the workers, and how it knows that they are done."""

from __future__ import annotations

from django.db.models import Sum

from payouts.models import Payout
from payouts.states import Status
from policies.models import MatchedDelivery, MatchRun
from policies.queries import is_settled
from qinqing.demo.campaign.progress import Advance
from qinqing.demo.campaign.watch import Watch

_ON_THEIR_WAY = (Status.REQUESTED, Status.RESERVED, Status.APPROVED, Status.SENT, Status.IN_DOUBT)


class MatchingStopped(Exception):
    """A matching run was set aside."""


def wait_for_deliveries(*, watch: Watch, advance: Advance) -> None:
    """
    Wait until the deliveries are decided, which is soon done while no policy is in force.

    Raises:
        Stalled, ChildDied: they never will be.
    """
    watch.wait(
        words="Deciding the deliveries", is_done=is_settled, reached=MatchedDelivery.objects.count, advance=advance
    )


def wait_for_matching(*, watch: Watch, advance: Advance) -> None:
    """
    Wait until each version in force was matched with the whole city.

    Raises:
        MatchingStopped: a run was set aside; the sentence says why.
        Stalled, ChildDied: it never will be.
    """
    watch.wait(words="Matching", is_done=_is_matched, reached=_matched, advance=advance)


def wait_for_bank(*, watch: Watch, advance: Advance) -> None:
    """
    Wait until no payout is on its way any more.

    Raises:
        Stalled, ChildDied: they never will arrive.
    """
    on_their_way = Payout.objects.filter(status__in=_ON_THEIR_WAY)
    watch.wait(
        words="Paying",
        is_done=lambda: not on_their_way.exists(),
        reached=Payout.objects.filter(status=Status.PAID).count,
        advance=advance,
    )


def _is_matched() -> bool:
    stopped = MatchRun.objects.exclude(refusal="").order_by("pk").first()
    if stopped is not None:
        raise MatchingStopped(stopped.refusal)
    return is_settled()


def _matched() -> int:
    found: int | None = MatchRun.objects.aggregate(found=Sum("entitlement_count"))["found"]
    return found or 0
