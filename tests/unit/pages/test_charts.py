"""Charts: the longest bar fills its line, the smallest stays visible."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from qinqing.cockpit.charts import DAYS_SHOWN, horizontal_bars, vertical_bars
from qinqing.cockpit.queries import FigurePart
from qinqing.kernel.text import Bilingual


def part(paid_cny: int, day: int = 0) -> FigurePart:
    return FigurePart(Bilingual("一", "one"), 1, Decimal(paid_cny), on=date(2026, 1, 1) + timedelta(days=day))


def test_the_longest_fills_the_line_and_the_others_in_proportion() -> None:
    assert [bar.size for bar in horizontal_bars([part(200), part(50)])] == [100, 25]


def test_a_part_that_paid_little_stays_visible() -> None:
    assert horizontal_bars([part(10**9), part(1)])[1].size == 0.6


def test_nothing_paid_draws_nothing() -> None:
    assert horizontal_bars([]) == vertical_bars([]) == ()


def test_standing_bars_share_the_width_without_touching() -> None:
    bars = vertical_bars([part(1, day) for day in range(20)])
    assert all(left.start + left.width < right.start for left, right in pairwise(bars))
    assert bars[-1].start + bars[-1].width <= 100
    assert bars[0].top + bars[0].size == 100


def test_only_the_last_days_are_drawn_and_the_last_carries_its_date() -> None:
    bars = vertical_bars([part(1, day) for day in range(50)])
    assert len(bars) == DAYS_SHOWN
    assert bars[-1].part.on == date(2026, 1, 1) + timedelta(days=49)
    assert bars[-1].is_labelled
