"""What the cells of a workbook are worth: decimals as they were typed, days, and what nobody can know."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from qinqing.kernel.tables.cells import Flaw, FlawedCell, exact_number, read_cells
from qinqing.kernel.tables.refusals import UnreadableTable
from tests.factories.formats import Formula, Raw, RawDay, workbook

# A spreadsheet knows no time zone.
NEW_YEARS_EVE = dt.datetime(2023, 12, 31)  # noqa: DTZ001
pytestmark = pytest.mark.usefixtures("in_english")


@given(some.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=2))
def test_what_has_fifteen_digits_comes_back_as_it_was_typed(typed: Decimal) -> None:
    """A spreadsheet keeps the nearest float, and writes it with up to seventeen digits."""
    assert Decimal(exact_number(f"{float(typed):.17g}")) == typed


@pytest.mark.parametrize(
    ("text", "worth"),
    [
        ("2024", "2024"),
        ("2024.0", "2024"),
        ("0", "0"),
        ("1E-7", "0.0000001"),
        ("1.5E+3", "1500"),
        ("-0.1", "-0.1"),
        ("999999999999999", "999999999999999"),
        ("1E+15", FlawedCell(Flaw.ROUNDED, "1E+15")),
        ("3.3E+17", FlawedCell(Flaw.ROUNDED, "3.3E+17")),
        ("1234567890123456", FlawedCell(Flaw.ROUNDED, "1234567890123456")),
        ("1E999999999", FlawedCell(Flaw.ROUNDED, "1E999999999")),
        ("INF", FlawedCell(Flaw.ROUNDED, "INF")),
        ("NaN", FlawedCell(Flaw.ROUNDED, "NaN")),
        ("1E-999999999", FlawedCell(Flaw.TOO_LONG, "1E-999999999")),
        ("0.30000000000000004", FlawedCell(Flaw.TOO_LONG, "0.30000000000000004")),
    ],
)
def test_numbers(text: str, worth: object) -> None:
    assert exact_number(text) == worth


def test_what_is_no_number_is_no_sound_workbook() -> None:
    with pytest.raises(UnreadableTable, match="damaged"):
        list(read_cells(io.BytesIO(workbook([[Raw("x")]]))))


def test_a_row_of_each_kind_of_cell() -> None:
    cells = ["杭州", 1.5, True, False, dt.date(2023, 12, 31), None, Formula("#N/A"), Formula(""), Formula("7"), "'1"]
    assert list(read_cells(io.BytesIO(workbook([[], cells])))) == [
        (
            2,
            [
                *("杭州", "1.5", "true", "false", NEW_YEARS_EVE, ""),
                *(FlawedCell(Flaw.ERROR, "#N/A"), FlawedCell(Flaw.NO_RESULT, ""), "7", "'1"),
            ],
        )
    ]


def test_the_time_of_day_is_kept_to_the_second() -> None:
    moment = NEW_YEARS_EVE.replace(hour=23, minute=59, second=59)
    assert list(read_cells(io.BytesIO(workbook([[moment]])))) == [(1, [moment])]


@pytest.mark.parametrize("number", ["60", "0.5", "2958466", "-1"])
def test_days_that_a_spreadsheet_counts_wrongly_or_not_at_all_stay_numbers(number: str) -> None:
    assert list(read_cells(io.BytesIO(workbook([[RawDay(number)]])))) == [(1, [number])]


@pytest.mark.parametrize(
    ("code", "is_day"),
    [
        ("yyyy-mm-dd", True),
        ('yyyy"年"m"月"d"日"', True),
        ("[$-804]yyyy年m月", True),
        ("h:mm AM/PM", True),
        ("General", False),
        ("0.00", False),
        ('#,##0.00"days"', False),
        ("[Red]0.00_);[Blue]-0.00", False),
        ("0.0\\d", False),
        ("@", False),
    ],
)
def test_a_format_shows_a_day_or_a_number(code: str, is_day: bool) -> None:
    [(_row, [cell])] = read_cells(io.BytesIO(workbook([[RawDay("45291")]], day_format=code)))
    assert cell == (NEW_YEARS_EVE if is_day else "45291")
