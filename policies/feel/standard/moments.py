"""
Reads, writes, moves and compares dates with a time of day, and times of day.

Years go from −999,999,999 to 999,999,999, as in the standard. The calendar repeats every 400 years, so any year is
worked out as one from 2000 to 2399, in this engine and in SQL alike. A part of a second has nine decimals.
"""

from __future__ import annotations

import calendar
import datetime as dt
import decimal
import re
from decimal import Decimal
from functools import cache
from typing import Any, LiteralString
from zoneinfo import ZoneInfo, available_timezones

from policies.feel.types.values import (
    EXACT,
    SECONDS_PER_DAY,
    DateTime,
    Days,
    Time,
    build_date,
    format_number,
    parse_date,
)

ERA_YEARS = 400
ERA_DAYS = 146_097
ERA_START = dt.date(2000, 1, 1)
DAYS_TO_ERA = 10_957  # From 1970-01-01 to 2000-01-01.
NANOSECOND = Decimal("1e-9")
LARGEST_OFFSET_SECONDS = 18 * 3600

# PostgreSQL reads these too, so they say what is alike in both kinds of regular expressions.
DATE_PATTERN: LiteralString = "(-?(?:[1-9][0-9]{4,8}|[0-9]{4}))-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
CLOCK_PATTERN: LiteralString = "([01][0-9]|2[0-3]|24(?=:00:00(?![.0-9]))):([0-5][0-9]):([0-5][0-9](?:[.][0-9]{1,9})?)"
OFFSET_PATTERN: LiteralString = "Z|[+-](?:0[0-9]|1[0-7]):[0-5][0-9](?::[0-5][0-9])?|[+-]18:00(?::00)?"

_LOCATION = rf"({OFFSET_PATTERN}|@[A-Za-z][\w+\-/]*)?"
_TIME = re.compile(CLOCK_PATTERN + _LOCATION, re.ASCII)
_DATE_TIME = re.compile(f"{DATE_PATTERN}T{CLOCK_PATTERN}{_LOCATION}", re.ASCII)

Location = tuple[int | None, str | None]


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def days_of(year: int, month: int, day: int) -> int | None:
    """The days from 1970-01-01 to a day of any year, None when there is no such day."""
    era, rest = divmod(year - ERA_START.year, ERA_YEARS)
    found = build_date(ERA_START.year + rest, month, day)
    return None if found is None else (found - ERA_START).days + DAYS_TO_ERA + era * ERA_DAYS


def _second(year: int) -> Decimal:
    days = days_of(year, 1, 1)
    assert days is not None
    return Decimal(days * SECONDS_PER_DAY)


FIRST_SECOND, END_SECOND = _second(-999_999_999), _second(1_000_000_000)


