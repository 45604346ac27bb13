"""The pace at which firms claim the money of a version, and how long the money lasts at that pace."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Min, Sum
from django.utils import timezone

from payouts.models import Fund, Payout
from payouts.states import Status
from policies.models import PolicyVersion
from policies.preview.figures import BackTest
from qinqing.kernel.money import round_to_fen

# A date further away than ten years is no use to anybody.
LONGEST_DAYS = 3650
# The statuses of payouts for which no money is reserved.
WITHOUT_MONEY = (Status.CANCELLED.value, Status.REQUESTED.value, Status.WAITLISTED.value)


@dataclass(frozen=True, slots=True)
class Pace:
    """
    The pace of claims under the version in force: `claimed_cny` in the `days` days since `since`, as a straight line.

    `in_force_until` is the day on which the version's money is used up. `draft_until` is that day for the draft, if it
    replaced the version today and cost as much more or less as the back-test says. Both are None if more than ten
    years away.
    """

    claimed_cny: Decimal
    since: dt.date
    days: int
    daily_cny: Decimal
    available_cny: Decimal
    in_force_until: dt.date | None
    draft_daily_cny: Decimal
    draft_until: dt.date | None


def compute_pace(*, in_force: PolicyVersion, draft: PolicyVersion, compared: BackTest, now: dt.datetime) -> Pace | None:
    """Compute how long the money lasts at the pace so far; None while nobody has claimed."""
    claimed = Payout.objects.filter(entitlement__version=in_force).exclude(status__in=WITHOUT_MONEY)
    sums = claimed.aggregate(total=Sum("amount_cny"), first=Min("claim__claimed_at"))
    if not sums["total"]:
        return None
    today, since = timezone.localdate(now), timezone.localdate(sums["first"])
    # After a clock was set back, the first claim may lie in the future.
    days = max((today - since).days + 1, 1)
    daily = sums["total"] / days
    available = Fund.objects.filter(version=in_force).values_list("available_cny", flat=True).first() or Decimal(0)
    draft_daily = daily * compared.after_cny / compared.before_cny if compared.before_cny else daily
    return Pace(
        claimed_cny=sums["total"],
        since=since,
        days=days,
        daily_cny=round_to_fen(daily),
        available_cny=available,
        in_force_until=_compute_exhaustion(available, daily, today),
        draft_daily_cny=round_to_fen(draft_daily),
        draft_until=_compute_exhaustion(draft.granted_cny, draft_daily, today),
    )


def _compute_exhaustion(money: Decimal, daily: Decimal, today: dt.date) -> dt.date | None:
    if daily <= 0 or money / daily > LONGEST_DAYS:
        return None
    return today + dt.timedelta(days=int(money / daily))
