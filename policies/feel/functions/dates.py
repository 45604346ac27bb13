"""Dates and durations. A duration in days is a number of seconds, one in months a whole number of months."""

from __future__ import annotations

import calendar
import datetime as dt
from decimal import Decimal

from policies.feel.functions.table import Function
from policies.feel.kinds import FeelType
from policies.feel.values import SECONDS_PER_DAY, Days, Months, date_from, date_of

NUMBER = FeelType.NUMBER
STRING = FeelType.STRING
DATE = FeelType.DATE
DAYS = FeelType.DAYS
MONTHS = FeelType.MONTHS

YEARS = range(1, 10_000)  # Those that Python's dates have.

_D = (("date", DATE),)


def _built(year: Decimal, month: Decimal, day: Decimal) -> dt.date | None:
    if not (1 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= 31):
        return None
    return date_of(int(year), int(month), int(day))


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
            SELECT CASE WHEN {from} ~ '^\d{{4}}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$' AND left({from}, 4) <> '0000'
                THEN {from} END AS date OFFSET 0
        ) AS q OFFSET 0
    ) AS p
)"""


def _after_days(date: dt.date, duration: Days) -> dt.date | None:
    # FEEL adds to midnight and drops the time of day, so part of a day counts only backwards.
    days = int((duration.seconds / SECONDS_PER_DAY).to_integral_value("ROUND_FLOOR"))
    return _from_ordinal(date.toordinal() + days)


def _from_ordinal(ordinal: int) -> dt.date | None:
    return dt.date.fromordinal(ordinal) if 1 <= ordinal <= dt.date.max.toordinal() else None


def _after_months(date: dt.date, duration: Months) -> dt.date | None:
    year, month = divmod(date.year * 12 + date.month - 1 + duration.months, 12)
    if not 1 <= year <= 9999:
        return None
    return dt.date(year, month + 1, min(date.day, calendar.monthrange(year, month + 1)[1]))


_DATE_DAYS = (("date", DATE), ("duration", DAYS))
_DATE_MONTHS = (("date", DATE), ("duration", MONTHS))


FUNCTIONS: list[Function] = [
    Function("date", (("from", DATE),), DATE, lambda date: date, "{from}"),
    Function("date", (("from", STRING),), DATE, date_from, _READ),
    Function("date", (("year", NUMBER), ("month", NUMBER), ("day", NUMBER)), DATE, _built, _BUILT),
    Function("-", (("a", DATE), ("b", DATE)), DAYS,
             lambda a, b: Days(Decimal((a - b).days * SECONDS_PER_DAY)), "(({a} - {b})::numeric * 86400)"),
    Function("day of year", _D, NUMBER, lambda date: Decimal(date.timetuple().tm_yday), "extract(doy FROM {date})"),
    Function("week of year", _D, NUMBER, lambda date: Decimal(date.isocalendar().week), "extract(week FROM {date})"),
]  # fmt: skip

PARTS: dict[FeelType, list[Function]] = {
    DATE: [
        Function("year", _D, NUMBER, lambda date: Decimal(date.year), "extract(year FROM {date})"),
        Function("month", _D, NUMBER, lambda date: Decimal(date.month), "extract(month FROM {date})"),
        Function("day", _D, NUMBER, lambda date: Decimal(date.day), "extract(day FROM {date})"),
        Function("weekday", _D, NUMBER, lambda date: Decimal(date.isoweekday()), "extract(isodow FROM {date})"),
    ],
    DAYS: [],
    MONTHS: [],
}
