"""The explanation of a version to a company: the verdict, each condition, each row, and missing data."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from qinqing.kernel.text import Bilingual


class Verdict(TextChoices):
    """The verdict of the rules; unknown while a fact that matters is missing."""

    ELIGIBLE = "eligible", _("eligible")
    INELIGIBLE = "ineligible", _("not eligible")
    UNKNOWN = "unknown", _("unknown: data is missing")


@dataclass(frozen=True, slots=True)
class FactShown:
    """
    A fact that a rule looks at.

    `path` is its text in the rule language, `label` the same in plain words. `value` is None when it is missing,
    stale, or differs from item to item.
    """

    path: str
    label: Bilingual
    value: object
    dataset: str
    department: Bilingual
    as_of_on: dt.date | None
    is_stale: bool
    is_of_item: bool


@dataclass(frozen=True, slots=True)
class ClauseReason:
    """
    One condition. `verdict` is True if it holds for at least one row, False if it fails for all rows, and None if that
    is unknown. `passing`, `failing` and `unknown` count rows; a policy of companies has one.
    """

    number: int
    title: Bilingual
    feel: str
    in_words: Bilingual
    verdict: bool | None
    passing: int
    failing: int
    unknown: int
    facts: tuple[FactShown, ...]


@dataclass(frozen=True, slots=True)
class ItemReason:
    """
    One row of a policy that pays once per employee, month, title, …

    `clauses` has the verdicts by position, `facts` the row's own values by path. `is_held_elsewhere` says that another
    firm has the entitlement of this subject.
    """

    label: str
    verdict: Verdict
    amount_cny: Decimal | None
    clauses: tuple[bool | None, ...]
    facts: dict[str, object]
    is_held_elsewhere: bool


@dataclass(frozen=True, slots=True)
class Missing:
    """A dataset that leaves the verdict unknown: it has nothing about this company, or is stale."""

    dataset: Bilingual
    department: Bilingual
    as_of_on: dt.date | None
    is_stale: bool


@dataclass(frozen=True, slots=True)
class Reasons:
    """
    The verdict about a company under a version.

    `amount_cny` is the sum of the eligible rows. `items` has the first rows, eligible ones before others; it is empty
    for a policy of companies. `row_count` counts all rows. `shut_out_count` counts rows that meet the conditions, but
    of whose people one has claimed under another key; `elsewhere_count` counts rows that meet them, but whose
    entitlement another firm has.
    """

    verdict: Verdict
    amount_cny: Decimal
    as_of_on: dt.date
    clauses: tuple[ClauseReason, ...]
    items: tuple[ItemReason, ...]
    row_count: int
    shut_out_count: int
    elsewhere_count: int
    missing: tuple[Missing, ...]

    @property
    def failing(self) -> tuple[ClauseReason, ...]:
        """The conditions that certainly fail."""
        return tuple(clause for clause in self.clauses if clause.verdict is False)
