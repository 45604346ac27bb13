"""Dates and durations. A duration in days is a number of seconds, one in months a whole number of months."""

from __future__ import annotations

import calendar
import datetime as dt
from decimal import Decimal
from typing import LiteralString

from policies.feel.functions.numbers import DIVIDE, divide
from policies.feel.functions.table import Function
from policies.feel.types.types import FeelType, ListOf
from policies.feel.types.values import EXACT, SECONDS_PER_DAY, Days, Months, build_date, parse_date

NUMBER = FeelType.NUMBER
STRING = FeelType.STRING
DATE = FeelType.DATE
DAYS = FeelType.DAYS
MONTHS = FeelType.MONTHS

YEARS = range(1, 10_000)  # Those that Python's dates have.

_D = (("date", DATE),)
_DURATION = (("duration", DAYS),)
_MONTHS = (("duration", MONTHS),)


def _build(year: Decimal, month: Decimal, day: Decimal) -> dt.date | None:
    if not (1 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= 31):
        return None
    return build_date(int(year), int(month), int(day))


# The planner may work out the casts of a constant although WHERE excludes it, so no cast here can fail.
_BUILT = """(
    SELECT CASE WHEN p.d <= extract(day FROM make_date(p.y, p.m, 1) + interval '1 month -1 day')
        THEN make_date(p.y, p.m, p.d) END
    FROM (
        SELECT trunc(least(greatest({year}, 1), 9999))::int AS y, trunc(least(greatest({month}, 1), 12))::int AS m,
            trunc(least(greatest({day}, 1), 31))::int AS d
        WHERE {year} BETWEEN 1 AND 9999 AND {month} BETWEEN 1 AND 12 AND {day} BETWEEN 1 AND 31 OFFSET 0
    ) AS p
)"""

_READ = r"""(
    SELECT CASE WHEN p.d <= extract(day FROM make_date(p.y, p.m, 1) + interval '1 month -1 day')
        THEN make_date(p.y, p.m, p.d) END
    FROM (
        SELECT left(q.date, 4)::int AS y, substr(q.date, 6, 2)::int AS m, right(q.date, 2)::int AS d
        FROM (
            SELECT CASE WHEN {from} ~ '^[0-9]{{4}}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$'
                AND left({from}, 4) <> '0000' THEN {from} END AS date OFFSET 0
        ) AS q OFFSET 0
    ) AS p
)"""


def _whole_days(duration: Days) -> int:
    # FEEL adds to midnight and drops the time of day, so a part of a day counts only backwards.
    days, rest = EXACT.divmod(duration.seconds, Decimal(SECONDS_PER_DAY))
    return int(days) - (rest < 0)


def _add_days(date: dt.date, duration: Days) -> dt.date | None:
    ordinal = date.toordinal() + _whole_days(duration)
    return dt.date.fromordinal(ordinal) if 1 <= ordinal <= dt.date.max.toordinal() else None


def _add_months(date: dt.date, duration: Months) -> dt.date | None:
    year, month = divmod(date.year * 12 + date.month - 1 + duration.months, 12)
    if year not in YEARS:
        return None
    return dt.date(year, month + 1, min(date.day, calendar.monthrange(year, month + 1)[1]))


def _subtract_days(date: dt.date, duration: Days) -> dt.date | None:
    return _add_days(date, Days(-duration.seconds))


def _subtract_months(date: dt.date, duration: Months) -> dt.date | None:
    return _add_months(date, Months(-duration.months))


_DAYS_AWAY: LiteralString = """(
    SELECT CASE WHEN away.days BETWEEN date '0001-01-01' - away.date AND date '9999-12-31' - away.date
        THEN away.date + away.days::int END
    FROM (
        SELECT {date} AS date, div(shift.seconds, 86400) - (mod(shift.seconds, 86400) < 0)::int AS days
        FROM (SELECT <sign> {duration} AS seconds OFFSET 0) AS shift OFFSET 0
    ) AS away
)"""
_MONTHS_AWAY: LiteralString = """(
    SELECT CASE WHEN extract(year FROM away.date) * 12 + extract(month FROM away.date) - 1 + away.months
        BETWEEN 12 AND 119999 THEN (away.date + make_interval(months => away.months::int))::date END
    FROM (SELECT {date} AS date, <sign> {duration} AS months OFFSET 0) AS away
)"""


