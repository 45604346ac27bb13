"""
Functions of dates with a time of day, and of times of day, for both engines.

SQL keeps a moment as a JSON list: exact seconds as text, offset, name of the zone. A named zone's rules are known to
Python alone, so whatever needs them is worked out when the rule is written; see `policies.feel.standard.zones`.
"""

from __future__ import annotations

import datetime as dt
import operator
from decimal import Decimal
from typing import LiteralString

from policies.feel.functions import dates
from policies.feel.functions.table import COMPARE, Function
from policies.feel.standard import moment_texts
from policies.feel.standard.moment_sql import (
    DAY,
    IN_RANGE,
    YEAR,
    clock_of,
    moment_sql,
    of_day,
    offset_of,
    same_place,
    seconds_of,
)
from policies.feel.standard.moments import (
    LARGEST_OFFSET_SECONDS,
    add_days,
    add_months,
    are_comparable,
    build_moment,
    calendar_day,
    clock,
    floor_to_nanosecond,
    instant,
    midnight,
    standard_offset,
    whole_days,
)
from policies.feel.types.types import FeelType
from policies.feel.types.values import EXACT, SECONDS_PER_DAY, DateTime, Days, Months, Time, build_date

NUMBER, STRING, BOOLEAN = FeelType.NUMBER, FeelType.STRING, FeelType.BOOLEAN
DATE, DAYS, MONTHS = FeelType.DATE, FeelType.DAYS, FeelType.MONTHS
DATE_TIME, TIME = FeelType.DATE_TIME, FeelType.TIME
SQL_COMPARE: dict[str, LiteralString] = {symbol: f" {symbol.replace('!=', '<>')} " for symbol in COMPARE}


def _join(date: dt.date, time: Time) -> DateTime | None:
    return build_moment(0, midnight(date).seconds + time.seconds, (time.offset, time.zone))


def _replace_time(day: DateTime, time: Time) -> DateTime | None:
    return build_moment(whole_days(day.seconds), time.seconds, (time.offset, time.zone))


def _date_of(moment: DateTime) -> dt.date | None:
    year, date = calendar_day(moment)
    return build_date(year, date.month, date.day)


def _time_of(moment: DateTime) -> Time:
    offset = standard_offset(moment.zone) if moment.zone else moment.offset
    return Time(clock(moment), offset, moment.zone)


def _build_time(hour: Decimal, minute: Decimal, second: Decimal, offset: Days | None = None) -> Time | None:
    is_wrong = any(part != part.to_integral_value() for part in (hour, minute))
    if is_wrong or not (0 <= hour <= 23 and 0 <= minute <= 59 and 0 <= second < 60):
        return None
    seconds = floor_to_nanosecond(hour * 3600 + minute * 60 + second)
    if offset is None:
        return Time(seconds)
    is_whole = offset.seconds == offset.seconds.to_integral_value()
    return Time(seconds, int(offset.seconds)) if is_whole and abs(offset.seconds) <= LARGEST_OFFSET_SECONDS else None


_SECONDS: LiteralString = "{hour} * 3600 + {minute} * 60 + floor({second} * 1e9) * 1e-9"
_BUILT_TIME: LiteralString = (
    "CASE WHEN {hour} = trunc({hour}) AND {minute} = trunc({minute}) AND {hour} BETWEEN 0 AND 23"
    " AND {minute} BETWEEN 0 AND 59 AND {second} >= 0 AND {second} < 60<guard>"
    f" THEN {moment_sql(_SECONDS, '<offset>', 'NULL::text')} END"
)
_OFFSET_GUARD: LiteralString = " AND {offset} = trunc({offset}) AND abs({offset}) <= 64800"


def _add_to_time(time: Time, duration: Days) -> Time:
    rest = EXACT.remainder(EXACT.add(time.seconds, duration.seconds), Decimal(SECONDS_PER_DAY))
    seconds = EXACT.add(rest, Decimal(SECONDS_PER_DAY)) if rest < 0 else rest
    return Time(floor_to_nanosecond(seconds), time.offset, time.zone)


def _subtract(one: DateTime | Time, other: DateTime | Time) -> Days | None:
    if not are_comparable(one, other):
        return None
    return Days((one.seconds - (one.offset or 0)) - (other.seconds - (other.offset or 0)))


