"""The curve of a fund: its money day by day, and the day on which it is used up at the present pace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import ceil

from payouts.models import Fund
from qinqing.kernel.database.statements import fetch_rows_as

# The days on the drawing, and the last of them, from which the pace is computed.
DAYS_SHOWN, PACE_DAYS = 60, 14
FULL = 100
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a fund, in yuan: the money left in the evening, and the money paid and (net of releases) claimed."""

    on: date
    available_cny: Decimal
    disbursed_cny: Decimal
    claimed_cny: Decimal


@dataclass(frozen=True, slots=True)
class DayPosition:
    """The position of a day on the drawing, which is a hundred units wide and high."""

    day: Day
    left: float
    middle: float
    width: float
    available_top: float
    disbursed_height: float

    @property
    def disbursed_top(self) -> float:
        """The distance from the top of the drawing to the top of the bar."""
        return round(FULL - self.disbursed_height, 2)


@dataclass(frozen=True, slots=True)
class Curve:
    """The days of a fund; `exhausted_on` is None if the pace is zero, the fund is empty, or it lasts ten years."""

    days: tuple[Day, ...]
    positions: tuple[DayPosition, ...]
    pace_cny: Decimal
    exhausted_on: date | None

    @property
    def line(self) -> str:
        """The money left on each day, as the points of an SVG line."""
        return " ".join(f"{position.middle},{position.available_top}" for position in self.positions)


def compute_curve(*, fund: Fund, today: date) -> Curve:
    """Compute the last days of a fund, and the day on which it is used up at the pace of the last two weeks."""
    days = _read_days(fund, today)
    recent = days[-PACE_DAYS:]
    claimed = sum((day.claimed_cny for day in recent), NOTHING)
    pace = (max(claimed, NOTHING) / len(recent)).quantize(Decimal("0.01")) if recent else NOTHING
    return Curve(
        days=tuple(days),
        positions=_position_days(days),
        pace_cny=pace,
        exhausted_on=_compute_exhaustion(fund, pace, today),
    )


def _read_days(fund: Fund, today: date) -> list[Day]:
    days = fetch_rows_as(
        Day,
        """
        WITH daily AS (
            SELECT (posted_at AT TIME ZONE 'Asia/Shanghai')::date AS day,
                sum(CASE 'available' WHEN credit THEN amount_cny WHEN debit THEN -amount_cny ELSE 0 END) AS available,
                sum(CASE 'disbursed' WHEN credit THEN amount_cny ELSE 0 END) AS disbursed,
                sum(CASE 'available' WHEN debit THEN amount_cny WHEN credit THEN -amount_cny ELSE 0 END)
                    FILTER (WHERE debit <> 'granted') AS claimed
            FROM payouts_posting WHERE fund_id = %(fund)s GROUP BY 1
        ), calendar AS (
            SELECT day::date FROM generate_series((SELECT min(day) FROM daily), %(today)s::date, '1 day') AS day
        )
        SELECT c.day AS "on", sum(coalesce(d.available, 0)) OVER (ORDER BY c.day) AS available_cny,
            coalesce(d.disbursed, 0) AS disbursed_cny, coalesce(d.claimed, 0) AS claimed_cny
        FROM calendar c LEFT JOIN daily d USING (day) ORDER BY c.day DESC LIMIT %(limit)s
        """,
        fund=fund.pk,
        today=today,
        limit=DAYS_SHOWN,
    )
    return days[::-1]


def _compute_exhaustion(fund: Fund, pace: Decimal, today: date) -> date | None:
    if pace <= 0 or fund.available_cny <= 0:
        return None
    days = ceil(fund.available_cny / pace)
    return today + timedelta(days=days) if days < 3_650 else None


def _position_days(days: list[Day]) -> tuple[DayPosition, ...]:
    highest = max((day.available_cny for day in days), default=NOTHING) or Decimal(1)
    most = max((day.disbursed_cny for day in days), default=NOTHING) or Decimal(1)
    step = FULL / max(len(days), 1)
    return tuple(
        DayPosition(
            day=day,
            left=round((number + 0.15) * step, 2),
            middle=round((number + 0.5) * step, 2),
            width=round(step * 0.7, 2),
            available_top=round(FULL - float(day.available_cny / highest) * 96, 2),
            disbursed_height=round(float(day.disbursed_cny / most) * 60, 2),
        )
        for number, day in enumerate(days)
    )