def months_between(start: dt.date, end: dt.date) -> Months:
    """The whole months from one day to another, negative when it is earlier."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and end.day < start.day:
        return Months(months - 1)
    return Months(months + 1) if months < 0 and end.day > start.day else Months(months)


_MONTHS_BETWEEN: LiteralString = """(
    SELECT m.months - CASE WHEN m.months > 0 AND m.days < 0 THEN 1 WHEN m.months < 0 AND m.days > 0 THEN -1 ELSE 0 END
    FROM (
        SELECT (extract(year FROM {to}) - extract(year FROM {from})) * 12
            + extract(month FROM {to}) - extract(month FROM {from}) AS months,
            extract(day FROM {to}) - extract(day FROM {from}) AS days OFFSET 0
    ) AS m
)"""


def _subtract_dates(a: dt.date, b: dt.date) -> Days:
    return Days(Decimal((a - b).days * SECONDS_PER_DAY))


def _multiply(duration: Days, number: Decimal) -> Days:
    return Days(EXACT.multiply(duration.seconds, number))


def _divide(duration: Days, number: Decimal) -> Days | None:
    seconds = divide(duration.seconds, number)
    return None if seconds is None else Days(seconds)


def _multiply_months(duration: Months, number: Decimal) -> Months:
    """Only whole months are kept."""
    return Months(int(EXACT.multiply(Decimal(duration.months), number)))


def _divide_months(duration: Months, number: Decimal) -> Months | None:
    months = divide(Decimal(duration.months), number)
    return None if months is None else Months(int(months))


WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTH_NAMES = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
               "November", "December")  # fmt: skip
_WEEKDAY: LiteralString = (
    "(ARRAY['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'])[extract(isodow FROM {date})]"
)
_MONTH_NAME: LiteralString = (
    "(ARRAY['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October',"
    " 'November', 'December'])[extract(month FROM {date})]"
)

_TWO_DAYS = (("a", DAYS), ("b", DAYS))
_TWO_MONTHS = (("a", MONTHS), ("b", MONTHS))
_DATE_DAYS = (("date", DATE), ("duration", DAYS))
_DATE_MONTHS = (("date", DATE), ("duration", MONTHS))

_ARITHMETIC: list[Function] = [
    Function("-", (("a", DATE), ("b", DATE)), DAYS, _subtract_dates, "(({a} - {b})::numeric * 86400)"),
    Function("+", _DATE_DAYS, DATE, _add_days, _DAYS_AWAY.replace("<sign>", "")),
    Function("-", _DATE_DAYS, DATE, _subtract_days, _DAYS_AWAY.replace("<sign>", "-")),
    Function("+", _DATE_DAYS[::-1], DATE, lambda duration, date: _add_days(date, duration),
             _DAYS_AWAY.replace("<sign>", "")),
    Function("+", _DATE_MONTHS, DATE, _add_months, _MONTHS_AWAY.replace("<sign>", "")),
    Function("-", _DATE_MONTHS, DATE, _subtract_months, _MONTHS_AWAY.replace("<sign>", "-")),
    Function("+", _DATE_MONTHS[::-1], DATE, lambda duration, date: _add_months(date, duration),
             _MONTHS_AWAY.replace("<sign>", "")),
    Function("+", _TWO_DAYS, DAYS, lambda a, b: Days(EXACT.add(a.seconds, b.seconds)), "({a} + {b})"),
    Function("-", _TWO_DAYS, DAYS, lambda a, b: Days(EXACT.subtract(a.seconds, b.seconds)), "({a} - {b})"),
    Function("+", _TWO_MONTHS, MONTHS, lambda a, b: Months(a.months + b.months), "({a} + {b})"),
    Function("-", _TWO_MONTHS, MONTHS, lambda a, b: Months(a.months - b.months), "({a} - {b})"),
    Function("-", (("duration", DAYS),), DAYS, lambda duration: Days(-duration.seconds), "(- {duration})"),
    Function("-", (("duration", MONTHS),), MONTHS, lambda duration: Months(-duration.months), "(- {duration})"),
    Function("*", (("a", DAYS), ("b", NUMBER)), DAYS, _multiply, "({a} * {b})"),
    Function("*", (("a", NUMBER), ("b", DAYS)), DAYS, lambda a, b: _multiply(b, a), "({a} * {b})"),
    Function("*", (("a", MONTHS), ("b", NUMBER)), MONTHS, _multiply_months, "trunc({a} * {b})"),
    Function("*", (("a", NUMBER), ("b", MONTHS)), MONTHS, lambda a, b: _multiply_months(b, a), "trunc({a} * {b})"),
    Function("/", (("a", MONTHS), ("b", NUMBER)), MONTHS, _divide_months, f"trunc({DIVIDE})"),
    Function("/", (("a", DAYS), ("b", NUMBER)), DAYS, _divide, DIVIDE),
    Function("/", _TWO_DAYS, NUMBER, lambda a, b: divide(a.seconds, b.seconds), DIVIDE),
    Function("/", _TWO_MONTHS, NUMBER, lambda a, b: divide(Decimal(a.months), Decimal(b.months)), DIVIDE),
]  # fmt: skip

CALENDAR: list[Function] = [
    Function("day of year", _D, NUMBER, lambda date: Decimal(date.timetuple().tm_yday), "extract(doy FROM {date})"),
    Function("week of year", _D, NUMBER, lambda date: Decimal(date.isocalendar().week), "extract(week FROM {date})"),
    Function("day of week", _D, STRING, lambda date: WEEKDAYS[date.weekday()], _WEEKDAY),
    Function("month of year", _D, STRING, lambda date: MONTH_NAMES[date.month - 1], _MONTH_NAME),
]

FUNCTIONS: list[Function] = [
    *_ARITHMETIC,
    Function("date", (("from", DATE),), DATE, lambda date: date, "{from}"),
    Function("date", (("from", STRING),), DATE, parse_date, _READ),
    Function("date", (("year", NUMBER), ("month", NUMBER), ("day", NUMBER)), DATE, _build, _BUILT),
    Function("years and months duration", (("from", DATE), ("to", DATE)), MONTHS, months_between, _MONTHS_BETWEEN),
    Function("abs", (("n", DAYS),), DAYS, lambda n: Days(abs(n.seconds)), "abs({n})"),
    Function("abs", (("n", MONTHS),), MONTHS, lambda n: Months(abs(n.months)), "abs({n})"),
    *CALENDAR,
    Function("string", (("from", DATE),), STRING, dt.date.isoformat, "to_char({from}, 'YYYY-MM-DD')"),
]  # fmt: skip


def _units(seconds: Decimal, whole: int, unit: int) -> Decimal:
    """The units in what the larger unit leaves over, with the duration's sign."""
    rest = EXACT.remainder(seconds, Decimal(whole)) if whole else seconds
    return EXACT.divide_int(rest, Decimal(unit))