_APART: LiteralString = (
    f"CASE WHEN ({offset_of('{a}')} IS NULL) = ({offset_of('{b}')} IS NULL) THEN"
    f" {seconds_of('{a}')} - coalesce({offset_of('{a}')}, 0)"
    f" - {seconds_of('{b}')} + coalesce({offset_of('{b}')}, 0) END"
)


_LATER: LiteralString = moment_sql("floor(m.s * 1e9) * 1e-9", "m.o", "m.z")
_LATER_TIME: LiteralString = moment_sql(f"floor({clock_of('m.s')} * 1e9) * 1e-9", "m.o", "m.z")
_ERAS_AWAY: LiteralString = "mod(mod(d.n, 4800) + 4800, 4800)"


def _add_days_sql(sign: LiteralString) -> LiteralString:
    moved = f"{seconds_of('{moment}')} {sign} {{duration}}"
    return (
        f"(SELECT CASE WHEN {IN_RANGE} THEN {_LATER} END"
        f" FROM (SELECT {moved} AS s, {same_place('{moment}')} OFFSET 0) AS m)"
    )


def _add_to_time_sql(sign: LiteralString) -> LiteralString:
    moved = f"{seconds_of('{time}')} {sign} {{duration}}"
    return (
        f"(SELECT CASE WHEN m.s IS NOT NULL THEN {_LATER_TIME} END"
        f" FROM (SELECT {moved} AS s, {same_place('{time}')} OFFSET 0) AS m)"
    )


def _add_months_sql(sign: LiteralString) -> LiteralString:
    # 4,800 months are one era; within it PostgreSQL knows the last day of each month.
    day = DAY.replace("{x}", "{moment}")
    return (
        f"(SELECT CASE WHEN {IN_RANGE} THEN {moment_sql('m.s', 'm.o', 'm.z')} END FROM (SELECT"
        f" ((d.date + make_interval(months => {_ERAS_AWAY}::int))::date - date '1970-01-01'"
        f" + 146097 * (d.era + div(d.n - {_ERAS_AWAY}, 4800))) * 86400 + d.clock AS s, d.o, d.z"
        f" FROM (SELECT d.*, {sign} {{duration}} AS n, {same_place('{moment}')} FROM {day} OFFSET 0) AS d"
        " OFFSET 0) AS m)"
    )


_MOMENT_DAYS = (("moment", DATE_TIME), ("duration", DAYS))
_MOMENT_MONTHS = (("moment", DATE_TIME), ("duration", MONTHS))
_TIME_DAYS = (("time", TIME), ("duration", DAYS))


def _negate(duration: Days) -> Days:
    return Days(EXACT.minus(duration.seconds))


_ARITHMETIC: list[Function] = [
    Function("+", _MOMENT_DAYS, DATE_TIME, add_days, _add_days_sql("+")),
    Function("+", _MOMENT_DAYS[::-1], DATE_TIME, lambda by, moment: add_days(moment, by), _add_days_sql("+")),
    Function("-", _MOMENT_DAYS, DATE_TIME, lambda moment, by: add_days(moment, _negate(by)), _add_days_sql("-")),
    Function("+", _MOMENT_MONTHS, DATE_TIME, lambda moment, by: add_months(moment, by.months),
             _add_months_sql("")),
    Function("+", _MOMENT_MONTHS[::-1], DATE_TIME, lambda by, moment: add_months(moment, by.months),
             _add_months_sql("")),
    Function("-", _MOMENT_MONTHS, DATE_TIME, lambda moment, by: add_months(moment, -by.months),
             _add_months_sql("-")),
    Function("-", (("a", DATE_TIME), ("b", DATE_TIME)), DAYS, _subtract, _APART),
    # A date alone is its midnight in UTC, as the standard has it.
    Function("-", (("a", DATE_TIME), ("b", DATE)), DAYS, lambda a, b: _subtract(a, midnight(b, 0)),
             f"({seconds_of('{a}')} - {offset_of('{a}')} - ({{b}} - date '1970-01-01')::numeric * 86400)"),
    Function("-", (("a", DATE), ("b", DATE_TIME)), DAYS, lambda a, b: _subtract(midnight(a, 0), b),
             f"(({{a}} - date '1970-01-01')::numeric * 86400 - {seconds_of('{b}')} + {offset_of('{b}')})"),
    Function("+", _TIME_DAYS, TIME, _add_to_time, _add_to_time_sql("+")),
    Function("+", _TIME_DAYS[::-1], TIME, lambda by, time: _add_to_time(time, by), _add_to_time_sql("+")),
    Function("-", _TIME_DAYS, TIME, lambda time, by: _add_to_time(time, _negate(by)), _add_to_time_sql("-")),
    Function("-", (("a", TIME), ("b", TIME)), DAYS, _subtract, _APART),
]  # fmt: skip

