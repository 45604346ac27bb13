"""What each department knows about a firm, as rows of its file.

No value here holds a comma, a quote or a line break, so a row is its values with commas between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from qinqing.demo.city import numbers, places
from qinqing.demo.city.calendar import (
    BILL_MONTHS,
    INSURANCE_MONTHS,
    INSURANCE_YEARS,
    TAX_YEARS,
    month_of,
)
from qinqing.demo.city.firms import Firm
from qinqing.demo.city.rows.economy import HIGH_TECH_INDUSTRIES, lists, rents, research, stoppages
from qinqing.demo.city.rows.statistics import library, output, sales
from qinqing.demo.city.suppliers import LENDER, POWER, WATER

BANKS = (
    ("杭州演示银行武林支行", 313, 1),
    ("杭州演示银行滨江支行", 313, 2),
    ("钱塘演示银行城西支行", 423, 7),
    ("钱塘演示银行临平支行", 423, 8),
    ("西湖演示农商银行良渚支行", 402, 15),
    ("江南演示银行萧山支行", 591, 3),
)
BRANCHES = tuple((name, numbers.bank_number(bank=bank, branch=branch)) for name, bank, branch in BANKS)
_PREMIUM_PER_HEAD_CNY = 540
_CREDIT_LISTS = ("serious_dishonesty", "judgment_defaulter", "wage_arrears", "zombie", "abnormal_operation")


class CompanyFile(NamedTuple):
    """A dataset's columns, and the rows that one firm has in it."""

    columns: str
    rows: Callable[[Firm, Random, date], Iterable[str]]


def registration(firm: Firm, luck: Random, today: date) -> Iterator[str]:
    """The register of today; firms that the reform moved are in their new district since."""
    since = max(firm.founded_on, places.REFORMED_ON)
    yield _registered(firm, district=firm.district, since=since)


def old_registration(firm: Firm, luck: Random, today: date) -> Iterator[str]:
    """The register as it was before the reform of the districts."""
    if firm.founded_on < places.REFORMED_ON:
        yield _registered(firm, district=firm.old_district, since=firm.founded_on)


def _registered(firm: Firm, *, district: str, since: date) -> str:
    return (
        f"{firm.credit_code},{firm.name},{firm.industry.code},{firm.founded_on},{firm.standing},{firm.ownership},"
        f"{_yes(firm.is_government_unit)},{district},{since}"
    )


def annual_report(firm: Firm, luck: Random, today: date) -> Iterator[str]:
    """Two reports; a few firms left a number out, so that nobody knows their size."""
    for year in (today.year - 2, today.year - 1):
        if firm.founded_on.year > year or luck.random() < 0.01:
            continue
        revenue = int(firm.revenue_cny * luck.uniform(0.9, 1.15))
        staff = "" if not firm.part and luck.random() < 0.01 else firm.staff + 1
        yield f"{firm.credit_code},{year},{staff},{revenue},{int(revenue * luck.uniform(0.4, 1.8))}"


def tax(firm: Firm, luck: Random, today: date) -> Iterator[str]:
    """The tax returns."""
    for year in TAX_YEARS:
        if firm.founded_on.year <= year:
            revenue = int(firm.revenue_cny * luck.uniform(0.7, 1.2))
            yield f"{firm.credit_code},{year},{revenue},{int(revenue * luck.uniform(0.005, 0.05))}"


def taxpayer(firm: Firm, luck: Random, today: date) -> Iterator[str]:
    """The tax register; it misses a few firms."""
    chance = 0.0 if firm.part else luck.random()
    if chance < 0.985:
        yield f"{firm.credit_code},{firm.district},{_yes(chance < 0.96 and firm.standing == 'active')}"


def insurance(firm: Firm, luck: Random, today: date) -> Iterator[str]:
    """Headcounts by month; they drift a little from what they are today."""
    if not firm.staff or (not firm.part and luck.random() < 0.012):
        return
    first, is_late_payer = month_of(firm.founded_on), not firm.part and luck.random() < 0.03
    drift = luck.uniform(-0.004, 0.008) * firm.staff
    for distance, month in zip(range(len(INSURANCE_MONTHS), 0, -1), INSURANCE_MONTHS, strict=True):
        if month >= first:
            insured = max(firm.staff - round(drift * distance), 1)
            yield f"{firm.credit_code},{month},{insured},{_yes(not (is_late_payer and distance % 5 == 0))}"


