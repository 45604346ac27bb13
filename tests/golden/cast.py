"""Firms and people of the golden numbers: the smallest set of facts that makes each demo policy pay."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

from companies.models import Company, Employee
from tests.factories.companies import make_company
from tests.factories.dataset_models import (
    BenefitMonth,
    CarSale,
    Compound,
    ContributionMonth,
    HardshipHire,
    Housing,
    InsuranceMonth,
    InsuranceYear,
    LibraryEntry,
    Listing,
    Loan,
    Marriage,
    OutputQuarter,
    RentMonth,
    ResearchYear,
    SalesMonth,
    Taxpayer,
    TaxYear,
    Title,
    TraineeMonth,
    UtilityBill,
    WageYear,
)
from tests.factories.deliveries import make_employment, make_row
from tests.factories.people import make_employee

Facts = Callable[[], Company]


def insured_year(company: Company, **columns: object) -> Company:
    usual = {"year": 2021, "unemployment_premium": 120_000, "insured": 25, "paid_months": 12}
    make_row(InsuranceYear, company, **(usual | columns))
    return company


def manufacturer() -> Company:
    company = make_company(industry_code="C3670")
    make_row(LibraryEntry, company, trade="industry", entered_on=dt.date(2018, 1, 1))
    quarters = {"2022Q1": 200, "2022Q2": 200, "2022Q3": 500, "2023Q1": 210, "2023Q2": 210}
    for quarter, millions in quarters.items():
        make_row(OutputQuarter, company, quarter=quarter, value=millions * 1_000_000)
    make_row(OutputQuarter, company, quarter="2023Q3", value=Decimal(656_900_000))
    return company


def seller(trade: str, before: int, now: int) -> Facts:
    def facts() -> Company:
        company = make_company(industry_code="F52" if trade == "retail" else "H62")
        make_row(LibraryEntry, company, trade=trade, entered_on=dt.date(2018, 1, 1))
        for month, amount in (("2021-02", before), ("2022-02", now)):
            make_row(SalesMonth, company, month=month, **({"retail": 0, "catering": 0} | {trade: amount}))
        return company

    return facts


def property_firm() -> Company:
    company = make_company(industry_code="K7020")
    make_row(Compound, company, code="XQ1", managed_m2=40_000, joined_epidemic_control=True)
    return company


def stay_and_train() -> Company:
    company = make_company(industry_code="H6210")
    for month, insured in (("2022-01", 30), ("2022-02", 31), ("2022-03", 32), ("2022-04", 33), ("2022-05", 90)):
        make_row(InsuranceMonth, company, month=month, insured=insured)
    return company


def titled(recognition: str) -> Facts:
    def facts() -> Company:
        company = make_company()
        kind = "national_high_tech"
        awarded_on = dt.date(2025, 12, 8)
        make_row(Title, company, certificate="GR1", kind=kind, recognition=recognition, awarded_on=awarded_on)
        return company

    return facts


def resident(company: Company, *, spouse: Employee | None = None, **wage: object) -> Employee:
    one = make_employee(spouse=spouse)
    make_employment(company, one)
    make_row(WageYear, one, **({"year": 2019, "total": 60_000, "months": 12} | wage))
    make_row(Housing, one, owns_home=False, in_public_housing=False, has_subsidy=False)
    make_row(Marriage, one, is_married=spouse is not None)
    return one


def couple() -> Company:
    company = make_company()
    make_row(Taxpayer, company, district="330106", is_normal=True)
    one = resident(company)
    resident(company, spouse=one)
    Marriage.objects.update(is_married=True)
    return company


def hirer() -> Company:
    company, july = make_company(), dt.date(2022, 7, 1)
    make_employment(
        company,
        make_employee(),
        hired_on=july,
        insured_from=july,
        has_contract=True,
        graduated_on=dt.date(2022, 6, 30),
        is_registered_unemployed=False,
    )
    return company


def small_payer() -> Company:
    company = make_company(size="micro")
    make_row(Taxpayer, company, district="330106", is_normal=True)
    make_row(UtilityBill, company, kind="electricity", month="2022-06", amount=90, is_resident=False)
    return company


def newcomer(trade: str, month_cny: int) -> Facts:
    """Founded in November 2022, above the threshold since April 2023, the same sales in each month of 2023."""

    def facts() -> Company:
        company = make_company(industry_code="F5213", founded_on=dt.date(2022, 11, 1))
        make_row(LibraryEntry, company, trade=trade, entered_on=dt.date(2023, 4, 1))
        for month in range(1, 13):
            amounts = {"retail": 0, "catering": 0} | {trade: month_cny}
            make_row(SalesMonth, company, month=f"2023-{month:02d}", **amounts)
        return company

    return facts


def dealer(price: str, **columns: object) -> Facts:
    def facts() -> Company:
        company = make_company(industry_code="F5261")
        usual = {"vin": "LQA00000001000001", "is_new_energy": True, "sold_on": dt.date(2022, 5, 1)}
        make_row(CarSale, company, employee=make_employee(), price_ex_tax=Decimal(price), **(usual | columns))
        return company

    return facts


def trainer(**columns: object) -> Company:
    company = make_company(industry_code="I6513")
    usual = {"month": "2021-03", "kind": "graduate", "hired_on": dt.date(2021, 1, 5), "month_number": 3}
    make_row(TraineeMonth, company, employee=make_employee(), **(usual | columns))
    return company


def hirer_out_of_hardship(*, benefit_months: tuple[str, ...] = (), **columns: object) -> Company:
    """A woman hired at 46; six months paid, 1,200 yuan each, the amount changes in the middle of them."""
    company, one = make_company(industry_code="O8010"), make_employee()
    usual = {"hired_on": dt.date(2022, 10, 8), "gender": "female", "age_at_hire": 46}
    make_row(HardshipHire, company, employee=one, **(usual | columns))
    for month in ("2022-11", "2022-12", "2023-01", "2023-02", "2023-03", "2023-04"):
        make_row(ContributionMonth, one, month=month, employer=company.credit_code, fees=1200)
    for month in benefit_months:
        make_row(BenefitMonth, one, month=month, amount=1600)
    return company


def entrant(**columns: object) -> Company:
    company = make_company(industry_code="C3670")
    usual = {"trade": "industry", "entered_on": dt.date(2023, 2, 1), "is_first_entry": True}
    make_row(LibraryEntry, company, **(usual | columns))
    return company


def researcher(expense: int, tax_paid: int = 9_000_000) -> Company:
    company = make_company(industry_code="C3973")
    make_row(LibraryEntry, company, trade="industry", entered_on=dt.date(2019, 1, 1))
    make_row(Title, company, certificate="GR1", kind="national_high_tech", awarded_on=dt.date(2021, 12, 1))
    make_row(ResearchYear, company, year=2022, expense=expense)
    make_row(TaxYear, company, year=2022, tax_paid=tax_paid)
    return company


def borrower(*loans: tuple[str, int, dt.date, dt.date], size: str = "medium") -> Company:
    """Loans as (contract, principal, drawn on, due on)."""
    company = make_company(industry_code="C3670", size=size)
    make_row(Listing, company, name="key_chain", year=2026)
    for contract, principal, drawn_on, due_on in loans:
        terms = {"principal": principal, "drawn_on": drawn_on, "due_on": due_on}
        make_row(Loan, company, contract=contract, is_fixed_asset=True, has_other_subsidy=False, **terms)
    return company


def tenant(month_cny: int, *, industry_code: str = "H6210", trade: str = "catering") -> Company:
    company = make_company(industry_code=industry_code)
    make_row(LibraryEntry, company, trade=trade, entered_on=dt.date(2020, 1, 1))
    for month in (3, 4, 5):
        paid_on = dt.date(2022, month, 10)
        make_row(RentMonth, company, lease="ZL1", month=f"2022-{month:02d}", amount=month_cny, paid_on=paid_on)
    return company


def keeper(*insured: int) -> Company:
    """Insured headcounts from January to May 2022."""
    company = make_company()
    make_row(Listing, company, name="top_100", year=2022, rank=7)
    for month, headcount in enumerate(insured, start=1):
        make_row(InsuranceMonth, company, month=f"2022-{month:02d}", insured=headcount)
    return company


def payer_of_bills() -> Company:
    company = make_company()
    make_row(UtilityBill, company, kind="electricity", month="2022-07", amount=Decimal("1234.50"), is_resident=False)
    make_row(UtilityBill, company, kind="water", month="2022-07", amount=100, is_resident=True)
    return company


def giant() -> Company:
    company = make_company(industry_code="C3973")
    terms = {"recognition": "first", "awarded_on": dt.date(2024, 10, 18)}
    make_row(Title, company, certificate="XJR1", kind="little_giant", **terms)
    return company
