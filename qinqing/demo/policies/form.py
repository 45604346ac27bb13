"""The form in which the demo's policies are written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from policies.authoring.parts import ClauseText, ExampleText, ParameterText, TableText, ValueText
from policies.models import Payee, Pool, ReminderMoment, Subject, Track
from qinqing.kernel.text import Bilingual


@dataclass(frozen=True, slots=True)
class DemoShares:
    """Which level carries which part of a policy’s money, everywhere or in one district, and who pays first."""

    parts: Mapping[str, Decimal]
    advance_payer: str = ""
    district: str = ""


@dataclass(frozen=True, slots=True)
class DemoPolicy:
    """
    A policy and its first version.

    `granted_cny` is enough for a city of 160,000 companies; firms may claim for `window_days`.
    """

    code: str
    title: Bilingual
    summary: Bilingual
    department: str
    clauses: tuple[ClauseText, ...]
    amount_feel: str
    granted_cny: Decimal
    as_of_on: dt.date
    subject: Subject = Subject.COMPANY
    payee: Payee = Payee.COMPANY
    payee_feel: str = ""
    period_label: str = ""
    minimum_cny: Decimal | None = None
    cap_cny: Decimal | None = None
    track: Track = Track.INSTANT
    publicise_days: int | None = None
    counts_working_days: bool = False
    list_is_public: bool = False
    reminders: tuple[ReminderMoment, ...] = ()
    pool: Pool = Pool.FIRST_COME
    limit_feel: str = ""
    window_days: int = 90
    parameters: tuple[ParameterText, ...] = ()
    tables: tuple[TableText, ...] = ()
    examples: tuple[ExampleText, ...] = ()
    shares: tuple[DemoShares, ...] = ()

    @property
    def commitment(self) -> Bilingual:
        """The commitment that the firm signs with its click."""
        return Bilingual(
            f"本单位已阅读“{self.title.zh}”的条件，承诺符合全部条件、所涉信息真实；如有不实，愿退回资金并承担相应责任。",
            f"We have read the conditions of “{self.title.en}” and meet all of them; what is known about us is true. "
            "Should it prove otherwise, we return the money and answer for it.",
        )


def parameter(name: str, name_zh: str, name_en: str, unit: str, *values: ValueText) -> ParameterText:
    """A parameter with its values."""
    return ParameterText(name=name, name_zh=name_zh, name_en=name_en, unit=unit, values=values)


def always(value: str) -> ValueText:
    """A parameter's value everywhere and at any time."""
    return ValueText(Decimal(value))


def since(year: int, month: int, day: int, value: str) -> ValueText:
    """A parameter's value from a day on."""
    return ValueText(Decimal(value), valid_from=dt.date(year, month, day))


def in_district(district: str, value: str) -> ValueText:
    """A parameter's value in one district."""
    return ValueText(Decimal(value), district=district)


def eligible(title: str, amount: str, /, **facts: object) -> ExampleText:
    """An example of somebody who is paid this amount."""
    return ExampleText(title, facts, "eligible", Decimal(amount))


def ineligible(title: str, /, **facts: object) -> ExampleText:
    """An example of somebody who is not paid."""
    return ExampleText(title, facts, "ineligible")


def unknown(title: str, /, **facts: object) -> ExampleText:
    """An example of somebody about whom a fact is missing."""
    return ExampleText(title, facts, "unknown")


def months(first: str, *values: float, fact: str, **others: object) -> list[Mapping[str, object]]:
    """Records of the months of a year from `first` ("2022-01") on, with these values of a fact."""
    year, start = first[:5], int(first[5:])
    return [{"month": f"{year}{start + place:02d}", fact: value, **others} for place, value in enumerate(values)]