def insurance_year(firm: Firm, luck: Random, today: date) -> Iterator[str]:
    """Premiums and layoffs by year; the layoff rate of a few firms was never worked out."""
    if not firm.staff or (not firm.part and luck.random() < 0.012):
        return
    for year in INSURANCE_YEARS:
        if firm.founded_on.year > year:
            continue
        months = 12 if firm.part or luck.random() < 0.95 else luck.randrange(4, 12)
        months = min(months, 13 - firm.founded_on.month) if firm.founded_on.year == year else months
        premium = firm.staff * _PREMIUM_PER_HEAD_CNY * months / 12 * luck.uniform(0.85, 1.3)
        yield f"{firm.credit_code},{year},{premium:.2f},{firm.staff},{months},{_layoff_rate(firm, luck)}"


def _layoff_rate(firm: Firm, luck: Random) -> str:
    if firm.part:
        return "0.0250"
    return "" if luck.random() < 0.015 else f"{min(luck.expovariate(22), 1):.4f}"


def credit(firm: Firm, luck: Random, today: date) -> Iterator[str]:
    """The lists of the credit office; half of those listed found their way out again."""
    if firm.part or luck.random() > 0.025:
        return
    listed_on = date(2019, 1, 1) + timedelta(days=luck.randrange(1800))
    removed_on = "" if luck.random() < 0.5 else min(listed_on + timedelta(days=luck.randrange(90, 900)), today)
    kind = _CREDIT_LISTS[int(luck.random() * len(_CREDIT_LISTS))]
    yield f"{firm.credit_code},{kind},{listed_on},{removed_on}"


def risk_periods(firm: Firm, luck: Random, today: date) -> Iterator[str]:
    """Times in which the firm's street was a risk area, in the spring of 2022."""
    if luck.random() < 0.07:
        started_on = date(2022, 3, 10) + timedelta(days=luck.randrange(55))
        yield f"{firm.credit_code},{started_on},{started_on + timedelta(days=luck.randrange(7, 29))}"


def utilities(firm: Firm, luck: Random, today: date) -> Iterator[str]:
    """Bills of electricity, and of water where the firm has a shop of its own; most small firms work from homes."""
    is_resident = _yes(firm.part is None and firm.staff < 20 and luck.random() < 0.9)
    for month in BILL_MONTHS:
        if month < month_of(firm.founded_on):
            continue
        amount = (firm.staff + 1) * luck.uniform(60, 260)
        yield f"{firm.credit_code},electricity,{month},{amount:.2f},{is_resident},{POWER.code}"
        if firm.industry.code[0] in "CFH":
            yield f"{firm.credit_code},water,{month},{amount * 0.13:.2f},{is_resident},{WATER.code}"


def titles(firm: Firm, luck: Random, today: date) -> Iterator[str]:
    """High-tech titles, renewed every three years, and those of specialised firms."""
    yield from _specialised(firm, luck, today)
    is_named = firm.part is not None and firm.part.is_high_tech
    if not is_named and not (firm.industry.code[:3] in HIGH_TECH_INDUSTRIES and luck.random() < 0.3):
        return
    year = 2025 if is_named else luck.randrange(2019, 2026)
    is_renewal = luck.random() > 0.55 or is_named
    awards = ((year - 3, "first"), (year, "renewal")) if is_renewal else ((year, "first"),)
    for awarded_in, recognition in awards:
        awarded_on = date(awarded_in, 12, 8)
        if awarded_on <= today and firm.founded_on < date(awards[0][0] - 1, 1, 1):
            yield f"{firm.credit_code},GR{awarded_in}33{firm.serial:06d},national_high_tech,{recognition},{awarded_on}"


def _specialised(firm: Firm, luck: Random, today: date) -> Iterator[str]:
    """The province's title, and for the best of its holders the nation's two years later."""
    is_named = firm.part is not None and firm.part.is_little_giant
    chance = 0.0 if is_named else luck.random() if firm.industry.code[0] in "CI" and not firm.part else 1.0
    if chance < 0.05 and firm.founded_on < date(2019, 1, 1):
        yield f"{firm.credit_code},ZJTX{firm.serial:06d},provincial_specialised,first,2022-12-20"
    if chance < 0.02 and firm.founded_on < date(2019, 1, 1) and today >= date(2024, 10, 18):
        yield f"{firm.credit_code},XJR{firm.serial:06d},little_giant,first,2024-10-18"


