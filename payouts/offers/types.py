"""The values that a page shows of a company's offers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from payouts.offers.commitments import commitment_text, digest
from policies.explain.evidence import ShownFact
from policies.models import Payee, Subject
from qinqing.kernel.text import Bilingual

# A longer list would be unreadable; the click still claims for the people who are not shown.
LINES_SHOWN = 100
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Line:
    """
    One entitlement of an offer: the person, the month or the certificate it is about, and its amount.

    `is_ticked` is true if the line's own box is ticked when the page opens.
    """

    entitlement_id: int
    label: str
    note: str
    amount_cny: Decimal
    is_ticked: bool = True

    @property
    def ticket(self) -> str:
        """The entitlement and the amount that the page showed, as the form sends them back."""
        return f"{self.entitlement_id}={self.amount_cny}"


@dataclass(frozen=True, slots=True)
class Offer:
    """
    Everything that one policy version offers a company.

    `lines` can be claimed now; `waiting_count` more entitlements, worth `waiting_cny`, lack an account to be paid to.
    `is_undivided` means that the pool's money is still to be divided, so the amounts are upper limits.
    """

    version_id: int
    code: str
    title: Bilingual
    department: Bilingual
    commitment: Bilingual
    subject: str
    is_automatic: bool
    # The days on the public list before the payment; None without publicity.
    publicise_days: int | None
    counts_working_days: bool
    opens_on: date
    closes_on: date | None
    conditions: tuple[Bilingual, ...]
    facts: tuple[ShownFact, ...]
    # The company, the employees, or the third parties that `third_parties` names.
    payee: str
    third_parties: tuple[str, ...]
    # The third parties without a checked account, for which entitlements wait.
    missing_payees: tuple[str, ...]
    lines: tuple[Line, ...]
    waiting_count: int
    waiting_cny: Decimal
    # The reasons why stacking groups cut the amounts.
    limits: tuple[str, ...] = ()
    is_undivided: bool = False
    # The bank takes files, which people make and check, so the money comes with the next batch.
    is_paid_by_file: bool = False

    @property
    def amount_cny(self) -> Decimal:
        """The sum of the lines in yuan."""
        return _sum(self.lines)

    @property
    def whole_cny(self) -> Decimal:
        """The sum in yuan, with the entitlements that lack an account."""
        return self.amount_cny + self.waiting_cny

    @property
    def is_ticked(self) -> bool:
        """Whether the offer's own box is ticked, which it is if one of its lines is."""
        return any(line.is_ticked for line in self.lines)

    @property
    def rest(self) -> tuple[Line, ...]:
        """The lines without a box of their own; they follow the offer's box."""
        return self.lines[LINES_SHOWN:] if self.is_grouped else self.lines

    @property
    def rest_cny(self) -> Decimal:
        """The sum of `rest`, in yuan."""
        return _sum(self.rest)

    @property
    def ticket(self) -> str:
        """The entitlements of `rest`, their sum, and the digest of the commitment, as the form sends them back."""
        ids = ".".join(str(line.entitlement_id) for line in self.rest)
        shown = digest(commitment_text(self.title, self.commitment))
        return f"{ids}={self.rest_cny}~{shown}" if ids else f"~{shown}"

    @property
    def is_instant(self) -> bool:
        """Whether the money usually arrives within seconds."""
        return not self.publicise_days and not self.is_paid_by_file

    @property
    def is_for_people(self) -> bool:
        """Whether each entitlement is about a person."""
        return self.subject in (Subject.EMPLOYEE, Subject.COUPLE)

    @property
    def is_paid_to_people(self) -> bool:
        """Whether the employees are paid."""
        return self.payee == Payee.EMPLOYEE

    @property
    def is_paid_to_others(self) -> bool:
        """Whether a third party is paid."""
        return self.payee == Payee.THIRD_PARTY

    @property
    def is_grouped(self) -> bool:
        """Whether the page shows a list of the lines."""
        return self.subject != Subject.COMPANY

    @property
    def shown_lines(self) -> tuple[Line, ...]:
        """The first lines."""
        return self.lines[:LINES_SHOWN]