PARTS: dict[FeelType, list[Function]] = {
    DATE: [
        Function("year", _D, NUMBER, lambda date: Decimal(date.year), "extract(year FROM {date})"),
        Function("month", _D, NUMBER, lambda date: Decimal(date.month), "extract(month FROM {date})"),
        Function("day", _D, NUMBER, lambda date: Decimal(date.day), "extract(day FROM {date})"),
        Function("weekday", _D, NUMBER, lambda date: Decimal(date.isoweekday()), "extract(isodow FROM {date})"),
    ],
    DAYS: [
        Function(
            "days", _DURATION, NUMBER, lambda duration: _units(duration.seconds, 0, 86400), "div({duration}, 86400)"
        ),
        Function(
            "hours",
            _DURATION,
            NUMBER,
            lambda duration: _units(duration.seconds, 86400, 3600),
            "div(mod({duration}, 86400), 3600)",
        ),
        Function(
            "minutes",
            _DURATION,
            NUMBER,
            lambda duration: _units(duration.seconds, 3600, 60),
            "div(mod({duration}, 3600), 60)",
        ),
        Function(
            "seconds",
            _DURATION,
            NUMBER,
            lambda duration: _units(duration.seconds, 60, 1),
            "div(mod({duration}, 60), 1)",
        ),
    ],
    MONTHS: [
        Function(
            "years", _MONTHS, NUMBER, lambda duration: _units(Decimal(duration.months), 0, 12), "div({duration}, 12)"
        ),
        Function(
            "months", _MONTHS, NUMBER, lambda duration: _units(Decimal(duration.months), 12, 1), "mod({duration}, 12)"
        ),
    ],
}  # fmt: skip


def _series(start: dt.date, end: dt.date) -> list[dt.date] | None:
    step = 1 if end >= start else -1
    count = abs((end - start).days)
    return [start + dt.timedelta(days=number * step) for number in range(count + 1)] if count < LIMIT_DAYS else None


LIMIT_DAYS = 1_000
# The days of `for day in date("2024-01-01")..date("2024-01-31")`; forwards or backwards.
DATE_SERIES = Function(
    "..", (("start", DATE), ("end", DATE)), ListOf(DATE), _series,
    "CASE WHEN abs({end} - {start}) < 1000 THEN ARRAY(SELECT {start} + g.n * sign({end} - {start})::int"
    " FROM generate_series(0, abs({end} - {start})) AS g(n) ORDER BY g.n) END",
)  # fmt: skip
