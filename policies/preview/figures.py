"""
The figures of a preview and of a back-test. They are plain and use codes, so that they can be stored; a page shows
names.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class StepCounts:
    """
    One clause, or the amount as the last step (`number` None), in the funnel.

    Of the rows that passed the steps before it, `failed` are removed because it is false and `unknown` because a fact
    is missing; `left` go on. `fails_alone` and `unknown_alone` count all rows, whatever the other steps say.
    `nearly` fail this clause and no other; half of them miss it by no more than `distance`, where the clause compares
    numbers.
    """

    number: int | None
    failed: int
    unknown: int
    left: int
    fails_alone: int
    unknown_alone: int
    nearly: int
    distance: Decimal | None


@dataclass(frozen=True, slots=True)
class Segment:
    """The eligible subjects of a district, an industry's section or a size class; an empty key is “not known”."""

    key: str
    count: int
    firm_count: int
    total_cny: Decimal


@dataclass(frozen=True, slots=True)
class Segments:
    """The eligible subjects cut in three ways, the largest sum first."""

    district: tuple[Segment, ...]
    industry: tuple[Segment, ...]
    size: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class UnknownFor:
    """The number of rows that are undecided because a dataset has nothing about them."""

    dataset: str
    count: int
    is_stale: bool


@dataclass(frozen=True, slots=True)
class Sample:
    """
    One row with the verdict of each clause: None is unknown; `nearly` says that exactly one clause fails.

    `person` is masked. `facts` are the values as JSON, by their text in the rule language.
    """

    firm: str
    credit_code: str
    district: str
    person: str
    period: str
    verdict: bool | None
    nearly: bool
    amount_cny: Decimal | None
    clauses: tuple[bool | None, ...]
    facts: dict[str, object]


@dataclass(frozen=True, slots=True)
class Spread:
    """The amounts per subject, in yuan: the least, the middle and the largest one."""

    least_cny: Decimal
    middle_cny: Decimal
    largest_cny: Decimal


@dataclass(frozen=True, slots=True)
class Unpayable:
    """
    The eligible subjects whose money goes to a third party that has no account in use.

    `unnamed` of the `count` do not even say to whom; the others name `payees` third parties, of which `codes` are those
    with the most.
    """

    count: int
    total_cny: Decimal
    unnamed: int
    payees: int
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """
    What a wording would do on `as_of_on`; claims already made are not taken off.

    `count` subjects of `firm_count` distinct firms, `employee_count` distinct people among them, are eligible for
    `total_cny`; `ineligible` and `unknown` count the other rows. Of `city_firms` firms `looked_at` were decided: when
    those are fewer, all counts and sums are scaled up, and with 95 % certainty the true `firm_count` and `total_cny`
    lie no further off than the margins.
    """

    as_of_on: dt.date
    city_firms: int
    looked_at: int
    rows: int
    count: int
    firm_count: int
    employee_count: int
    total_cny: Decimal
    ineligible: int
    unknown: int
    firm_margin: int
    total_margin_cny: Decimal
    spread: Spread | None
    steps: tuple[StepCounts, ...]
    parts: Segments
    unknown_for: tuple[UnknownFor, ...]
    samples: tuple[Sample, ...]
    unpayable: Unpayable | None = None

    @property
    def is_exact(self) -> bool:
        """Whether every firm was decided."""
        return self.looked_at == self.city_firms

    @property
    def counted_elsewhere(self) -> int:
        """Eligible rows whose subject is counted by another row, such as an employee of two firms."""
        return max(self.rows - self.count - self.ineligible - self.unknown, 0)


@dataclass(frozen=True, slots=True)
class Change:
    """What one subject got under the version in force and would get under the draft; None where it is not entitled."""

    firm: str
    credit_code: str
    person: str
    before_cny: Decimal | None
    after_cny: Decimal | None

    @property
    def difference_cny(self) -> Decimal:
        """After less before."""
        return (self.after_cny or Decimal(0)) - (self.before_cny or Decimal(0))


@dataclass(frozen=True, slots=True)
class BackTest:
    """
    A wording against another over the same facts, subject by subject (or firm by firm when they pay different ones).

    `winners` get more, of whom `newcomers` got nothing; `losers` get less, of whom `dropped` get nothing. The sums
    are what all of them get before and after; `gained_cny` less `lost_cny` is the difference. `against` is the id of
    the version that was in force, None in figures that were stored before that was kept.
    """

    by_firm: bool
    city_firms: int
    looked_at: int
    winners: int
    newcomers: int
    losers: int
    dropped: int
    unchanged: int
    before_cny: Decimal
    after_cny: Decimal
    gained_cny: Decimal
    lost_cny: Decimal
    gains: tuple[Change, ...]
    losses: tuple[Change, ...]
    against: int | None = None

    @property
    def difference_cny(self) -> Decimal:
        """What the new wording costs more, or, below zero, less."""
        return self.after_cny - self.before_cny

    @property
    def is_exact(self) -> bool:
        """Whether every firm was decided."""
        return self.looked_at == self.city_firms