_HMS = (("hour", NUMBER), ("minute", NUMBER), ("second", NUMBER))
DAY_OF_DATE: LiteralString = "({date} - date '1970-01-01')::numeric * 86400"
_AT_TIME: LiteralString = moment_sql(f"d.s + {seconds_of('{time}')}", offset_of("{time}"), "({time}) ->> 2")


def _join_sql(day: LiteralString) -> LiteralString:
    return (
        f"(SELECT CASE WHEN d.s IS NOT NULL AND {{time}} IS NOT NULL THEN {_AT_TIME} END FROM (SELECT {day} AS s) AS d)"
    )


_TIME_OF: LiteralString = moment_sql(clock_of(seconds_of("{from}")), offset_of("{from}"), "NULL::text")
_MIDNIGHT: LiteralString = moment_sql("0::numeric", "0", "NULL::text")
_DATE_OF: LiteralString = (
    f"CASE WHEN {YEAR} BETWEEN 1 AND 9999 THEN d.date + (146097 * least(greatest(d.era, -6), 20))::int END"
)

_CONSTRUCTORS: list[Function] = [
    Function("date and time", (("date", DATE), ("time", TIME)), DATE_TIME, _join, _join_sql(DAY_OF_DATE)),
    Function("date and time", (("date", DATE_TIME), ("time", TIME)), DATE_TIME, _replace_time,
             _join_sql(f"{seconds_of('{date}')} - {clock_of(seconds_of('{date}'))}")),
    Function("time", (("from", DATE_TIME),), TIME, _time_of,
             f"CASE WHEN {{from}} IS NOT NULL THEN {_TIME_OF} END"),
    Function("time", (("from", DATE),), TIME, lambda date: Time(Decimal(0), 0),
             f"CASE WHEN {{from}} IS NOT NULL THEN {_MIDNIGHT} END"),
    Function("time", _HMS, TIME, _build_time,
             _BUILT_TIME.replace("<guard>", "").replace("<offset>", "NULL::numeric")),
    Function("time", (*_HMS, ("offset", DAYS)), TIME, _build_time,
             _BUILT_TIME.replace("<guard>", _OFFSET_GUARD).replace("<offset>", "{offset}")),
    Function("date", (("from", DATE_TIME),), DATE, _date_of, of_day(_DATE_OF, "from")),
]  # fmt: skip


def _months_between(start: dt.date | DateTime, end: dt.date | DateTime) -> Months:
    (year, one), (other_year, other) = (
        (day.year, day) if isinstance(day, dt.date) else calendar_day(day) for day in (start, end)
    )
    months = (other_year - year) * 12 + other.month - one.month
    too_many = (months > 0 and other.day < one.day) - (months < 0 and other.day > one.day)
    return Months(months - too_many)


def _year_month_day_sql(x: LiteralString, kind: FeelType) -> LiteralString:
    if kind == DATE:
        day = "{" + x + "}"
        return f"(SELECT extract(year FROM {day}) * 12 + extract(month FROM {day}) AS m, extract(day FROM {day}) AS d)"
    return of_day(f"({YEAR}) * 12 + extract(month FROM d.date) AS m, extract(day FROM d.date) AS d", x)


