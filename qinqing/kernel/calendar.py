"""Periods in days: natural days, and working days of mainland China."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar

# Where the State Council may place the statutory holidays of a year that it has not announced yet, as the first and
# the last (month, day): New Year, Spring Festival, Qingming, Labour Day, Dragon Boat, Mid-Autumn with National Day.
_POSSIBLE_HOLIDAYS = (
    ((1, 1), (1, 3)),
    ((1, 20), (2, 27)),
    ((4, 3), (4, 7)),
    ((5, 1), (5, 5)),
    ((5, 28), (6, 26)),
    ((9, 7), (10, 8)),
)
_SATURDAY = 5


def is_working_day(day: date) -> bool:
    """
    Whether offices work on a day; a weekend day that makes up for a holiday is a working day.

    In a year whose holidays are not announced, or not known to this installation, no day counts that may turn out to
    be a holiday: a period that is counted in working days may then last too long, but never too short.
    """
    try:
        return bool(chinese_calendar.is_workday(day))  # type: ignore[no-untyped-call]
    except NotImplementedError:
        is_possible_holiday = any(first <= (day.month, day.day) <= last for first, last in _POSSIBLE_HOLIDAYS)
        return day.weekday() < _SATURDAY and not is_possible_holiday


def last_day_of_period(*, begins_on: date, days: int, counts_working_days: bool) -> date:
    """
    The last day of a period of so many days; the day on which it begins is not counted (Civil Code, Article 201).

    A period counted in natural days ends on a natural day too: publicity goes on over a holiday.
    """
    if not counts_working_days:
        return begins_on + timedelta(days=days)
    day = begins_on
    while days > 0:
        day += timedelta(days=1)
        days -= is_working_day(day)
    return day
