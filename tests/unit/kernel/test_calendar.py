"""Working days, known and unknown, and periods counted in working days."""

from __future__ import annotations

from datetime import date

import pytest

from qinqing.kernel.calendar import is_working_day, last_day_of_period


@pytest.mark.parametrize(
    ("day", "is_working"),
    [
        (date(2026, 2, 13), True),  # The Friday before the Spring Festival.
        (date(2026, 2, 14), True),  # A Saturday that replaces a holiday as a working day.
        (date(2026, 2, 17), False),  # The first day of the lunar year, a Tuesday.
        (date(2026, 3, 7), False),  # A Saturday.
        (date(2026, 10, 7), False),
        (date(2099, 4, 6), False),  # A Monday that may be a holiday: nobody has announced the year.
        (date(2099, 3, 16), True),
        (date(2099, 3, 14), False),
    ],
)
def test_a_working_day(day: date, is_working: bool) -> None:
    assert is_working_day(day) is is_working


@pytest.mark.parametrize(
    ("begins_on", "days", "counts_working_days", "ends_on"),
    [
        (date(2026, 3, 2), 3, False, date(2026, 3, 5)),
        (date(2026, 3, 2), 5, True, date(2026, 3, 9)),
        # Over the Spring Festival of 2026 (15 to 23 February, worked on the 14th).
        (date(2026, 2, 12), 3, True, date(2026, 2, 24)),
        (date(2026, 2, 12), 3, False, date(2026, 2, 15)),
        # The Spring Festival of 2099 is unknown: the period is too long rather than too short.
        (date(2099, 1, 19), 3, True, date(2099, 3, 4)),
        (date(2026, 12, 30), 3, True, date(2027, 1, 5)),
    ],
)
def test_the_day_on_which_a_period_begins_is_not_counted(
    begins_on: date, days: int, counts_working_days: bool, ends_on: date
) -> None:
    assert last_day_of_period(begins_on=begins_on, days=days, counts_working_days=counts_working_days) == ends_on
