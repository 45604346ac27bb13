"""The clicks of one transaction with their rows: which of them can be decided together, and what each is paid."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from payouts.claims.clicks import Click
from payouts.claims.insert import Opening
from payouts.claims.locked_rows import ClaimRow, LockedRows
from payouts.claims.refusals import (
    AmountChanged,
    ClaimRefused,
    CommitmentChanged,
    Excluded,
    NotCommitted,
    check_rows,
)
from payouts.offers.seats import Standing, seats, sentences
from policies.stacking.allowances import Allowance
from policies.stacking.seats import lock_seats


@dataclass(frozen=True, slots=True)
class LockedClaim:
    """
    A click whose rows are locked, by its number in the set; nothing keeps them from being claimed but an account.

    `allowances` says by entitlement what each that has an account is paid.
    """

    number: int
    click: Click
    rows: Sequence[ClaimRow]
    allowances: dict[int, Allowance] = field(default_factory=dict)

    @property
    def with_account(self) -> list[ClaimRow]:
        """What can be paid if stacking groups leave something for it."""
        return [row for row in self.rows if row.is_claimable]

    @property
    def without_account(self) -> tuple[int, ...]:
        """What stays open until somebody tells an account."""
        return tuple(row.entitlement for row in self.rows if not row.is_claimable)

    @property
    def excluded(self) -> list[ClaimRow]:
        """What stacking groups leave nothing for."""
        return [row for row in self.with_account if self.allowances[row.entitlement].is_excluded]

    @property
    def opening(self) -> list[Opening]:
        """The payouts that are to be opened, at what each is allowed."""
        paid = [row for row in self.with_account if not self.allowances[row.entitlement].is_excluded]
        return [Opening(row.entitlement, row.account, self.allowances[row.entitlement].amount_cny) for row in paid]

    @property
    def worth_cny(self) -> Decimal:
        """What it comes to in yuan, with what has no account yet."""
        whole = Decimal(0)
        for row in self.rows:
            whole += self.allowances[row.entitlement].amount_cny if row.is_claimable else row.amount_cny
        return whole

    @property
    def is_stacked(self) -> bool:
        """Whether a policy of it is in a stacking group."""
        return any(row.is_stacked for row in self.rows)


@dataclass(frozen=True, slots=True)
class Round:
    """Clicks that can be decided in one transaction, and those that are refused; the others are for another round."""

    claims: Sequence[LockedClaim]
    refused: Mapping[int, ClaimRefused]


def choose_round(due: Mapping[int, Click], locked: LockedRows, today: date, *, waits: bool) -> Round:
    """
    Choose clicks of which none decides about another, in their order.

    Two that want the same entitlement, person or place, or are one company's, are decided one after the other. Unless
    the round waits, a click is left out of which somebody else holds a row.
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
        keys = set(_keys(click, rows, locked))
        if taken.isdisjoint(keys) and (waits or locked.held_elsewhere.isdisjoint(locked.ids_beside(rows))):
            taken |= keys
            claims.append(LockedClaim(number, click, rows))
    return Round(claims, refused)


def _keys(click: Click, rows: Sequence[ClaimRow], locked: LockedRows) -> Iterator[Hashable]:
    """What only one click of a round may touch."""
    yield "company", click.company_id
    for row in rows:
        yield "entitlement", row.entitlement
        for person in row.persons or ():
            yield "person", row.policy, row.period_key, person
    # A rival that wants several places ties them together.
    for entitlement in locked.ids_beside(rows):
        yield "entitlement", entitlement
        for place in locked.places[entitlement]:
            yield "place", place


def decide_allowances(claims: Sequence[LockedClaim], locked: LockedRows) -> None:
    """Say what each is paid; the places of stacking groups stay locked until the transaction ends."""
    for claim in claims:
        claim.allowances.update((row.entitlement, Allowance(row.amount_cny)) for row in claim.with_account)
    wanted = [row for claim in claims for row in claim.with_account if row.is_stacked]
    if not wanted:
        return
    lock_seats(entitlement_ids=[row.entitlement for row in wanted])
    bids = [*(row.wanted for row in wanted), *(row.wanted._replace(is_asked=False) for row in _near(claims, locked))]
    at = {place for each in bids for place in locked.places.get(each.entitlement_id, ())}
    allowed = Standing(locked.places, seats(of=at)).allowances(bids)
    for claim in claims:
        mine = [row.entitlement for row in claim.with_account if row.is_stacked]
        claim.allowances.update((each, allowed[each]) for each in mine)


def _near(claims: Sequence[LockedClaim], locked: LockedRows) -> list[ClaimRow]:
    """What could be claimed at the same places and is not asked for in this round: it stands by."""
    asked = {row.entitlement for claim in claims for row in claim.rows}
    others = [row for row in locked.asked.values() if row.is_stacked and row.entitlement not in asked]
    return [row for row in (*locked.rivals.values(), *others) if row.is_claimable]


def check_terms(claim: LockedClaim) -> None:
    """
    See that the owner gets what the page said, and signed what the policies ask for and the page showed.

    Raises:
        Excluded, AmountChanged, CommitmentChanged, NotCommitted: it is not so.
    """
    click, allowances = claim.click, claim.allowances
    if excluded := [allowances[row.entitlement] for row in claim.excluded]:
        raise Excluded(" ".join(sorted(set(sentences(limited=excluded).values()))))
    if click.shown_cny is not None and _is_other(claim.worth_cny, click.shown_cny, claim):
        raise AmountChanged(_("An amount changed since the page was shown. Look at the new sum and claim again."))
    committing = {row.version for row in claim.rows if row.has_commitment}
    if click.read is not None and not committing.issubset(click.read):
        raise CommitmentChanged(_("A commitment changed since the page was shown. Read it and claim again."))
    if committing and not click.commitment.strip():
        raise NotCommitted(_("Tick the commitment before you claim."))


def _is_other(worth_cny: Decimal, shown_cny: Decimal, claim: LockedClaim) -> bool:
    # What was unticked leaves more of a group's cap to the rest than the page could know.
    return worth_cny < shown_cny or (worth_cny > shown_cny and not claim.is_stacked)
