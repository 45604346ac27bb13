"""What a policy pays once for: a month, a person, a couple, a compound, and which firm it belongs to."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from companies.models import Delivery
from policies.explain.company import explain_company
from policies.explain.types import Verdict
from policies.models import Entitlement, EntitlementStatus
from tests.factories.clock import NOW
from tests.factories.companies import make_company
from tests.factories.dataset_models import Compound, HardshipHire, SalesMonth
from tests.factories.deliveries import make_all_deliveries, make_delivery, make_employment, make_row
from tests.factories.people import make_employee
from tests.factories.policies import entitlements_of, make_published, match_all

pytestmark = pytest.mark.django_db

OPEN, CLAIMED, WITHDRAWN = EntitlementStatus.OPEN, EntitlementStatus.CLAIMED, EntitlementStatus.WITHDRAWN


def test_an_item_policy_decides_each_row_by_its_own_period() -> None:
    make_all_deliveries()
    company = make_company()
    for month, retail in (("2023-01", 5), ("2024-01", 90), ("2024-02", 80)):
        make_row(SalesMonth, company, month=month, retail=retail)
    year_before = "sales[year = sale.year - 1 and month_of_year = sale.month_of_year].retail"
    version = make_published("sale.year = 2024", amount=f"sale.retail - {year_before}", subject="sale")
    match_all()
    # February has no row of the year before, so its amount is unknown.
    assert entitlements_of(version) == {f"company:{company.pk} 2024-01": (Decimal(85), OPEN)}


def test_a_person_in_two_firms_is_one_subject_of_the_first_firm() -> None:
    make_all_deliveries()
    first, second = make_company(), make_company()
    one = make_employee()
    make_employment(first, one)
    make_employment(second, one)
    version = make_published("employee.insured_months >= 6", subject="employee")
    assert match_all(limit_companies=1) == 1
    entitlement = Entitlement.objects.get()
    assert (entitlement.subject_key, entitlement.company, entitlement.employee) == (f"employee:{one.pk}", first, one)
    assert entitlements_of(version) == {f"employee:{one.pk}": (Decimal(100), OPEN)}


def test_when_the_first_firm_loses_a_person_the_second_gains() -> None:
    make_all_deliveries()
    first, second = make_company(), make_company()
    one = make_employee()
    at_first = make_employment(first, one)
    make_employment(second, one)
    make_published("employee.insured_months >= 6", subject="employee")
    match_all()
    for months, holder in ((1, second), (9, first)):
        at_first.insured_months = months
        at_first.save()
        make_delivery("employees", touching=[first])
        assert match_all() == 1
        entitlement = Entitlement.objects.get()
        assert (entitlement.company, entitlement.status) == (holder, OPEN)


def test_when_the_first_firm_loses_a_compound_the_second_gains() -> None:
    make_all_deliveries()
    first, second = make_company(), make_company()
    rows = [
        make_row(Compound, company, code="XQ1", managed_m2=100, joined_epidemic_control=True)
        for company in (first, second)
    ]
    make_published("compound.joined_epidemic_control", subject="compound")
    match_all()
    assert Entitlement.objects.get().company == first
    rows[0].joined_epidemic_control = False
    rows[0].save()
    make_delivery("compounds", touching=[first])
    assert match_all() == 1
    assert Entitlement.objects.get().company == second


def test_a_couple_is_entitled_once_even_across_firms_and_weddings() -> None:
    make_all_deliveries()
    first, second = make_company(), make_company()
    wife = make_employee()
    husband = make_employee(spouse=wife)
    make_employment(second, wife)
    make_employment(first, husband)
    single = make_employee()
    make_employment(first, single)
    version = make_published("employee.insured_months >= 6", subject="couple", payee="employee")
    match_all()
    assert entitlements_of(version) == {
        f"couple:{wife.pk}": (Decimal(100), OPEN),
        f"couple:{single.pk}": (Decimal(100), OPEN),
    }
    assert Entitlement.objects.get(subject_key=f"couple:{wife.pk}").company == first

    # Who claimed as a single person is not entitled again after a wedding.
    Entitlement.objects.filter(employee=single).update(status=CLAIMED)
    newcomer = make_employee(spouse=None)
    make_employment(second, newcomer)
    make_delivery("employees", touching=[second])
    match_all()
    assert entitlements_of(version)[f"couple:{newcomer.pk}"] == (Decimal(100), OPEN)
    single.spouse, newcomer.spouse = newcomer, single
    single.save()
    newcomer.save()
    make_delivery("marriage", touching=[first, second])
    match_all()
    assert entitlements_of(version)[f"couple:{newcomer.pk}"] == (Decimal(100), WITHDRAWN)
    assert Entitlement.objects.filter(status=OPEN).count() == 1


def test_a_null_of_a_stale_dataset_pays_nobody_and_names_the_department() -> None:
    make_all_deliveries()
    company = make_company()
    left_and_hired = {"hired_on": dt.date(2025, 6, 1), "last_left_on": dt.date(2025, 5, 1)}
    make_row(HardshipHire, company, employee=make_employee(), gender="male", age_at_hire=46, **left_and_hired)
    rule = 'hire.last_left_on = null or hire.hired_on > hire.last_left_on + duration("P6M")'
    version = make_published(rule, subject="hire")
    assert explain_company(company=company, version=version, now=NOW).verdict == Verdict.INELIGIBLE

    Delivery.objects.filter(dataset="hardship_hires").update(as_of_on=dt.date(2020, 1, 1))
    match_all()
    assert entitlements_of(version) == {}
    told = explain_company(company=company, version=version, now=NOW)
    assert told.verdict == Verdict.UNKNOWN
    assert [missing.dataset.en for missing in told.missing] == ["Hires of persons in hardship"]


def test_the_rows_of_a_stale_dataset_pay_nobody_and_name_the_department() -> None:
    make_all_deliveries()
    company = make_company()
    make_employment(company, make_employee())
    version = make_published('company.standing = "active"', amount="500", subject="employee")
    Delivery.objects.filter(dataset="employees").update(as_of_on=dt.date(2020, 1, 1))
    match_all()
    assert entitlements_of(version) == {}
    told = explain_company(company=company, version=version, now=NOW)
    assert told.verdict == Verdict.UNKNOWN
    assert [(missing.is_stale, missing.as_of_on) for missing in told.missing] == [(True, dt.date(2020, 1, 1))]
