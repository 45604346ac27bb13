"""What a company is told about a version: the verdict, each condition, each row, and what is missing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from qinqing.kernel.text import Bilingual


class Verdict(TextChoices):
    """What the facts say; unknown while one that matters is missing."""

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
    One condition: `verdict` is True when it holds (for a policy of items: for at least one), False when it fails
    (for all of them), None when that is unknown. The counts are rows: 1 for the company itself.
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

    `clauses` are the verdicts by position, `facts` the row's own values by path. `is_held_elsewhere`: another firm
    has the entitlement of this subject.
    """

    label: str
    verdict: Verdict
    amount_cny: Decimal | None
    clauses: tuple[bool | None, ...]
    facts: dict[str, object]
    is_held_elsewhere: bool


@dataclass(frozen=True, slots=True)
class Missing:
    """A dataset that leaves the verdict unknown: it says nothing about this company, or is too old."""

    dataset: Bilingual
    department: Bilingual
    as_of_on: dt.date | None
    is_stale: bool


@dataclass(frozen=True, slots=True)
class Reasons:
    """
    The verdict about a company under a version.

    `amount_cny` is what the eligible rows come to; `items` are the first of the rows, the eligible ones first, and
    empty for a policy of companies; `row_count` counts all of them. `shut_out_count` are those of couples that meet the
    conditions, but one of whom has claimed otherwise; `elsewhere_count` those that meet them, and another firm has
    their entitlement.
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
        """The conditions that stand in the way for certain."""
        return tuple(clause for clause in self.clauses if clause.verdict is False)
