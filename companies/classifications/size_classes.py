"""Size classes by the 2017 table of the National Bureau of Statistics; Python and SQL use the same table."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal as OneOf
from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _
from psycopg.sql import SQL, Composable, Identifier, Literal

Measure = OneOf["staff", "revenue_cny", "assets_cny"]
TEN_THOUSAND = 10_000


class Size(models.TextChoices):
    """Size classes of the National Bureau of Statistics, 2017."""

    LARGE = "large", _("large")
    MEDIUM = "medium", _("medium")
    SMALL = "small", _("small")
    MICRO = "micro", _("micro")


class Bound(NamedTuple):
    """The least of a measure for a large, a medium and a small firm, in heads or yuan."""

    measure: Measure
    large: int
    medium: int
    small: int


class SizeRule(NamedTuple):
    """One row of the table: the industries that it covers, by the beginnings of their codes, and its bounds."""

    prefixes: tuple[str, ...]
    bounds: tuple[Bound, ...]


def _staff(large: int, medium: int, small: int) -> Bound:
    return Bound("staff", large, medium, small)


def _revenue(large: int, medium: int, small: int) -> Bound:
    """Bounds of revenue, given in 10,000 yuan as the table does."""
    return Bound("revenue_cny", large * TEN_THOUSAND, medium * TEN_THOUSAND, small * TEN_THOUSAND)


def _assets(large: int, medium: int, small: int) -> Bound:
    """Bounds of total assets, given in 10,000 yuan as the table does."""
    return Bound("assets_cny", large * TEN_THOUSAND, medium * TEN_THOUSAND, small * TEN_THOUSAND)


# Not covered: railways (G53), finance (J), letting of own property (K704), education (P), health (Q84), public
# administration (S) and international bodies (T).
TABLE = (
    SizeRule(("A",), (_revenue(20_000, 500, 50),)),
    SizeRule(("B", "C", "D"), (_staff(1_000, 300, 20), _revenue(40_000, 2_000, 300))),
    SizeRule(("E",), (_revenue(80_000, 6_000, 300), _assets(80_000, 5_000, 300))),
    SizeRule(("F51",), (_staff(200, 20, 5), _revenue(40_000, 5_000, 1_000))),
    SizeRule(("F52",), (_staff(300, 50, 10), _revenue(20_000, 500, 100))),
    SizeRule(("G54", "G55", "G56", "G57", "G58"), (_staff(1_000, 300, 20), _revenue(30_000, 3_000, 200))),
    SizeRule(("G59",), (_staff(200, 100, 20), _revenue(30_000, 1_000, 100))),
    SizeRule(("G60",), (_staff(1_000, 300, 20), _revenue(30_000, 2_000, 100))),
    SizeRule(("H61", "H62"), (_staff(300, 100, 10), _revenue(10_000, 2_000, 100))),
    SizeRule(("I63", "I64"), (_staff(2_000, 100, 10), _revenue(100_000, 1_000, 100))),
    SizeRule(("I65",), (_staff(300, 100, 10), _revenue(10_000, 1_000, 50))),
    SizeRule(("K701",), (_revenue(200_000, 1_000, 100), _assets(10_000, 5_000, 2_000))),
    SizeRule(("K702",), (_staff(1_000, 300, 100), _revenue(5_000, 1_000, 500))),
    SizeRule(("L",), (_staff(300, 100, 10), _assets(120_000, 8_000, 100))),
    SizeRule(("K703", "K709", "M", "N", "O", "Q85", "R"), (_staff(300, 100, 10),)),
)


def size_class(
    *, industry_code: str, staff: int | None, revenue_cny: Decimal | None, assets_cny: Decimal | None
) -> Size | None:
    """
    The size class of a firm; a class needs all of its lower bounds, otherwise it is one class down.

    `industry_code` is a section letter with 2 to 4 digits of GB/T 4754. None where the table does not cover the
    industry or a number that it asks for is missing.
    """
    numbers = {"staff": staff, "revenue_cny": revenue_cny, "assets_cny": assets_cny}
    row = next((row for row in TABLE if industry_code.startswith(row.prefixes)), None)
    if row is None:
        return None
    measured = [(numbers[bound.measure], bound) for bound in row.bounds]
    if any(number is None for number, _bound in measured):
        return None
    for size in (Size.LARGE, Size.MEDIUM, Size.SMALL):
        if all(number is not None and number >= getattr(bound, size.value) for number, bound in measured):
            return size
    return Size.MICRO


def size_sql() -> Composable:
    """The size class as an SQL expression over the columns `industry_code`, `staff`, `revenue_cny` and `assets_cny`."""
    covered = [SQL("WHEN {} THEN {}").format(_covers_condition(row), _size_in(row)) for row in TABLE]
    return SQL("CASE {} END").format(SQL(" ").join(covered))


def _covers_condition(row: SizeRule) -> Composable:
    starts = [SQL("starts_with(industry_code, {})").format(Literal(prefix)) for prefix in row.prefixes]
    return SQL("({})").format(SQL(" OR ").join(starts))


def _size_in(row: SizeRule) -> Composable:
    known = SQL(" AND ").join(SQL("{} IS NOT NULL").format(Identifier(bound.measure)) for bound in row.bounds)
    classes = [
        SQL("WHEN {} THEN {}").format(_reaches_condition(row, size), Literal(size.value))
        for size in (Size.LARGE, Size.MEDIUM, Size.SMALL)
    ]
    return SQL("CASE WHEN NOT ({}) THEN NULL {} ELSE {} END").format(
        known, SQL(" ").join(classes), Literal(Size.MICRO.value)
    )


def _reaches_condition(row: SizeRule, size: Size) -> Composable:
    reached = [
        SQL("{} >= {}").format(Identifier(bound.measure), Literal(getattr(bound, size.value))) for bound in row.bounds
    ]
    return SQL(" AND ").join(reached)
