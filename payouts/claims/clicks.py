"""A click with the entitlements that it claims, and its result."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Click:
    """
    The entitlements of one company that are claimed together, all or none.

    `actor_id` is the owner who clicked; it is None if the platform claims. `shown_cny` is the sum that the page showed,
    and `read` are the versions whose commitments, joined in `commitment`, the owner accepted: the locked entitlements
    must agree with both. They are None if no page was shown.
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
        """Whether an owner clicked, who can read a refusal and choose again."""
        return self.actor_id is not None


@dataclass(frozen=True, slots=True)
class Claimed:
    """
    The result of a click.

    `waitlisted` are the ids of `payout_ids` whose fund is used up. The entitlements `without_account` stay open,
    because their payee has no account. Stacking groups left nothing for the `excluded` entitlements that the platform
    tried to claim. Nobody can claim the `superseded` entitlements now, whether the click asked for them or not.
    """

    claim_ids: tuple[int, ...] = ()
    payout_ids: tuple[int, ...] = ()
    waitlisted: tuple[int, ...] = ()
    without_account: tuple[int, ...] = ()
    excluded: tuple[int, ...] = ()
    superseded: tuple[int, ...] = ()