def _months_between_row(start: FeelType, end: FeelType) -> Function:
    sql = (
        "(SELECT m.months - CASE WHEN m.months > 0 AND m.days < 0 THEN 1"
        " WHEN m.months < 0 AND m.days > 0 THEN -1 ELSE 0 END"
        f" FROM (SELECT b.m - a.m AS months, b.d - a.d AS days FROM {_year_month_day_sql('from', start)} AS a,"
        f" {_year_month_day_sql('to', end)} AS b OFFSET 0) AS m)"
    )
    return Function("years and months duration", (("from", start), ("to", end)), MONTHS, _months_between, sql)


def _calendar(function: Function, name: str) -> Function:
    """A function of a date for a moment; the calendar of its era has the same weekdays and weeks."""
    sql = of_day(function.sql.replace("{date}", "d.date"), name)
    return Function(
        function.name,
        ((name, DATE_TIME),),
        function.result,
        lambda moment: function.python(calendar_day(moment)[1]),
        sql,
    )


def _clock_part(name: str, kind: FeelType, size: int, unit: int) -> Function:
    def part(moment: DateTime | Time) -> Decimal:
        return clock(moment) % size // unit

    return Function(
        name, (("from", kind),), NUMBER, part, f"div(mod({clock_of(seconds_of('{from}'))}, {size}), {unit})"
    )


def _time_offset(moment: DateTime | Time) -> Days | None:
    return None if moment.offset is None else Days(Decimal(moment.offset))


def _clock_parts(kind: FeelType) -> list[Function]:
    at = (("from", kind),)
    return [
        _clock_part("hour", kind, 86400, 3600),
        _clock_part("minute", kind, 3600, 60),
        _clock_part("second", kind, 60, 1),
        Function("time offset", at, DAYS, _time_offset, offset_of("{from}")),
        Function("timezone", at, STRING, lambda moment: moment.zone, "(({from}) ->> 2)"),
    ]  # fmt: skip


FUNCTIONS: list[Function] = [
    *_ARITHMETIC,
    *_CONSTRUCTORS,
    *moment_texts.FUNCTIONS,
    *(_months_between_row(*kinds) for kinds in ((DATE_TIME, DATE_TIME), (DATE, DATE_TIME), (DATE_TIME, DATE))),
    *(_calendar(function, "date") for function in dates.CALENDAR),
]

PARTS: dict[FeelType, list[Function]] = {
    DATE_TIME: [
        Function("year", (("from", DATE_TIME),), NUMBER, lambda moment: Decimal(calendar_day(moment)[0]),
                 of_day(YEAR, "from")),
        *(_calendar(part, "from") for part in dates.PARTS[DATE] if part.name != "year"),
        *_clock_parts(DATE_TIME),
    ],
    TIME: _clock_parts(TIME),
}  # fmt: skip

_KEY: LiteralString = "floor((({}) ->> 0)::numeric) - coalesce((({}) ->> 1)::numeric, 0)"


def _comparison(symbol: str, kind: FeelType) -> Function:
    """Moments compare by whole seconds; one that says where it is never equals one that does not."""
    test, is_equality = COMPARE[symbol], symbol in ("=", "!=")

    def compared(a: DateTime | Time, b: DateTime | Time) -> bool | None:
        if are_comparable(a, b):
            return bool(test(instant(a), instant(b)))
        return symbol == "!=" if is_equality else None

    sides = (_KEY.replace("{}", "{" + side + "}") for side in "ab")
    apart = ("true" if symbol == "!=" else "false") if is_equality else "NULL"
    sql = (
        f"CASE WHEN ({offset_of('{a}')} IS NULL) = ({offset_of('{b}')} IS NULL)"
        f" THEN {SQL_COMPARE[symbol].join(f'({side})' for side in sides)}"
        f" WHEN {{a}} IS NOT NULL AND {{b}} IS NOT NULL THEN {apart} END"
    )
    return Function(symbol, (("a", kind), ("b", kind)), BOOLEAN, compared, sql)


COMPARISONS: dict[FeelType, dict[str, Function]] = {
    kind: {symbol: _comparison(symbol, kind) for symbol in COMPARE} for kind in (DATE_TIME, TIME)
}

# The same moment in the same place: 20:00Z is not 21:00+01:00.
IDENTICAL: dict[FeelType, Function] = {
    kind: Function("is", (("value1", kind), ("value2", kind)), BOOLEAN, operator.eq, "({value1} = {value2})")
    for kind in (DATE_TIME, TIME)
}
