"""Dates with a time of day, and times of day: places, far years, and unknown moments."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from policies.feel.checking.check import check
from policies.feel.messages.errors import FeelError
from policies.feel.standard.moments import format_moment, parse_date_time, parse_time
from policies.feel.types.values import Days, Months
from tests.spec.engines import CATALOGUE, answer

pytestmark = pytest.mark.django_db


def _written(value: Any) -> Any:
    return value if isinstance(value, str | Decimal | Days | Months) or value is None else format_moment(value)


READ = [
    # text, what it is written back as; None is no moment
    ("2024-02-29T10:30:00", "2024-02-29T10:30:00"),
    ("2023-02-29T10:30:00", None),
    ("1900-02-29T10:30:00", None),
    ("2000-02-29T10:30:00", "2000-02-29T10:30:00"),
    ("2024-01-01T24:00:00", "2024-01-02T00:00:00"),
    ("2024-01-01T24:00:01", None),
    ("2024-01-01T10:30:00.120+08:00", "2024-01-01T10:30:00.12+08:00"),
    ("2024-01-01T10:30:00+00:00", "2024-01-01T10:30:00Z"),
    ("2024-01-01T10:30:00-18:00", "2024-01-01T10:30:00-18:00"),
    ("2024-01-01T10:30:00-18:01", None),
    ("-0044-03-15T12:00:00", "-0044-03-15T12:00:00"),
    ("0000-01-01T00:00:00", None),
    ("999999999-12-31T23:59:59", "999999999-12-31T23:59:59"),
    ("012345-01-01T00:00:00", None),
    ("2024-01-01", "2024-01-01T00:00:00"),
    ("2024-01-01 10:30:00", None),
    ("10:30:00", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "expected"), READ)
def test_a_text_is_read_or_null(text: str, expected: str | None) -> None:
    assert _written(answer("date and time(t)", {"t": text})) == expected
    read = parse_date_time(text)
    assert (read and format_moment(read)) == expected


CLOCKS = [
    ("10:30:00", "10:30:00"),
    ("10:30:00.5Z", "10:30:00.5Z"),
    ("24:00:00", "00:00:00"),
    ("23:60:00", None),
    ("9:30:00", None),
    ("10:30:00+08:00", "10:30:00+08:00"),
]


@pytest.mark.parametrize(("text", "expected"), CLOCKS)
def test_a_text_is_a_time_of_day_or_null(text: str, expected: str | None) -> None:
    assert _written(answer("time(t)", {"t": text})) == expected
    read = parse_time(text)
    assert (read and format_moment(read)) == expected


MOVED = [
    ('@"2024-01-31T10:00:00" + @"P1M"', "2024-02-29T10:00:00"),
    ('@"2024-02-29T10:00:00" - @"P1Y"', "2023-02-28T10:00:00"),
    ('@"0001-01-01T00:00:00" - @"PT1S"', "0000-12-31T23:59:59"),
    ('@"2399-12-31T23:00:00" + @"PT2H"', "2400-01-01T01:00:00"),
    ('@"999999999-12-31T23:00:00" + @"PT2H"', None),
    ('@"999999999-12-31T23:00:00" + @"P1M"', None),
    ('@"23:00:00+08:00" + @"PT2H"', "01:00:00+08:00"),
    ('@"00:00:00" - @"PT0.5S"', "23:59:59.5"),
    ('date and time(@"2024-02-29", @"10:00:00")', "2024-02-29T10:00:00"),
    ('date and time(@"2024-02-29T23:00:00Z", @"10:00:00")', "2024-02-29T10:00:00"),
    ('time(@"2024-02-29T23:00:00Z")', "23:00:00Z"),
    ("time(23, 59, 1.5)", "23:59:01.5"),
    ("time(24, 0, 0)", None),
    ('time(1, 2, 3, @"PT19H")', None),
    # On the last Sunday of March a zone puts its clock on: two hours later it shows three hours more.
    ('@"2024-03-31T01:30:00@Europe/Paris" + @"PT2H"', "2024-03-31T04:30:00@Europe/Paris"),
    ('@"2024-03-31T04:30:00@Europe/Paris" - @"PT2H"', "2024-03-31T01:30:00@Europe/Paris"),
]


@pytest.mark.parametrize(("rule", "expected"), MOVED)
def test_moments_move(rule: str, expected: str | None) -> None:
    assert _written(answer(rule)) == expected


APART = [
    # a, b, a - b, =, <
    ("2024-03-01T00:00:00", "2024-02-28T12:00:00", 36 * 3600, False, False),
    ("2024-03-01T08:00:00+08:00", "2024-03-01T00:00:00Z", 0, True, False),
    ("2024-03-01T00:00:00", "2024-03-01T00:00:00Z", None, False, None),
    ("2024-03-01T00:00:00.9", "2024-03-01T00:00:00.1", Decimal("0.8"), True, False),
    ("2024-01-01T00:00:00Z", "2024-01-01T00:00:01Z", -1, False, True),
]


@pytest.mark.parametrize(("a", "b", "seconds", "equal", "below"), APART)
def test_moments_compare_by_whole_seconds(
    a: str, b: str, seconds: int | Decimal | None, equal: bool, below: bool | None
) -> None:
    facts = {"a": a, "b": b}
    one, other = "date and time(a)", "date and time(b)"
    assert answer(f"{one} - {other}", facts) == (None if seconds is None else Days(Decimal(seconds)))
    assert answer(f"{one} = {other}", facts) is equal
    assert answer(f"{one} != {other}", facts) is not equal
    assert answer(f"{one} < {other}", facts) is below
    assert answer(f"{one} < date and time(c)", {**facts, "c": None}) is None


PARTS = [
    ('@"2024-02-29T10:30:15.9+08:00".year', Decimal(2024)),
    ('@"-2024-02-29T10:30:15".year', Decimal(-2024)),
    ('@"2024-02-29T10:30:15".weekday', Decimal(4)),
    ('@"2024-02-29T10:30:15.9".second', Decimal(15)),
    ('@"1969-12-31T23:59:59".hour', Decimal(23)),
    ('@"10:30:15-01:00".time offset', Days(Decimal(-3600))),
    ('@"10:30:15".time offset', None),
    ('@"2024-02-29T10:30:15@Asia/Shanghai".timezone', "Asia/Shanghai"),
    ('@"2024-02-29T10:30:15@Asia/Shanghai".time offset', Days(Decimal(28800))),
    ('string(@"2024-02-29T10:30:15.50@Asia/Shanghai")', "2024-02-29T10:30:15.5@Asia/Shanghai"),
    ('string(time(11, 59, 45, @"-PT2H45M55S"))', "11:59:45-02:45:55"),
    ('week of year(@"2020-12-31T10:00:00")', Decimal(53)),
    ('years and months duration(@"2020-02-29T10:00:00", @"2024-02-28")', Months(47)),
]


@pytest.mark.parametrize(("rule", "expected"), PARTS)
def test_parts_of_moments(rule: str, expected: Any) -> None:
    assert answer(rule) == expected


def test_moments_given_by_hand() -> None:
    facts = {"seen": {"dateTime": "2024-02-29T10:30:00+08:00"}, "opens": {"time": "09:00:00"}}
    assert answer('seen > @"2024-02-29T02:29:59Z"', facts) is True
    assert answer('opens in [@"08:00:00"..@"09:00:00"]', facts) is True
    assert answer('[seen, seen][item = @"2024-02-29T02:30:00Z"]', facts) == [facts_moment := answer("seen", facts)] * 2
    assert format_moment(facts_moment) == "2024-02-29T10:30:00+08:00"


def test_a_named_zone_is_only_for_written_values() -> None:
    rule = 'for d in [@"PT1H"] return @"2024-01-01T00:00:00@Asia/Shanghai" + d'
    with pytest.raises(FeelError, match="write an offset such as"):
        check(rule, catalogue=CATALOGUE)
    assert answer("date and time(t)", {"t": "2024-01-01T00:00:00@Asia/Shanghai"}) is None