class Arrival(StrEnum):
    """When the money of a click arrives, for one policy or several."""

    SECONDS = "seconds"
    PUBLICISED = "publicised"  # After its days on the public list.
    BATCH = "batch"  # With the next file for the bank.
    MIXED = "mixed"  # A part of it within seconds.
    DAYS = "days"  # All of it later, for several reasons.


@dataclass(frozen=True, slots=True)
class ExcludedOffer:
    """
    An entitlement that another policy excludes; `why` names that policy.

    By `ticket` the owner claims it instead of the other one; it is empty if the owner cannot choose.
    """

    code: str
    title: Bilingual
    department: Bilingual
    amount_cny: Decimal
    why: str
    ticket: str
    commitment: Bilingual


@dataclass(frozen=True, slots=True)
class ExplainedEntitlement:
    """
    One entitlement with its conditions and the facts that decided them.

    `standing` names the status of an entitlement that is not open any more, for people may keep the page's address.
    """

    title: Bilingual
    code: str
    label: str
    note: str
    amount_cny: Decimal
    as_of_on: date
    standing: str
    conditions: tuple[Bilingual, ...]
    facts: tuple[ShownFact, ...]


@dataclass(frozen=True)
class Offers:
    """The offers of a company on a day: claimable, automatic, and opening later."""

    claimable: tuple[Offer, ...]
    automatic: tuple[Offer, ...]
    later: tuple[Offer, ...]
    # Offers whose payees all lack an account.
    waiting: tuple[Offer, ...]
    excluded: tuple[ExcludedOffer, ...]
    has_account: bool
    # The day for which the offers were read.
    on: date

    @cached_property
    def amount_cny(self) -> Decimal:
        """The sum that one click brings, in yuan."""
        return sum((offer.amount_cny for offer in self.claimable), NOTHING)

    @property
    def ticked_cny(self) -> Decimal:
        """The sum that the click brings with the ticks with which the page opens, in yuan."""
        return _sum([line for offer in self.claimable for line in offer.lines if line.is_ticked])

    @cached_property
    def count(self) -> int:
        """The number of entitlements that one click claims."""
        return sum(len(offer.lines) for offer in self.claimable)

    @property
    def waiting_cny(self) -> Decimal:
        """The sum that only lacks the firm's own account, in yuan."""
        return sum((offer.waiting_cny for offer in self.waiting if offer.payee == Payee.COMPANY), NOTHING)

    @property
    def arrival(self) -> Arrival:
        """When the money of the claimable offers arrives."""
        offers = self.claimable
        if any(offer.is_instant for offer in offers):
            return Arrival.SECONDS if all(offer.is_instant for offer in offers) else Arrival.MIXED
        if all(offer.publicise_days and not offer.is_paid_by_file for offer in offers):
            return Arrival.PUBLICISED
        return Arrival.DAYS if any(offer.publicise_days for offer in offers) else Arrival.BATCH

    @property
    def has_commitment(self) -> bool:
        """Whether the click signs a commitment."""
        return any(offer.commitment.zh for offer in self.claimable)

    @cached_property
    def codes(self) -> frozenset[str]:
        """The codes of the policies that offer anything."""
        offered: tuple[Offer | ExcludedOffer, ...] = (
            *self.claimable,
            *self.automatic,
            *self.later,
            *self.waiting,
            *self.excluded,
        )
        return frozenset(offer.code for offer in offered)


def with_ticks(offers: Offers, *, entitlement_ids: Collection[int]) -> Offers:
    """The offers with exactly these boxes ticked; lines without a box follow their offer."""
    wanted = frozenset(entitlement_ids)
    return replace(offers, claimable=tuple(_with_ticks(offer, wanted) for offer in offers.claimable))


def _with_ticks(offer: Offer, wanted: frozenset[int]) -> Offer:
    boxed = offer.shown_lines if offer.is_grouped else ()
    is_wanted = any(line.entitlement_id in wanted for line in offer.lines)
    own = tuple(replace(line, is_ticked=line.entitlement_id in wanted) for line in boxed)
    return replace(offer, lines=(*own, *(replace(line, is_ticked=is_wanted) for line in offer.rest)))


def _sum(lines: Sequence[Line]) -> Decimal:
    return sum((line.amount_cny for line in lines), NOTHING)
