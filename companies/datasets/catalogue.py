"""The words a rule may mention: facts, grouped by the dataset that carries them.

A catalogue is plain data. The real one is derived from the contracts (`companies.contracts.facts`); the rule
language and its tests also build catalogues by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from qinqing.kernel.text import Bilingual

# The catalogue's units behind a number: in Chinese, and in English for one and for many.
UNITS = {
    "元": ("元", "yuan", "yuan"),
    "人": ("人", "person", "people"),
    "月": ("个月", "month", "months"),
    "岁": ("岁", "year", "years"),
}


def unit_name(unit: str, *, of: object = None) -> Bilingual:
    """A unit of the catalogue in both languages, as it stands behind that number."""
    zh, one, many = UNITS.get(unit, (unit, unit, unit))
    return Bilingual(zh, one if of == 1 else many)


class FactType(StrEnum):
    """What kind of value a fact has; months and quarters are strings such as "2022-01" and "2023Q3"."""

    NUMBER = "number"
    STRING = "string"
    BOOLEAN = "boolean"
    DATE = "date"
    # Only facts that are given by hand have these types; no department delivers them.
    DAYS = "days and time duration"
    MONTHS = "years and months duration"
    DATE_TIME = "date and time"
    TIME = "time"
    NULL = "null"


class Absence(StrEnum):
    """What it means that a department delivered no row about a subject."""

    UNKNOWN = "unknown"  # Nobody told us; nothing follows.
    NONE = "none"  # The department's register is complete, so there is nothing (a list of offenders).


@dataclass(frozen=True, slots=True)
class Fact:
    """
    One typed thing known about a company or a person.

    `name` is the identifier after the group's dot ("revenue" in `tax[year = 2019].revenue`), `column` the
    database column that holds it, `unit` a word for people ("元", "m²", ""), `values` the codes that it may have
    with the Chinese and English names of each, where they are few.
    """

    name: str
    name_zh: str
    name_en: str
    type: FactType
    column: str
    unit: str = ""
    is_required: bool = False  # The column is NOT NULL, so that a sum over it need not look for gaps.
    is_list: bool = False  # A bare value given by hand may be a list of single values.
    values: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FactGroup:
    """
    The facts of one dataset as a rule sees them: one record of a subject, or a list of records.

    `relation` is a table or view with `owner_column` naming the subject (a company's or a person's id).
    `is_list` says whether a subject has many records; a record group has at most one.
    `freshness_days` is how old the dataset's last delivery may be on the policy's as-of date; None means
    that the dataset is history and never goes stale.
    """

    name: str
    name_zh: str
    name_en: str
    dataset: str
    department: str
    relation: str
    owner_column: str
    is_list: bool
    facts: Mapping[str, Fact]
    absence: Absence = Absence.UNKNOWN
    freshness_days: int | None = None
    key: frozenset[str] = (
        frozenset()
    )  # Facts that together pick at most one of a subject's records, by a unique constraint.
    subject: str = "company"  # whose id `owner_column` holds: "company", "employee" or "spouse"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All groups a rule may mention; `values` are bare names without a group, for facts given by hand."""

    groups: Mapping[str, FactGroup]
    values: Mapping[str, Fact] = field(default_factory=dict)
