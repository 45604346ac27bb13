"""The demo policies' golden numbers: from delivered facts to the entitlement, and by the plain engine too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest

from companies.catalogue import Absence
from companies.datasets import (
    Compound,
    Housing,
    InsuranceMonth,
    InsuranceYear,
    LibraryEntry,
    Marriage,
    OutputQuarter,
    SalesMonth,
    Taxpayer,
    Title,
    UtilityBill,
    WageYear,
)
from companies.datasets.base import CompanyRow, DatasetRow, PersonRow
from companies.facts import catalogue, dataset_models
from companies.models import Company, Delivery, Employee
from policies import queries
from policies.feel import evaluate
from policies.models import Entitlement, PolicyVersion
from policies.queries import Verdict
from policies.subjects import SUBJECTS
from policies.wording import wording_of
from qinqing.demo.policies import POLICIES, load_policies
from tests.factories.policies import NOW, TODAY, all_delivered, employed, firm, known, matched, person

pytestmark = pytest.mark.django_db

Facts = Callable[[], Company]


@dataclass(frozen=True)
class Golden:
    """
    A firm that is entitled, and to what.

    `missing` is a dataset whose rows make the verdict unknown when they are gone, `stale` one whose age does.
    """

    code: str
    facts: Facts
    amounts: tuple[str, ...]
    missing: str
    stale: str | None


def insured_year(company: Company, **columns: object) -> Company:
    usual = {"year": 2021, "unemployment_premium_cny": 120_000, "insured": 25, "paid_months": 12}
    known(InsuranceYear, company, **(usual | columns))
    return company


def manufacturer() -> Company:
    company = firm(industry_code="C3670")
    known(LibraryEntry, company, trade="industry", entered_on=dt.date(2018, 1, 1))
    quarters = {"2022Q1": 200, "2022Q2": 200, "2022Q3": 500, "2023Q1": 210, "2023Q2": 210}
    for quarter, millions in quarters.items():
        known(OutputQuarter, company, quarter=quarter, value_cny=millions * 1_000_000)
    known(OutputQuarter, company, quarter="2023Q3", value_cny=Decimal(656_900_000))
    return company


def seller(trade: str, before: int, now: int) -> Facts:
    def facts() -> Company:
        company = firm(industry_code="F52" if trade == "retail" else "H62")
        known(LibraryEntry, company, trade=trade, entered_on=dt.date(2018, 1, 1))
        for month, amount in (("2021-02", before), ("2022-02", now)):
            known(SalesMonth, company, month=month, **({"retail_cny": 0, "catering_cny": 0} | {f"{trade}_cny": amount}))
        return company

    return facts


def property_firm() -> Company:
    company = firm(industry_code="K7020")
    known(Compound, company, code="XQ1", managed_m2=40_000, joined_epidemic_control=True)
    return company


def stay_and_train() -> Company:
    company = firm(industry_code="H6210")
    for month, insured in (("2022-01", 30), ("2022-02", 31), ("2022-03", 32), ("2022-04", 33), ("2022-05", 90)):
        known(InsuranceMonth, company, month=month, insured=insured)
    return company


def titled(recognition: str) -> Facts:
    def facts() -> Company:
        company = firm()
        kind = "national_high_tech"
        awarded_on = dt.date(2025, 12, 8)
        known(Title, company, certificate="GR1", kind=kind, recognition=recognition, awarded_on=awarded_on)
        return company

    return facts


def resident(company: Company, *, spouse: Employee | None = None, **wage: object) -> Employee:
    one = person(spouse=spouse)
    employed(company, one)
    known(WageYear, one, **({"year": 2019, "total_cny": 60_000, "months": 12} | wage))
    known(Housing, one, owns_home=False, in_public_housing=False, has_subsidy=False)
    known(Marriage, one, is_married=spouse is not None)
    return one


def couple() -> Company:
    company = firm()
    known(Taxpayer, company, district="330106", is_normal=True)
    one = resident(company)
    resident(company, spouse=one)
    Marriage.objects.update(is_married=True)
    return company


def hirer() -> Company:
    company, july = firm(), dt.date(2022, 7, 1)
    employed(
        company,
        person(),
        hired_on=july,
        insured_from=july,
        has_contract=True,
        graduated_on=dt.date(2022, 6, 30),
        is_registered_unemployed=False,
    )
    return company


def small_payer() -> Company:
    company = firm(size="micro")
    known(Taxpayer, company, district="330106", is_normal=True)
    known(UtilityBill, company, kind="electricity", month="2022-06", amount_cny=90, is_resident=False)
    return company


GOLDEN = (
    Golden("P-01", couple, ("500.00",), missing="wages", stale="housing"),
    Golden("P-02", property_firm, ("40000.00",), missing="compounds", stale=None),
    Golden("P-05", seller("retail", 20_000_000, 30_000_000), ("100000.00",), missing="sales", stale="library"),
    Golden("P-05", seller("catering", 2_000_000, 3_000_000), ("50000.00",), missing="sales", stale="library"),
    Golden("P-07", manufacturer, ("300000.00",), missing="output", stale="library"),
    Golden(
        "P-14",
        lambda: insured_year(firm(), layoff_rate=Decimal("0.12")),
        ("72000.00",),
        missing="insurance_year",
        stale="credit",
    ),
    Golden("P-16", stay_and_train, ("15750.00",), missing="insurance", stale="credit"),
    Golden("P-17", hirer, ("1500.00",), missing="employees", stale="employees"),
    Golden("P-23", titled("first"), ("200000.00",), missing="titles", stale="titles"),
    Golden("P-23", titled("renewal"), ("100000.00",), missing="titles", stale="titles"),
    Golden("P-37", small_payer, ("1500.00",), missing="utilities", stale=None),
)
EACH = pytest.mark.parametrize("golden", GOLDEN, ids=[f"{golden.code}-{golden.amounts[0]}" for golden in GOLDEN])
OLD = dt.date(2010, 1, 1)


def version_of(code: str) -> PolicyVersion:
    load_policies(actor=None, publisher=None, today=TODAY, now=NOW)
    return PolicyVersion.objects.get(policy__code=code)


def amounts(code: str) -> tuple[str, ...]:
    rows = Entitlement.objects.filter(policy__code=code).order_by("pk")
    return tuple(str(row.amount_cny) for row in rows)


@EACH
def test_delivered_facts_become_the_golden_amount(golden: Golden) -> None:
    all_delivered()
    company = golden.facts()
    version = version_of(golden.code)
    matched()
    assert amounts(golden.code) == golden.amounts
    assert queries.reasons(company=company, version=version, now=NOW).verdict == Verdict.ELIGIBLE


@EACH
def test_the_plain_engine_gives_the_same_amount(golden: Golden) -> None:
    all_delivered()
    company = golden.facts()
    wording = wording_of(version_of(golden.code))
    answers = [
        evaluate(wording.amount, facts=facts)
        for facts in facts_of(company, wording.subject)
        if all(evaluate(clause, facts=facts) is True for clause in wording.clauses)
    ]
    # The engine speaks of rows; that a couple is paid once is matching's to see.
    assert {Decimal(str(answer)) for answer in answers} == {Decimal(amount) for amount in golden.amounts}


@EACH
def test_missing_rows_entitle_nobody_and_are_unknown(golden: Golden) -> None:
    all_delivered()
    company = golden.facts()
    forget(dataset_models()[golden.missing])
    version = version_of(golden.code)
    matched()
    assert amounts(golden.code) == ()
    told = queries.reasons(company=company, version=version, now=NOW)
    # A complete register that says nothing says no.
    is_complete = dataset_models()[golden.missing].dataset.absence is Absence.NONE
    assert told.verdict == (Verdict.INELIGIBLE if is_complete else Verdict.UNKNOWN)


@EACH
def test_a_stale_dataset_entitles_nobody_and_is_unknown(golden: Golden) -> None:
    models = dataset_models()
    if golden.stale is None:
        # All it reads is history, which never goes stale.
        ages = [models[name].dataset.freshness_days for name in version_of(golden.code).datasets if name in models]
        assert set(ages) == {None}
        return
    all_delivered(but=[golden.stale])
    company = golden.facts()
    Delivery.objects.filter(dataset=golden.stale).update(as_of_on=OLD)
    version = version_of(golden.code)
    matched()
    assert amounts(golden.code) == ()
    told = queries.reasons(company=company, version=version, now=NOW)
    assert told.verdict == Verdict.UNKNOWN
    assert [missing.is_stale for missing in told.missing] == [True]


def forget(model: type[DatasetRow]) -> None:
    if not issubclass(model, CompanyRow) or model.dataset.name != "sales":
        model.objects.all().delete()
        return
    # The month itself is there; the year before is what nobody knows.
    SalesMonth.objects.filter(year=2021).delete()


def facts_of(company: Company, subject: str) -> list[dict[str, object]]:
    """The delivered rows in the form of the plain engine: one mapping for each row that the policy decides."""
    item = SUBJECTS[subject].item
    known_groups = catalogue(item=item).groups
    district = company.districts.get().district_id
    base: dict[str, object] = {
        "company": {
            name: district if name == "district" else getattr(company, fact.column)
            for name, fact in known_groups["company"].facts.items()
        }
    }
    models = dataset_models()
    for name, model in models.items():
        if issubclass(model, CompanyRow):
            base |= {name: grouped(known_groups[name], list(model.objects.filter(company=company)))}
    if not item:
        return [base]
    rows = list(next(model for model in models.values() if model.dataset.item == item).objects.filter(company=company))
    return [base | {item: record(known_groups[item], row)} | personal(known_groups, row) for row in rows]


def personal(groups: dict, row: DatasetRow) -> dict[str, object]:
    employee = getattr(row, "employee", None)
    found: dict[str, object] = {}
    for model in dataset_models().values():
        if employee is None or not issubclass(model, PersonRow):
            continue
        for prefix, one in (("", employee), ("spouse_", employee.spouse)):
            group = groups[prefix + model.dataset.name]
            found[group.name] = grouped(group, list(model.objects.filter(employee=one)) if one else [])
    return found


def grouped(group, rows: list[DatasetRow]) -> object:
    if not group.is_list:
        return record(group, rows[0]) if rows else None
    if not rows and group.absence is Absence.UNKNOWN:
        return None
    return [record(group, row) for row in rows]


def record(group, row: DatasetRow) -> dict[str, object]:
    return {name: getattr(row, fact.column) for name, fact in group.facts.items()}


def test_p_14_at_31_staff_the_same_layoffs_are_too_many() -> None:
    all_delivered()
    company = insured_year(firm(), layoff_rate=Decimal("0.12"), insured=31)
    version = version_of("P-14")
    matched()
    assert amounts("P-14") == ()
    assert queries.reasons(company=company, version=version, now=NOW).verdict == Verdict.INELIGIBLE


def test_p_14_a_large_firm_gets_back_less() -> None:
    all_delivered()
    insured_year(firm(size="large"), layoff_rate=Decimal("0.05"), insured=500)
    version_of("P-14")
    matched()
    assert amounts("P-14") == ("36000.00",)


def test_p_16_a_new_firm_is_averaged_since_its_founding() -> None:
    all_delivered()
    company = firm(industry_code="H6210", founded_on=dt.date(2022, 3, 15))
    for month, insured in (("2022-03", 3), ("2022-04", 4)):
        known(InsuranceMonth, company, month=month, insured=insured)
    version_of("P-16")
    matched()
    assert amounts("P-16") == ("1750.00",)


def test_p_16_a_month_that_nobody_delivered_is_unknown_not_less() -> None:
    all_delivered()
    company = stay_and_train()
    InsuranceMonth.objects.filter(month="2022-03").delete()
    version = version_of("P-16")
    matched()
    assert amounts("P-16") == ()
    assert queries.reasons(company=company, version=version, now=NOW).verdict == Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("wage", "district", "is_entitled"),
    [
        ({"total_cny": 71_999}, "330106", True),
        ({"total_cny": 72_000}, "330106", False),
        # Five months at 6,000 are 72,000 a year.
        ({"total_cny": 30_000, "months": 5}, "330106", False),
        ({"total_cny": 29_990, "months": 5}, "330106", True),
        ({"total_cny": 60_000}, "330127", False),
        ({"total_cny": 56_999}, "330127", True),
    ],
)
def test_p_01_the_wage_is_annualised_and_the_limit_follows_the_district(
    wage: dict[str, object], district: str, is_entitled: bool
) -> None:
    all_delivered()
    company = firm(district=district)
    known(Taxpayer, company, district=district, is_normal=True)
    resident(company, **wage)
    version_of("P-01")
    matched()
    assert bool(amounts("P-01")) is is_entitled


def test_p_01_a_spouse_nobody_knows_is_unknown() -> None:
    all_delivered()
    company = firm()
    known(Taxpayer, company, district="330106", is_normal=True)
    resident(company)
    Marriage.objects.update(is_married=True)
    version = version_of("P-01")
    matched()
    assert amounts("P-01") == ()
    assert queries.reasons(company=company, version=version, now=NOW).verdict == Verdict.UNKNOWN


def test_p_01_pays_the_person_and_once_for_two_employed_spouses() -> None:
    all_delivered()
    couple()
    version = version_of("P-01")
    matched()
    entitlement = Entitlement.objects.get(policy__code="P-01")
    assert entitlement.subject_key.startswith("couple:")
    assert entitlement.employee is not None
    assert (version.payee, version_of("P-17").payee) == ("employee", "company")


def test_loading_twice_adds_nothing() -> None:
    first = load_policies(actor=None, publisher=None, today=TODAY, now=NOW, grant_share=Decimal("0.01"))
    assert [version.policy.code for version in first] == [demo.code for demo in POLICIES]
    assert first[0].granted_cny == Decimal(3_200_000)
    assert load_policies(actor=None, publisher=None, today=TODAY, now=NOW) == []
