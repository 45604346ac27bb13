"""Clicks with their locked rows: which of them one transaction can decide, and what each is paid."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.utils.translation import gettext as _

from payouts.claims.clicks import Click
from payouts.claims.insert import NewPayout
from payouts.claims.locked_rows import ClaimRow, LockedRows
from payouts.claims.refusals import (
    AmountChanged,
    ClaimRefused,
    CommitmentChanged,
    Excluded,
    NotCommitted,
    check_rows,
)
from payouts.offers.seats import SeatOccupancy, explain_limits, read_seats
from policies.stacking.allowances import Allowance
from policies.stacking.seats import lock_seats


@dataclass(frozen=True)
class LockedClaim:
    """
    A click with its locked rows; only a missing account can still keep one from being claimed.

    `number` is the click's position in the set. `allowances` gives the amount of each entitlement that has an account;
    `excluded` and `new_payouts` are read once it is complete.
    """

    number: int
    click: Click
    rows: Sequence[ClaimRow]
    allowances: dict[int, Allowance] = field(default_factory=dict)

    @cached_property
    def with_account(self) -> list[ClaimRow]:
        """The rows that can be paid if stacking groups leave something for them."""
        return [row for row in self.rows if row.is_claimable]

    @property
    def without_account(self) -> tuple[int, ...]:
        """The rows that stay open until their payee has an account."""
        return tuple(row.entitlement for row in self.rows if not row.is_claimable)

    @cached_property
    def excluded(self) -> list[ClaimRow]:
        """The rows for which stacking groups leave nothing."""
        return [row for row in self.with_account if self.allowances[row.entitlement].is_excluded]

    @cached_property
    def new_payouts(self) -> list[NewPayout]:
        """The payouts to open, with the amounts that stacking groups allow."""
        paid = [(row, self.allowances[row.entitlement]) for row in self.with_account]
        return [
            NewPayout(row.entitlement, row.account, allowance.amount_cny)
            for row, allowance in paid
            if not allowance.is_excluded
        ]

    @property
    def worth_cny(self) -> Decimal:
        """The value of the claim in yuan, with the entitlements that lack an account."""
        whole = Decimal(0)
        for row in self.rows:
            whole += self.allowances[row.entitlement].amount_cny if row.is_claimable else row.amount_cny
        return whole

    @property
    def is_stacked(self) -> bool:
        """Whether a policy of the claim is in a stacking group."""
        return any(row.is_stacked for row in self.rows)


@dataclass(frozen=True, slots=True)
class Round:
    """The clicks that one transaction can decide, and the refused ones; all other clicks are left for another round."""

    claims: Sequence[LockedClaim]
    refused: Mapping[int, ClaimRefused]


def choose_round(due: Mapping[int, Click], locked: LockedRows, today: date, *, waits: bool) -> Round:
    """
    Choose, in their order, clicks that do not influence each other's outcome.

    Two clicks for the same entitlement, person, seat or company are decided one after the other. Unless the round
    waits, a click is left out if another transaction holds one of its rows.
    """
    claims: list[LockedClaim] = []
    refused: dict[int, ClaimRefused] = {}
    taken: set[Hashable] = set()
    for number, click in due.items():
        rows = [locked.asked[each] for each in sorted(set(click.entitlement_ids)) if each in locked.asked]
        if not waits and len(rows) < len(set(click.entitlement_ids)):
            continue
        try:
            check_rows(click, rows, today)
        except ClaimRefused as refusal:
            refused[number] = refusal
            continue
        keys = set(_list_keys(click, rows, locked))
        if taken.isdisjoint(keys) and (waits or locked.held_elsewhere.isdisjoint(locked.ids_beside(rows))):
            taken |= keys
            claims.append(LockedClaim(number, click, rows))
    return Round(claims, refused)


def _list_keys(click: Click, rows: Sequence[ClaimRow], locked: LockedRows) -> Iterator[Hashable]:
    """List the keys that only one click of a round may have."""
    yield "company", click.company_id
    for row in rows:
        yield "entitlement", row.entitlement
        for person in row.persons or ():
            yield "person", row.policy, row.period_key, person
    # A rival that wants several seats connects the clicks for these seats.
    for entitlement in locked.ids_beside(rows):
        yield "entitlement", entitlement
        for key in locked.seat_keys[entitlement]:
            yield "seat", key


def decide_allowances(claims: Sequence[LockedClaim], locked: LockedRows) -> None:
    """Decide what each claim is paid; the seats of stacking groups stay locked until the transaction ends."""
    for claim in claims:
        claim.allowances.update((row.entitlement, Allowance(row.amount_cny)) for row in claim.with_account)
    wanted = [row for claim in claims for row in claim.with_account if row.is_stacked]
    if not wanted:
        return
    lock_seats(entitlement_ids=[row.entitlement for row in wanted])
    bids = [
        *(row.seat_request for row in wanted),
        *(row.seat_request._replace(is_asked=False) for row in _list_competitors(claims, locked)),
    ]
    at = {key for each in bids for key in locked.seat_keys.get(each.entitlement_id, ())}
    allowed = SeatOccupancy(locked.seat_keys, read_seats(of=at)).allowances(bids)
    for claim in claims:
        mine = [row.entitlement for row in claim.with_account if row.is_stacked]
        claim.allowances.update((each, allowed[each]) for each in mine)


def _list_competitors(claims: Sequence[LockedClaim], locked: LockedRows) -> list[ClaimRow]:
    """List the claimable rows that want the same seats and that no click of this round asks for."""
    asked = {row.entitlement for claim in claims for row in claim.rows}
    others = [row for row in locked.asked.values() if row.is_stacked and row.entitlement not in asked]
    return [row for row in (*locked.rivals.values(), *others) if row.is_claimable]


def check_terms(claim: LockedClaim) -> None:
    """
    Check that the owner gets the amount, and signed the commitments, that the page showed.

    Raises:
        Excluded, AmountChanged, CommitmentChanged, NotCommitted: it is not so.
    """
    click, allowances = claim.click, claim.allowances
    if excluded := [allowances[row.entitlement] for row in claim.excluded]:
        raise Excluded(" ".join(sorted(set(explain_limits(limited=excluded).values()))))
    if click.shown_cny is not None and _is_other(claim.worth_cny, click.shown_cny, claim):
        raise AmountChanged(_("An amount changed since the page was shown. Look at the new sum and claim again."))
    committing = {row.version for row in claim.rows if row.has_commitment}
    if click.read is not None and not committing.issubset(click.read):
        raise CommitmentChanged(_("A commitment changed since the page was shown. Read it and claim again."))
    if committing and not click.commitment.strip():
        raise NotCommitted(_("Tick the commitment before you claim."))


def _is_other(worth_cny: Decimal, shown_cny: Decimal, claim: LockedClaim) -> bool:
    # Unticked entitlements leave more of a group's cap to the others than the page could know.
    return worth_cny < shown_cny or (worth_cny > shown_cny and not claim.is_stacked)
