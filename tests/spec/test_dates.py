"""Dates and durations."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from policies.feel.functions.registry import built_in_names, find_built_in
from policies.feel.types.values import Days, Months
from tests.spec.engines import answer

pytestmark = pytest.mark.django_db

TABLE = [
    ('date("2019-09-01")', dt.date(2019, 9, 1)),
    ('@"2024-02-29"', dt.date(2024, 2, 29)),
    ('date("2019-09-01") < @"2019-09-02"', True),
    ("date(2024, 2, 29)", dt.date(2024, 2, 29)),
    ("date(2023, 2, 29)", None),
    ("date(2023, 13, 1)", None),
    ("date(2023, null, 1)", None),
    ("date(year: 2023, month: 1, day: 31)", dt.date(2023, 1, 31)),
    ('date("2023-" + "02-28")', dt.date(2023, 2, 28)),
    ('date("2023-" + "02-30")', None),
    ('date("2023-" + "2-3")', None),
    ('date("a" + "b")', None),
    ('date("2019-09-01").year', 2019),
    ('date("2019-09-01").month', 9),
    ('date("2019-09-01").day', 1),
    ('date("2019-09-01").weekday', 7),
    ('day of year(date("2020-12-31"))', 366),
    ('week of year(date("2003-12-29"))', 1),
    ('duration("P1Y2M")', Months(14)),
    ('duration("-P1DT2H")', Days(Decimal(-93600))),
    ('duration("PT36H") = @"P1DT12H"', True),
    ('@"P1M" < @"P2M"', True),
    ('date("2024-03-01") - date("2024-02-01")', Days(Decimal(29 * 86400))),
    ('date("2024-03-01") - date("2024-02-01") > @"P28D"', True),
    ('date("2024-03-01") - null', None),
    ('date("2024-01-31") + @"P1M"', dt.date(2024, 2, 29)),
    ('@"-P1Y" + date("2024-02-29")', dt.date(2023, 2, 28)),
    ('date("2024-02-29") - @"P12M"', dt.date(2023, 2, 28)),
    ('date("9999-12-31") + @"P1M"', None),
    ('date("0001-01-01") - @"P1M"', None),
    ('date("2024-02-28") + @"P2D"', dt.date(2024, 3, 1)),
    ('@"P2D" + date("2024-02-28")', dt.date(2024, 3, 1)),
    ('date("2024-03-01") - @"PT25H"', dt.date(2024, 2, 28)),
    ('date("2024-03-01") + @"PT25H"', dt.date(2024, 3, 2)),
    ('date("9999-12-31") + @"P1D"', None),
    ('date("2024-03-01") + @"P999999999D"', None),
    ('@"P1D" + @"PT2H"', Days(Decimal(93600))),
    ('@"P1D" - @"P2D"', Days(Decimal(-86400))),
    ('@"P1Y" + @"P1M"', Months(13)),
    ('-@"P1Y" = @"-P12M"', True),
    ('abs(@"-P1D")', Days(Decimal(86400))),
    ('abs(@"-P1M")', Months(1)),
    ('@"P1D" * 1.5', Days(Decimal(129600))),
    ('2 * @"P1D" / 4', Days(Decimal(43200))),
    ('@"P1D" / 0', None),
    ('@"P10D" / @"P4D"', Decimal("2.5")),
    ('@"P1Y" / @"P5M"', Decimal("2.4")),
    ('(date("2024-03-01") - date("2024-01-01")).days', 60),
    ('@"-P1DT2H3M4S".days', -1),
    ('@"-P1DT2H3M4S".hours', -2),
    ('@"P1DT2H3M4S".minutes', 3),
    ('@"P1DT2H3M4S".seconds', 4),
    ('@"P14M".years', 1),
    ('@"P14M".months', 2),
    ('years and months duration(date("2011-12-22"), date("2013-08-24"))', Months(20)),
    ('years and months duration(date("2013-08-24"), date("2011-12-22"))', Months(-20)),
    ('years and months duration(date("2024-01-31"), date("2024-02-29"))', Months(0)),
    ('years and months duration(date("2024-02-29"), date("2024-01-31"))', Months(0)),
    ('years and months duration(from: date("2024-01-01"), to: null)', None),
    ('day of week(date("2019-09-17"))', "Tuesday"),
    ('month of year(date("2019-09-17"))', "September"),
    ('string(date("2019-09-17"))', "2019-09-17"),
]


@pytest.mark.parametrize(("rule", "expected"), TABLE)
def test_dates(rule: str, expected: object) -> None:
    assert answer(rule) == expected


def test_a_date_that_is_text_in_the_facts() -> None:
    for text, expected in [("2021-02-28", dt.date(2021, 2, 28)), ("2021-02-30", None), ("soon", None), (None, None)]:
        assert answer("date(text)", {"text": text}) == expected


def test_a_date_in_wide_digits_is_none() -> None:
    assert answer("date(text)", {"text": "２０２４-０１-０１"}) is None


def test_no_function_takes_wide_digits_for_digits() -> None:
    # PostgreSQL's “\d” matches these digits under ICU's collations, and the cast that follows would fail.
    built_in = [found for name in built_in_names() if isinstance(found := find_built_in(name), list)]
    assert [function.name for found in built_in for function in found if r"\d" in function.sql] == []