def loans(firm: Firm, luck: Random, today: date) -> Iterator[str]:
    """A loan for some of the firms that make or build things."""
    if firm.part and firm.part.loan_cny:
        terms = f"{firm.part.loan_cny},0.0365,2026-02-10,2028-02-10,true,false,{LENDER.code}"
        yield f"{firm.credit_code},HT{firm.serial:07d},{terms}"
        return
    if firm.staff < 5 or firm.industry.code[0] not in "CEFI" or luck.random() > 0.15:
        return
    drawn_on = date(2025, 1, 1) + timedelta(days=luck.randrange(max((today - date(2025, 1, 1)).days, 1)))
    due_on = drawn_on + timedelta(days=365 * luck.randrange(1, 4))
    principal = max(round(firm.revenue_cny * luck.uniform(0.05, 0.3), -5), 100_000)
    terms = f"{principal},{luck.uniform(0.03, 0.055):.4f},{drawn_on},{due_on}"
    is_fixed, has_other = _yes(luck.random() < 0.4), _yes(luck.random() < 0.03)
    yield f"{firm.credit_code},HT{firm.serial:07d},{terms},{is_fixed},{has_other},{LENDER.code}"


def compounds(firm: Firm, luck: Random, today: date) -> Iterator[str]:
    """The residential compounds of a property firm."""
    if firm.industry.code != "K7020":
        return
    for number in range(1, 2 + min(firm.staff // 12, 8)):
        joined = "" if not firm.part and luck.random() < 0.02 else _yes(firm.part is not None or luck.random() < 0.88)
        area = luck.randrange(12_000, 180_000)
        yield f"{firm.credit_code},XQ{firm.district}{firm.serial:06d}{number:02d},{area},{joined}"


def company_accounts(firm: Firm, luck: Random, today: date) -> Iterator[str]:
    """The account that the firm told the tax office; a hundredth told none."""
    if not (firm.part.has_account if firm.part else luck.random() < 0.99):
        return
    bank_name, bank_number = BRANCHES[int(luck.random() * len(BRANCHES))]
    yield f"{firm.credit_code},{firm.name},{bank_name},{bank_number},33050{firm.serial:012d}"


def _yes(is_so: bool) -> str:  # noqa: FBT001 - a word for a truth value
    return "true" if is_so else "false"


OLD_REGISTRATION = CompanyFile(
    "credit_code,name,industry,founded_on,standing,ownership,is_government_unit,district,district_from",
    old_registration,
)
COMPANY_FILES = {
    "registration": CompanyFile(OLD_REGISTRATION.columns, registration),
    "annual_report": CompanyFile("credit_code,year,staff,revenue,assets", annual_report),
    "tax": CompanyFile("credit_code,year,revenue,tax_paid", tax),
    "taxpayer": CompanyFile("credit_code,district,is_normal", taxpayer),
    "insurance": CompanyFile("credit_code,month,insured,is_paid", insurance),
    "insurance_year": CompanyFile(
        "credit_code,year,unemployment_premium,insured,paid_months,layoff_rate", insurance_year
    ),
    "credit": CompanyFile("credit_code,kind,listed_on,removed_on", credit),
    "library": CompanyFile("credit_code,trade,entered_on,left_on,is_first_entry", library),
    "output": CompanyFile("credit_code,quarter,value", output),
    "sales": CompanyFile("credit_code,month,retail,catering", sales),
    "risk_periods": CompanyFile("credit_code,started_on,ended_on", risk_periods),
    "utilities": CompanyFile("credit_code,kind,month,amount,is_resident,supplier", utilities),
    "titles": CompanyFile("credit_code,certificate,kind,recognition,awarded_on", titles),
    "loans": CompanyFile(
        "credit_code,contract,principal,rate,drawn_on,due_on,is_fixed_asset,has_other_subsidy,lender", loans
    ),
    "compounds": CompanyFile("credit_code,code,managed_m2,joined_epidemic_control", compounds),
    "lists": CompanyFile("credit_code,name,year,rank", lists),
    "stoppages": CompanyFile("credit_code,started_on,ended_on", stoppages),
    "research": CompanyFile("credit_code,year,expense", research),
    "rents": CompanyFile("credit_code,lease,month,amount,paid_on,is_state_owned", rents),
    "company_accounts": CompanyFile("credit_code,holder_name,bank_name,bank_number,number", company_accounts),
}
