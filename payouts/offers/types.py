"""What a page shows of what a company can claim: plain values."""

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

# A disclosure of people stays readable; the rest of a large firm's people is claimed for all the same.
LINES_SHOWN = 100
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Line:
    """
    One entitlement of an offer: the person, the month or the certificate it is about, and its amount.

    `is_ticked`: its box is ticked when the page comes; what goes with the offer's own tick follows that.
    """

    entitlement_id: int
    label: str
    note: str
    amount_cny: Decimal
    is_ticked: bool = True

    @property
    def ticket(self) -> str:
        """The entitlement and the amount that was shown, as the form sends it back."""
        return f"{self.entitlement_id}={self.amount_cny}"


@dataclass(frozen=True, slots=True)
class Offer:
    """
    All that one policy version offers a company.

    `lines` can be claimed now; `waiting_count` more, worth `waiting_cny`, have no account to be paid to yet.
    `is_undivided`: its money is still to be divided, so the amounts are the most it can come to.
    """

    version_id: int
    code: str
    title: Bilingual
    department: Bilingual
    commitment: Bilingual
    subject: str
    is_automatic: bool
    # How many days it is shown to everybody before it is paid; None when it is not.
    publicise_days: int | None
    counts_working_days: bool
    opens_on: date
    closes_on: date | None
    conditions: tuple[Bilingual, ...]
    facts: tuple[ShownFact, ...]
    # Who is paid: the company, the employees, or the third parties that `third_parties` names.
    payee: str
    third_parties: tuple[str, ...]
    # The third parties of what waits: none of their accounts has been checked.
    missing_payees: tuple[str, ...]
    lines: tuple[Line, ...]
    waiting_count: int
    waiting_cny: Decimal
    # Why less than the whole is paid, where stacking groups cut.
    limits: tuple[str, ...] = ()
    is_undivided: bool = False
    # Its bank takes files, which people make and check: the money comes with the next batch.
    is_paid_by_file: bool = False

    @property
    def amount_cny(self) -> Decimal:
        """The sum in yuan."""
        return _sum(self.lines)

    @property
    def whole_cny(self) -> Decimal:
        """The sum in yuan, with what has no account to be paid to yet."""
        return self.amount_cny + self.waiting_cny

    @property
    def is_ticked(self) -> bool:
        """Whether the offer's own box is ticked: where one of its lines is."""
        return any(line.is_ticked for line in self.lines)

    @property
    def rest(self) -> tuple[Line, ...]:
        """What goes with the offer's own tick: all lines that have none of their own."""
        return self.lines[LINES_SHOWN:] if self.is_grouped else self.lines

    @property
    def rest_cny(self) -> Decimal:
        """The sum of `rest`, in yuan."""
        return _sum(self.rest)

    @property
    def ticket(self) -> str:
        """The entitlements of `rest`, their sum, and which commitment was shown, as the form sends them back."""
        ids = ".".join(str(line.entitlement_id) for line in self.rest)
        shown = digest(commitment_text(self.title, self.commitment))
        return f"{ids}={self.rest_cny}~{shown}" if ids else f"~{shown}"

    @property
    def is_instant(self) -> bool:
        """Whether its money usually arrives within seconds."""
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
        """Whether there is a list worth showing."""
        return self.subject != Subject.COMPANY

    @property
    def shown_lines(self) -> tuple[Line, ...]:
        """The first lines."""
        return self.lines[:LINES_SHOWN]


class Arrival(StrEnum):
    """When money arrives that is claimed with one click, of one policy or of several."""

    SECONDS = "seconds"
    PUBLICISED = "publicised"  # When its days on the public list are over.
    BATCH = "batch"  # With the next file for its bank.
    MIXED = "mixed"  # Some of it within seconds.
    DAYS = "days"  # All of it later, for more than one reason.


@dataclass(frozen=True, slots=True)
class ExcludedOffer:
    """
    What a company is entitled to and another policy excludes; `why` names that policy.

    `ticket` lets the owner claim it instead of the other, and is empty where that is not his to choose.
    """

    code: str
    title: Bilingual
    department: Bilingual
    amount_cny: Decimal
    why: str
    ticket: str
    commitment: Bilingual


@dataclass(frozen=True, slots=True)
class ExplainedLine:
    """
    One entitlement with the conditions it meets and the facts they were decided by.

    `standing` says what became of it, and is empty while it is open: an address may be kept longer than a right.
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
    """What a company can claim on a day, what comes by itself, and what opens later."""

    claimable: tuple[Offer, ...]
    automatic: tuple[Offer, ...]
    later: tuple[Offer, ...]
    # Offers of which nothing can be paid for want of an account.
    waiting: tuple[Offer, ...]
    excluded: tuple[ExcludedOffer, ...]
    has_account: bool
    # The day it was asked for.
    on: date

    @cached_property
    def amount_cny(self) -> Decimal:
        """What one click brings, in yuan."""
        return sum((offer.amount_cny for offer in self.claimable), NOTHING)

    @property
    def ticked_cny(self) -> Decimal:
        """What the click brings with the ticks that the page comes with, in yuan."""
        return _sum([line for offer in self.claimable for line in offer.lines if line.is_ticked])

    @cached_property
    def count(self) -> int:
        """How many entitlements one click claims."""
        return sum(len(offer.lines) for offer in self.claimable)

    @property
    def waiting_cny(self) -> Decimal:
        """What only lacks the firm's own account, in yuan."""
        return sum((offer.waiting_cny for offer in self.waiting if offer.payee == Payee.COMPANY), NOTHING)

    @property
    def arrival(self) -> Arrival:
        """When the money of what can be claimed arrives."""
        offers = self.claimable
        if any(offer.is_instant for offer in offers):
            return Arrival.SECONDS if all(offer.is_instant for offer in offers) else Arrival.MIXED
        if all(offer.publicise_days and not offer.is_paid_by_file for offer in offers):
            return Arrival.PUBLICISED
        return Arrival.DAYS if any(offer.publicise_days for offer in offers) else Arrival.BATCH

    @property
    def has_commitment(self) -> bool:
        """Whether a commitment goes with the click."""
        return any(offer.commitment.zh for offer in self.claimable)

    @cached_property
    def codes(self) -> frozenset[str]:
        """The policies that offer anything at all."""
        offered: tuple[Offer | ExcludedOffer, ...] = (
            *self.claimable,
            *self.automatic,
            *self.later,
            *self.waiting,
            *self.excluded,
        )
        return frozenset(offer.code for offer in offered)


def with_ticks(offers: Offers, *, entitlement_ids: Collection[int]) -> Offers:
    """The offers with those ticks alone; what has no box of its own is ticked together with its offer."""
    wanted = frozenset(entitlement_ids)
    return replace(offers, claimable=tuple(_with_ticks(offer, wanted) for offer in offers.claimable))


def _with_ticks(offer: Offer, wanted: frozenset[int]) -> Offer:
    boxed = offer.shown_lines if offer.is_grouped else ()
    is_wanted = any(line.entitlement_id in wanted for line in offer.lines)
    own = tuple(replace(line, is_ticked=line.entitlement_id in wanted) for line in boxed)
    return replace(offer, lines=(*own, *(replace(line, is_ticked=is_wanted) for line in offer.rest)))


def _sum(lines: Sequence[Line]) -> Decimal:
    return sum((line.amount_cny for line in lines), NOTHING)
