"""What is asked for with one click, and what it opened."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Click:
    """
    The entitlements of one company that are claimed together, all or none.

    An owner clicked, or the platform does it where `actor_id` is None. `shown_cny` is the sum that the page said, and
    `read` are the versions whose commitments make up `commitment`, which the page showed and the owner accepted: what
    is claimed must be of these once it is locked. Both are None where no page was shown.
    """

    entitlement_ids: Sequence[int]
    company_id: int
    commitment: str
    actor_id: int | None
    now: datetime
    shown_cny: Decimal | None = None
    read: Collection[int] | None = None

    @property
    def is_by_owner(self) -> bool:
        """Whether a person clicked, who can be told what is amiss and choose anew."""
        return self.actor_id is not None


@dataclass(frozen=True, slots=True)
class Claimed:
    """
    What a click opened.

    `waitlisted` are those of `payout_ids` whose fund is used up; the entitlements of `without_account` stay
    open because nobody has told us an account to pay to. Stacking groups leave nothing for the `excluded` ones that
    the platform tried to claim; `superseded` are those that nobody can claim now, asked for or not.
    """

    claim_ids: tuple[int, ...] = ()
    payout_ids: tuple[int, ...] = ()
    waitlisted: tuple[int, ...] = ()
    without_account: tuple[int, ...] = ()
    excluded: tuple[int, ...] = ()
    superseded: tuple[int, ...] = ()
