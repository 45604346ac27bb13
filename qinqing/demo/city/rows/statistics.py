"""What the statistics bureau knows about the firms that are large enough for its library."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from qinqing.demo.city.calendar import FIRST_SALES_MONTHS, OUTPUT_QUARTERS, SALES_MONTHS, month_of
from qinqing.demo.city.firms import Firm
from qinqing.demo.city.industries import trade_of

# The yearly revenue from which the library keeps a firm of the trade.
THRESHOLDS_CNY = {
    "industry": 20_000_000,
    "retail": 5_000_000,
    "catering": 2_000_000,
    "lodging": 2_000_000,
    "service": 10_000_000,
    "construction": 30_000_000,
    "real_estate": 1,
}
_SEASONS = (1.18, 0.82, 0.95, 0.96, 1.02, 1.03, 0.98, 0.97, 1.0, 1.06, 1.1, 1.12)


def library_trade(firm: Firm) -> str | None:
    """The trade under which the library keeps the firm; None while it is too small."""
    trade = trade_of(firm.industry.code)
    return trade if trade is not None and firm.revenue_cny >= THRESHOLDS_CNY[trade] else None


def library(firm: Firm, luck: Random, today: date) -> Iterator[str]:
    """The firm's place in the library; a few fell below the threshold later and left."""
    trade = library_trade(firm)
    if trade is None:
        return
    left_on = date(2024, 1, 31) if not firm.part and luck.random() < 0.03 else ""
    is_first = "true" if firm.part or luck.random() < 0.93 else "false"
    yield f"{firm.credit_code},{trade},{entered_library_on(firm)},{left_on},{is_first}"


def entered_library_on(firm: Firm) -> date:
    """When the firm passed the threshold; a young firm passed it soon, or the library would not have it."""
    if firm.part and firm.part.entered_on:
        return firm.part.entered_on
    # The day follows from the serial number, because several files have to agree.
    days = 60 + firm.serial % 300 if firm.founded_on.year >= 2022 else 200 + firm.serial * 7919 % 1300
    return max(min(firm.founded_on + timedelta(days=days), date(2023, 12, 1)), firm.founded_on)


def output(firm: Firm, luck: Random, today: date) -> Iterator[str]:
    """A manufacturer's output by quarter, growing or shrinking through two years."""
    if library_trade(firm) != "industry":
        return
    growth = 0.09 if firm.part else luck.gauss(0.03, 0.07)
    for step, quarter in enumerate(OUTPUT_QUARTERS):
        value = firm.revenue_cny / 4 * (1 + growth) ** step * luck.uniform(0.97, 1.03)
        yield f"{firm.credit_code},{quarter},{value:.2f}"


def sales(firm: Firm, luck: Random, today: date) -> Iterator[str]:
    """The sales of a shop or a restaurant by month, with the seasons and a year's growth."""
    trade = library_trade(firm)
    if trade not in ("retail", "catering"):
        return
    growth, first = 1.22 if firm.part else luck.gauss(1.12, 0.2), month_of(firm.founded_on)
    is_new = entered_library_on(firm).year == 2023
    for month in SALES_MONTHS + (FIRST_SALES_MONTHS if is_new else ()):
        if month >= first:
            season = _SEASONS[int(month[5:]) - 1] * (growth if month >= "2022" else 1)
            value = max(firm.revenue_cny / 12 * season * luck.uniform(0.97, 1.03), 0)
            retail, catering = (value, 0.0) if trade == "retail" else (value * 0.04, value)
            yield f"{firm.credit_code},{month},{retail:.2f},{catering:.2f}"
