"""What the bureaus of economy, science and housing know about a firm, as rows of their files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from qinqing.demo.city.calendar import RENT_MONTHS, RESEARCH_YEARS, month_of
from qinqing.demo.city.firms import Firm

HIGH_TECH_INDUSTRIES = ("C27", "C39", "C40", "I65", "M73")
_LIST_YEARS = {"top_100": 2022, "key_chain": 2026, "quarantine_hotel": 2022}
_CHAIN_INDUSTRIES = ("C27", "C36", "C38", "C39", "C40")
_TENANTS = ("F52", "H61", "H62", "L72", "N78", "R87")


def lists(firm: Firm, luck: Random, today: date) -> Iterator[str]:
    """The lists that name the firm."""
    chance = luck.random()
    names = list(firm.part.lists) if firm.part else []
    if not firm.part and firm.staff >= 8 and chance < 0.04:
        names.append("top_100")
    if not firm.part and firm.industry.code[:3] in _CHAIN_INDUSTRIES and chance > 0.7:
        names.append("key_chain")
    if firm.industry.code.startswith("H61") and chance > 0.85:
        names.append("quarantine_hotel")
    for name in names:
        rank = firm.serial % 100 + 1 if name == "top_100" else ""
        yield f"{firm.credit_code},{name},{_LIST_YEARS[name]},{rank}"


def stoppages(firm: Firm, luck: Random, today: date) -> Iterator[str]:
    """A stop of work in 2020 or 2021, for one firm in eighty."""
    if luck.random() < 0.0125 and firm.founded_on.year < 2020:
        started_on = date(2020, 2, 1) + timedelta(days=luck.randrange(500))
        yield f"{firm.credit_code},{started_on},{started_on + timedelta(days=luck.randrange(14, 120))}"


def research(firm: Firm, luck: Random, today: date) -> Iterator[str]:
    """What a technology firm spent on research; a few returns leave the number out."""
    is_named = firm.part is not None and firm.part.is_high_tech
    if not is_named and not (firm.industry.code[:3] in HIGH_TECH_INDUSTRIES and luck.random() < 0.6):
        return
    for year in RESEARCH_YEARS:
        if firm.founded_on.year <= year:
            expense = firm.revenue_cny * luck.uniform(0.02, 0.12)
            is_left_out = not is_named and luck.random() < 0.03
            yield f"{firm.credit_code},{year},{'' if is_left_out else f'{expense:.2f}'}"


def rents(firm: Firm, luck: Random, today: date) -> Iterator[str]:
    """Three months' rent of shops, restaurants, hotels, cinemas and scenic spots that do not own their premises."""
    is_tenant = firm.industry.code[:3] in _TENANTS and (firm.part is not None or luck.random() < 0.45)
    if not is_tenant:
        return
    month_cny, is_state_owned = (firm.staff + 2) * luck.uniform(400, 1500), firm.part is None and luck.random() < 0.25
    for month in RENT_MONTHS:
        if month >= month_of(firm.founded_on):
            state_owned = "true" if is_state_owned else "false"
            paid_on = date(int(month[:4]), int(month[5:]), 1 + luck.randrange(28))
            yield f"{firm.credit_code},ZL{firm.serial:07d},{month},{month_cny:.2f},{paid_on},{state_owned}"