def whole_days(seconds: Decimal) -> int:
    """Whole days since 1970, counted down for a moment before."""
    return int(seconds // SECONDS_PER_DAY) - (seconds % SECONDS_PER_DAY < 0)


def clock(moment: DateTime | Time) -> Decimal:
    """The seconds since midnight."""
    return moment.seconds - whole_days(moment.seconds) * SECONDS_PER_DAY


def calendar_day(moment: DateTime) -> tuple[int, dt.date]:
    """The year of a moment, and its day in the same year of the era from 2000."""
    era, rest = divmod(whole_days(moment.seconds) - DAYS_TO_ERA, ERA_DAYS)
    date = ERA_START + dt.timedelta(days=rest)
    return date.year + era * ERA_YEARS, date


def build_moment(days: int, seconds: Decimal, location: Location) -> DateTime | None:
    """A moment, None when its year is out of range; in a named zone its offset follows from the zone."""
    with decimal.localcontext(EXACT):
        total = days * SECONDS_PER_DAY + seconds
        if not FIRST_SECOND <= total < END_SECOND:
            return None
    total = floor_to_nanosecond(total)
    offset, zone = location
    return DateTime(total, zone_offset(zone, total) if zone else offset, zone)


def floor_to_nanosecond(seconds: Decimal) -> Decimal:
    """Seconds with nine decimals at most."""
    return seconds.quantize(NANOSECOND, rounding=decimal.ROUND_FLOOR, context=EXACT)


def zone_offset(zone: str, seconds: Decimal) -> int:
    """How far a named zone's clock is ahead of UTC when it shows this time."""
    shown = DateTime(seconds)
    year, date = calendar_day(shown)
    # Before the first year nothing is known but local time; after the last one the rules of today go on.
    date = dt.date(1, 1, 2) if year < 1 else date if year > dt.MAXYEAR else date.replace(year=year)
    local = dt.datetime.combine(date, dt.time()) + dt.timedelta(seconds=int(clock(shown)))
    return _match_whole(local.replace(tzinfo=ZoneInfo(zone)).utcoffset())


def standard_offset(zone: str) -> int:
    """A named zone's offset without daylight saving, for a time of day that belongs to no day."""
    new_year = dt.datetime(2000, 1, 1, tzinfo=ZoneInfo(zone))
    return _match_whole(new_year.utcoffset()) - _match_whole(new_year.dst())


def _match_whole(delta: dt.timedelta | None) -> int:
    return round(delta.total_seconds()) if delta else 0


def parse_time(text: str) -> Time | None:
    """Read hh:mm:ss with or without a part of a second and a location; None when it is no time."""
    match = _TIME.fullmatch(text)
    location = match and _read_location(match[4])
    if match is None or location is None:
        return None
    offset, zone = location
    return Time(_seconds(match, 1) % SECONDS_PER_DAY, standard_offset(zone) if zone else offset, zone)


def parse_date_time(text: str) -> DateTime | None:
    """Read YYYY-MM-DDThh:mm:ss, or a date alone for its midnight; None when it is neither."""
    if (day := parse_date(text)) is not None:
        return midnight(day)
    match = _DATE_TIME.fullmatch(text)
    location = match and _read_location(match[7])
    if match is None or location is None or not int(match[1]):
        return None
    days = days_of(int(match[1]), int(match[2]), int(match[3]))
    return None if days is None else build_moment(days, _seconds(match, 4), location)


def midnight(day: dt.date, offset: int | None = None) -> DateTime:
    """The first moment of a day."""
    return DateTime(Decimal((day - dt.date(1970, 1, 1)).days * SECONDS_PER_DAY), offset)


def _seconds(match: re.Match[str], group: int) -> Decimal:
    hour, minute, second = match.group(group, group + 1, group + 2)
    return int(hour) * 3600 + int(minute) * 60 + Decimal(second)


def _read_location(written: str | None) -> Location | None:
    """An offset or a named zone; None when there is no such zone."""
    if not written:
        return None, None
    if written[0] == "@":
        zone = written[1:]
        return (0, zone) if zone in _zones() else None
    if written == "Z":
        return 0, None
    hours, minutes, *seconds = (int(part) for part in written[1:].split(":"))
    offset = hours * 3600 + minutes * 60 + sum(seconds)
    return (-offset if written[0] == "-" else offset), None


def format_moment(moment: DateTime | Time) -> str:
    """A moment as the standard writes it."""
    if isinstance(moment, Time):
        return _format_clock(moment)
    year, date = calendar_day(moment)
    sign = "-" if year < 0 else ""
    return f"{sign}{abs(year):04d}-{date.month:02d}-{date.day:02d}T{_format_clock(moment)}"


def _format_clock(moment: DateTime | Time) -> str:
    whole, part = divmod(clock(moment), 1)
    hours, rest = divmod(int(whole), 3600)
    fraction = format_number(part)[1:] if part else ""
    return f"{hours:02d}:{rest // 60:02d}:{rest % 60:02d}{fraction}{_format_location(moment)}"


def _format_location(moment: DateTime | Time) -> str:
    if moment.zone:
        return f"@{moment.zone}"
    if not moment.offset:
        return "" if moment.offset is None else "Z"
    hours, rest = divmod(abs(moment.offset), 3600)
    minutes, seconds = divmod(rest, 60)
    tail = f":{seconds:02d}" if seconds else ""
    return f"{'-' if moment.offset < 0 else '+'}{hours:02d}:{minutes:02d}{tail}"


def instant(moment: DateTime | Time) -> Decimal:
    """Whole seconds in UTC, or on the unsaid clock; the standard compares moments by whole seconds."""
    whole = moment.seconds // 1 - (moment.seconds % 1 < 0)
    return whole - (moment.offset or 0)


def are_comparable(one: DateTime | Time, other: DateTime | Time) -> bool:
    """Whether both say where they are, or neither does; otherwise no order and no distance is known."""
    return (one.offset is None) == (other.offset is None)


def add_days(moment: DateTime, duration: Days) -> DateTime | None:
    """A moment so much later; in a named zone, by that much real time."""
    later = EXACT.add(moment.seconds, duration.seconds)
    if moment.zone and FIRST_SECOND <= later < END_SECOND:
        assert moment.offset is not None
        universal = later - moment.offset
        # The offset of the zone at that instant, found in two steps.
        first = zone_offset(moment.zone, universal + moment.offset)
        later = universal + zone_offset(moment.zone, universal + first)
    return build_moment(0, later, (moment.offset, moment.zone))


def add_months(moment: DateTime, months: int) -> DateTime | None:
    """The same time so many months later, on the last day of a shorter month."""
    year, date = calendar_day(moment)
    year, month = divmod(year * 12 + date.month - 1 + months, 12)
    last = calendar.monthrange(ERA_START.year + (year - ERA_START.year) % ERA_YEARS, month + 1)[1]
    days = days_of(year, month + 1, min(date.day, last))
    assert days is not None
    return build_moment(days, clock(moment), (moment.offset, moment.zone))


def as_json(moment: DateTime | Time) -> list[Any]:
    """How a moment is kept in SQL: exact seconds as text, offset, name of the zone."""
    return [format_number(moment.seconds), moment.offset, moment.zone]
