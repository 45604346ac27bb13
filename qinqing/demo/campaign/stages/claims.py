"""The firms claim: some in the portal, the others by the same operation in sets; automatic payouts need no click."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from itertools import count
from typing import NamedTuple

from django.db.models import Max

from payouts.claims.automatic import clicks_for_companies
from payouts.claims.claim import claim
from payouts.claims.clicks import Claimed
from payouts.models import Payout
from policies.models import Entitlement, EntitlementStatus, Track
from qinqing.demo.campaign.progress import Advance
from qinqing.demo.campaign.stages.offers import claimable
from qinqing.demo.campaign.stages.portal import claim_in_portal
from qinqing.demo.campaign.watch import Watch

# One call claims so many; it runs a few statements, whatever its size.
_AT_ONCE = 20_000
# The tracks on which a firm claims by itself.
_CLICKED = (Track.INSTANT, Track.PUBLICISED, Track.WHITELIST)


class Claims(NamedTuple):
    """How the claims of a campaign were made."""

    through_portal: int
    without_account: int


def claim_all(
    *,
    portal: str,
    portal_claims: int,
    spared: Collection[int],
    watch: Watch,
    advance: Advance,
    clock: Callable[[], datetime],
) -> Claims:
    """
    Claim everything that is open, except for the companies in `spared`, and wait for the automatic track.

    Raises:
        PortalRefused: a page of the portal was not what an owner should see.
        Stalled: the automatic track does not move.
    """
    counter = count(1)
    through_portal = claim_in_portal(
        address=portal, claims=portal_claims, spared=spared, done=lambda: advance(next(counter))
    )
    without_account = _claim_in_sets(spared, watch, advance, clock)
    watch.wait(words="The automatic track", is_done=_automatic_is_done, reached=_newest, advance=advance)
    advance(Payout.objects.count())
    return Claims(through_portal, without_account)


def _claim_in_sets(spared: Collection[int], watch: Watch, advance: Advance, clock: Callable[[], datetime]) -> int:
    offers = Entitlement.objects.filter(status=EntitlementStatus.OPEN, version__track__in=_CLICKED)
    # A firm claims all that is its own with one click, so its entitlements stay together.
    ids = list(offers.exclude(company__in=spared).order_by("company", "pk").values_list("pk", flat=True))
    without_account = 0
    for start in range(0, len(ids), _AT_ONCE):
        # Leave out entitlements that another claim has superseded since the list was read: no page shows them any more.
        chunk = list(offers.filter(pk__in=ids[start : start + _AT_ONCE]).values_list("pk", flat=True))
        now = clock()
        outcomes = claim(clicks=clicks_for_companies(entitlement_ids=chunk, now=now), now=now)
        without_account += sum(len(each.without_account) for each in outcomes if isinstance(each, Claimed))
        advance(_newest())
        watch.look()
    return without_account


def _newest() -> int:
    """About how many payouts there are, as the last of their numbers."""
    last: int | None = Payout.objects.aggregate(last=Max("pk"))["last"]
    return last or 0


def _automatic_is_done() -> bool:
    return not claimable(Track.AUTOMATIC).exists()
