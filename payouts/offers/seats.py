"""The state of seats in stacking groups, and what each entitlement is paid at its seats."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from policies.models import Policy, StackingGroup
from policies.stacking.allowances import Allowance, Bid, Limit, Seat, SeatKey, allowances
from policies.stacking.seat_keys import find_seat_keys
from qinqing.kernel.database.statements import fetch_rows_as

_WHY = {
    (Limit.CLAIMED, True): _("“%(policy)s” has been claimed already; the two exclude each other."),
    (Limit.CHOSEN, True): _("“%(policy)s” goes first; the two exclude each other."),
    (Limit.HIGHER, True): _("“%(policy)s” pays more, and only the higher one is paid. Claim that one."),
    (Limit.RECEIVED, True): _("“%(policy)s” has paid as much already; only the higher one is paid."),
    (Limit.RECEIVED, False): _("What “%(policy)s” paid counts against it: this is the difference."),
    (Limit.CAP, True): _("“%(group)s” has been paid up to its limit."),
    (Limit.CAP, False): _("Cut to what is left of the limit of “%(group)s”."),
}


class SeatRequest(NamedTuple):
    """An entitlement that competes for seats; `is_asked` is false if it could be claimed but nobody claims it now."""

    entitlement_id: int
    policy_id: int
    amount_cny: Decimal
    is_asked: bool = True


class _SeatRow(NamedTuple):
    group_id: int
    holder_key: str
    period_key: str
    ranks: bool
    is_exclusive: bool
    pays_difference: bool
    cap_cny: Decimal | None
    policies: Sequence[int]
    awards: Sequence[Decimal]
    total_cny: Decimal

    @property
    def seat(self) -> Seat:
        awards = dict(zip(self.policies, self.awards, strict=True))
        return Seat(self.ranks, self.is_exclusive, self.pays_difference, self.cap_cny, awards, self.total_cny)


def read_seats(*, of: Collection[SeatKey]) -> dict[SeatKey, Seat]:
    """Read the seats with these keys, with the awards that their holders have received or will receive."""
    wanted = sorted(set(of))
    rows = fetch_rows_as(
        _SeatRow,
        """
        SELECT w.group_id, w.holder_key, w.period_key,
            g.ranks, g.is_exclusive, g.pays_difference, g.cap_cny, coalesce(l.policies, '{}') AS policies,
            coalesce(l.awards, '{}') AS awards, coalesce(s.total_cny, 0) AS total_cny
        FROM unnest(%(groups)s::bigint[], %(holders)s::text[], %(periods)s::text[])
            AS w (group_id, holder_key, period_key)
        JOIN policies_stackingterms g ON g.group_id = w.group_id
        LEFT JOIN policies_stackingseat s
            ON (s.group_id, s.holder_key, s.period_key) = (w.group_id, w.holder_key, w.period_key)
        CROSS JOIN LATERAL (
            SELECT array_agg(policy_id ORDER BY policy_id) AS policies, array_agg(award ORDER BY policy_id) AS awards
            FROM (
                SELECT policy_id, sum(award_cny) AS award FROM payouts_seated WHERE seat_id = s.id GROUP BY policy_id
            ) by_policy
        ) l
        """,
        groups=[key.group_id for key in wanted],
        holders=[key.holder_key for key in wanted],
        periods=[key.period_key for key in wanted],
    )
    return {SeatKey(row.group_id, row.holder_key, row.period_key): row.seat for row in rows}


@dataclass(frozen=True, slots=True)
class SeatOccupancy:
    """The keys of the seats that entitlements want, by entitlement id, and the seats with these keys."""

    seat_keys: Mapping[int, tuple[SeatKey, ...]]
    seats: Mapping[SeatKey, Seat]

    def allowances(self, wanted: Sequence[SeatRequest]) -> dict[int, Allowance]:
        """Compute what each asked entitlement is paid, by its id; without a stacking group it is paid in full."""
        whole = {each.entitlement_id: Allowance(each.amount_cny) for each in wanted if each.is_asked}
        bids = [
            Bid(
                each.entitlement_id, each.policy_id, each.amount_cny, self.seat_keys[each.entitlement_id], each.is_asked
            )
            for each in wanted
            if each.entitlement_id in self.seat_keys
        ]
        return whole | allowances(bids=bids, seats=self.seats) if bids else whole


def read_occupancy(*, entitlement_ids: Sequence[int]) -> SeatOccupancy:
    """Read the seat keys of entitlements and their seats: two queries, or one if no entitlement is in a group."""
    found: dict[int, list[SeatKey]] = defaultdict(list)
    for held in find_seat_keys(entitlement_ids=entitlement_ids):
        found[held.entitlement_id].append(held.key)
    wanted = {key for at in found.values() for key in at}
    return SeatOccupancy({each: tuple(at) for each, at in found.items()}, read_seats(of=wanted) if wanted else {})


def read_allowances(*, wanted: Sequence[SeatRequest]) -> dict[int, Allowance]:
    """Compute what each asked entitlement is paid as things stand now, by its id."""
    return read_occupancy(entitlement_ids=[each.entitlement_id for each in wanted]).allowances(wanted)


def _limiting_policies(*, limited: Iterable[Allowance]) -> dict[int, Policy]:
    """Find the policies that limit these allowances, by id."""
    return Policy.objects.in_bulk([allowance.policy_id for allowance in limited if allowance.policy_id is not None])


def _limiting_groups(*, limited: Iterable[Allowance]) -> dict[int, StackingGroup]:
    """Find the groups that limit these allowances, by id."""
    return StackingGroup.objects.in_bulk(
        [allowance.group_id for allowance in limited if allowance.group_id is not None]
    )


def explain_limits(*, limited: Collection[Allowance]) -> dict[Allowance, str]:
    """Explain in the active language why each of these allowances is less than the whole amount."""
    policies, groups = _limiting_policies(limited=limited), _limiting_groups(limited=limited)
    return {
        allowance: _WHY[allowance.limit, allowance.is_excluded]
        % {
            "policy": policies[allowance.policy_id].title if allowance.policy_id in policies else "",
            "group": groups[allowance.group_id].title if allowance.group_id in groups else "",
        }
        for allowance in limited
        if allowance.limit is not None
    }
