"""
What each claim is paid where policies exclude each other: the rules of stacking groups as one pure function.

The portal shows by it and the claim pays by it, so that an owner gets what the page said. SQL has the same rules a
second time: the view `policies_stackingterms` and `_NOTHING_LEFT` of `policies.stacking.seat_keys` say what is
superseded, and the triggers and constraints of `policies.models.StackingSeat` refuse a payout that breaks a rule.
`tests/generative/test_stacking_histories.py` plays random claims against both and finds every difference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

NOTHING = Decimal(0)


class SeatKey(NamedTuple):
    """The key of a seat (a row of `StackingSeat`): the group, the holder, and the span of time."""

    group_id: int
    holder_key: str
    period_key: str


@dataclass(frozen=True, slots=True)
class Seat:
    """
    What a holder has received from a group in a seat, and the group's rule.

    `awards` are the full amounts of the live claims by policy, in yuan, before any cut; `total_cny` is the sum of their
    payouts.
    """

    ranks: bool
    is_exclusive: bool
    pays_difference: bool
    cap_cny: Decimal | None
    awards: Mapping[int, Decimal]
    total_cny: Decimal


@dataclass(frozen=True, slots=True)
class Bid:
    """
    An entitlement that competes for its seats.

    If nobody claims it now (`is_asked` is false), it still wins against a lower award that is claimed, and is paid
    nothing itself.
    """

    entitlement_id: int
    policy_id: int
    amount_cny: Decimal
    seat_keys: tuple[SeatKey, ...]
    is_asked: bool = True


class Limit(StrEnum):
    """The reason for which an amount is cut or nothing."""

    CLAIMED = "claimed"  # Another policy has been claimed already.
    CHOSEN = "chosen"  # Another policy of the same claim was first.
    HIGHER = "higher"  # Another policy pays more and can be claimed.
    RECEIVED = "received"  # What was received already counts against it.
    CAP = "cap"  # The group's cap.


@dataclass(frozen=True, slots=True)
class Allowance:
    """What an entitlement is paid now, in yuan; if that is not the whole, the limit, the other policy and the group."""

    amount_cny: Decimal
    limit: Limit | None = None
    policy_id: int | None = None
    group_id: int | None = None

    @property
    def is_excluded(self) -> bool:
        """Whether nothing is paid."""
        return not self.amount_cny


@dataclass(slots=True)
class _Balance:
    seat: Seat
    total_cny: Decimal
    awards: dict[int, Decimal]
    # The policies that took the seat in this call, and whether somebody claims them.
    taken: dict[int, bool] = field(default_factory=dict)

    def take(self, bid: Bid, paid_cny: Decimal) -> None:
        self.awards[bid.policy_id] = self.awards.get(bid.policy_id, NOTHING) + bid.amount_cny
        self.taken[bid.policy_id] = self.taken.get(bid.policy_id, False) or bid.is_asked
        self.total_cny += paid_cny


def allowances(*, bids: Sequence[Bid], seats: Mapping[SeatKey, Seat]) -> dict[int, Allowance]:
    """
    The allowance of each claimed entitlement, by its id; the order of the bids does not matter.

    In a group that pays only the higher award, the policy with the higher sum of bids goes first; in other groups the
    entitlement that was decided first does. An entitlement with several seats gets the least of what they leave.
    """
    balances = {key: _Balance(seat, seat.total_cny, dict(seat.awards)) for key, seat in seats.items()}
    sums: dict[tuple[SeatKey, int], Decimal] = defaultdict(Decimal)
    for bid in bids:
        for key in bid.seat_keys:
            if seats[key].ranks:
                sums[key, bid.policy_id] += bid.amount_cny
    found = {}
    for bid in sorted(bids, key=lambda bid: _order_key(bid, sums)):
        allowance = _allowance(bid, balances)
        if allowance.amount_cny:
            _note_award(bid, allowance, balances)
        if bid.is_asked:
            found[bid.entitlement_id] = allowance
    return found


def _order_key(bid: Bid, sums: Mapping[tuple[SeatKey, int], Decimal]) -> tuple[Decimal, bool, int, int]:
    award = max((sums.get((key, bid.policy_id), NOTHING) for key in bid.seat_keys), default=NOTHING)
    # Of equal awards the claimed one goes first; in a group that does not rank, the older entitlement does.
    return -award, not bid.is_asked, bid.policy_id if award else 0, bid.entitlement_id


def _note_award(bid: Bid, allowance: Allowance, balances: Mapping[SeatKey, _Balance]) -> None:
    for key in bid.seat_keys:
        seat = balances[key].seat
        # A bid that nobody claims only keeps a lower award from being paid in its stead.
        if bid.is_asked or (seat.ranks and seat.is_exclusive):
            balances[key].take(bid, allowance.amount_cny if bid.is_asked else NOTHING)


def _allowance(bid: Bid, balances: Mapping[SeatKey, _Balance]) -> Allowance:
    allowance = Allowance(bid.amount_cny)
    for key in bid.seat_keys:
        here = _allowance_in(bid, key, balances[key])
        if here.amount_cny < allowance.amount_cny:
            allowance = here
    return allowance


def _allowance_in(bid: Bid, key: SeatKey, now: _Balance) -> Allowance:
    if now.seat.is_exclusive:
        return _exclusive_allowance(bid, key, now)
    if now.seat.pays_difference:
        rest = now.awards.get(bid.policy_id, NOTHING) + bid.amount_cny - now.total_cny
        others = {policy: award for policy, award in now.awards.items() if policy != bid.policy_id}
        highest = max(others, key=lambda policy: (others[policy], -policy), default=None)
        return _limited_allowance(bid, Allowance(rest, Limit.RECEIVED, highest, key.group_id))
    if now.seat.cap_cny is not None:
        return _limited_allowance(bid, Allowance(now.seat.cap_cny - now.total_cny, Limit.CAP, None, key.group_id))
    return Allowance(bid.amount_cny)


def _exclusive_allowance(bid: Bid, key: SeatKey, now: _Balance) -> Allowance:
    rival = next((policy for policy in now.awards if policy != bid.policy_id), None)
    if rival is None:
        return Allowance(bid.amount_cny)
    first = Limit.HIGHER if now.seat.ranks else Limit.CHOSEN
    return Allowance(NOTHING, first if rival in now.taken else Limit.CLAIMED, rival, key.group_id)


def _limited_allowance(bid: Bid, limited: Allowance) -> Allowance:
    if limited.amount_cny >= bid.amount_cny:
        return Allowance(bid.amount_cny)
    return Allowance(max(limited.amount_cny, NOTHING), limited.limit, limited.policy_id, limited.group_id)
