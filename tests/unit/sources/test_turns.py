"""When a source is pulled next, and how a day and a bookmark are found."""

from __future__ import annotations

import datetime as dt
import io

import pytest

from companies.models import DataSource
from companies.sources.day import NoDay, find_bookmark, find_day
from companies.sources.fetch.asked import Came, Spool, TooMuch
from companies.sources.turns import next_try, next_turn
from tests.factories.clock import NOW, TODAY

HEADER = {"as_of_from": "header", "as_of_name": "X-Day"}
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.mark.parametrize(("late", "after"), [(0, 1), (0.5, 1), (1, 2), (30.2, 31)])
def test_missed_turns_are_not_made_up_for(late: float, after: int) -> None:
    assert next_turn(planned_at=NOW, every=HOUR, now=NOW + HOUR * late) == NOW + HOUR * after


@pytest.mark.parametrize(
    ("count", "longest"), [(1, HOUR / 60), (2, HOUR / 30), (7, HOUR * 64 / 60), (12, DAY), (99, DAY)]
)
def test_waits_double_to_a_day_by_lot(count: int, longest: dt.timedelta) -> None:
    assert next_try(failure_count=count, now=NOW, draw=lambda: 1.0) == NOW + longest
    assert next_try(failure_count=count, now=NOW, draw=lambda: 0.0) == NOW + longest / 2


@pytest.mark.parametrize(
    ("terms", "came", "day"),
    [
        ({"as_of_from": "pulled"}, Came("x"), TODAY),
        ({"as_of_from": "name"}, Came("tax_2026.02.28-1.csv"), dt.date(2026, 2, 28)),
        ({"as_of_from": "name"}, Came("tax-99999999-20260228.csv"), dt.date(2026, 2, 28)),
        ({"as_of_from": "name"}, Came("tax-202602.csv"), None),
        ({"as_of_from": "modified"}, Came("x"), None),
        (HEADER, Came("x", headers={"x-day": "2026-02-28T23:00"}), dt.date(2026, 2, 28)),
        (HEADER, Came("x", headers={"x-day": "Sat, 28 Feb 2026 20:00:00 GMT"}), dt.date(2026, 3, 1)),
        (HEADER, Came("x", headers={"x-day": "yesterday"}), None),
        ({"as_of_from": "column", "as_of_name": "day"}, Came("x"), None),
    ],
)  # fmt: skip
def test_the_day_stands_where_the_source_says(terms: dict[str, str], came: Came, day: dt.date | None) -> None:
    source = DataSource(**terms)
    if day is None:
        with pytest.raises(NoDay):
            find_day(source=source, came=came, highest={}, now=NOW)
    else:
        assert find_day(source=source, came=came, highest={}, now=NOW) == day


def test_a_bookmark_stays_where_no_rows_came() -> None:
    source = DataSource(bookmark_from="column", bookmark_name="year", begins_at="2020", bookmark="2024")
    assert find_bookmark(source=source, came=Came("x"), highest={}) == "2024"
    assert find_bookmark(source=source, came=Came("x"), highest={"year": "2025"}) == "2025"


def test_a_spool_takes_what_was_agreed_and_no_byte_more() -> None:
    spool = Spool(largest_bytes=4)
    spool.file = io.BytesIO()
    spool.write(b"1234")
    with pytest.raises(TooMuch):
        spool.write(b"5")
    assert spool.byte_count == 4
