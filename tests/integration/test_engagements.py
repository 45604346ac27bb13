"""Rows that name a company and a person: they make the person known, touch the company, and pay once."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from companies.datasets.tables.commerce import CarSale
from companies.datasets.tables.credit import PersonCreditRecord
from companies.datasets.tables.hiring import ContributionMonth, HardshipHire, TraineeMonth
from companies.datasets.tables.statistics import LibraryEntry
from companies.models import Delivery, Employee, TouchedCompany
from policies.authoring.draft import BadFields
from policies.models import Entitlement, EntitlementStatus
from tests.factories import companies as files
from tests.factories.policies import all_delivered, draft, entitlements, firm, known, landed, matched, person, published

pytestmark = pytest.mark.django_db

OPEN = EntitlementStatus.OPEN
VIN = "LXQHGJ1A2N0000001"


def touched(delivery: Delivery) -> set[int]:
    return set(TouchedCompany.objects.filter(delivery=delivery).values_list("company_id", flat=True))


def sale(serial: int, **columns: object) -> dict[str, object]:
    usual = {"credit_code": files.credit_code(1), "id_number": files.id_number(serial), "name": "王二", "vin": VIN}
    return usual | columns


def test_a_car_s_buyer_becomes_known_and_the_dealer_is_touched() -> None:
    dealer = files.CompanyFactory(credit_code=files.credit_code(1))
    delivery = files.delivered("car_sales", [sale(1, price_ex_tax="250000")])
    assert (delivery.landed_count, files.faults(delivery)) == (1, [])
    assert CarSale.objects.get().employee == Employee.objects.get(name="王二")
    assert touched(delivery) == {dealer.pk}


def test_a_car_sold_on_has_another_buyer() -> None:
    files.CompanyFactory(credit_code=files.credit_code(1))
    files.delivered("car_sales", [sale(1)])
    files.delivered("car_sales", [sale(2, name="张三")])
    assert CarSale.objects.get().employee.name == "张三"


def test_only_the_register_of_employees_renames_a_person() -> None:
    files.CompanyFactory(credit_code=files.credit_code(1))
    files.delivered(
        "employees", [{"credit_code": files.credit_code(1), "id_number": files.id_number(1), "name": "李一"}]
    )
    files.delivered("car_sales", [sale(1, name="李衣")])
    assert Employee.objects.get().name == "李一"


def test_what_is_told_about_a_buyer_touches_the_dealer() -> None:
    dealer = files.CompanyFactory(credit_code=files.credit_code(1))
    files.delivered("car_sales", [sale(1)])
    listed = {"id_number": files.id_number(1), "kind": "serious_dishonesty", "listed_on": "2024-01-01"}
    assert touched(files.delivered("person_credit", [listed])) == {dealer.pk}


def test_a_month_of_training_comes_once_per_person_and_month() -> None:
    files.CompanyFactory(credit_code=files.credit_code(1))
    row = {"credit_code": files.credit_code(1), "id_number": files.id_number(1), "name": "李一", "month": "2021-03"}
    delivery = files.delivered("trainings", [row, row, row | {"month": "2021-04"}])
    assert delivery.landed_count == 2
    assert files.faults(delivery) == [(3, "month", "duplicate")]


def test_a_car_pays_its_buyer_once_though_two_dealers_file_for_it() -> None:
    all_delivered()
    first, second, buyer = firm(), firm(), person()
    for dealer in (second, first):
        known(CarSale, dealer, employee=buyer, vin=VIN, is_new_energy=True)
    version = published("car.is_new_energy", subject="car", payee="employee")
    matched()
    assert entitlements(version) == {f"car:{VIN}": (Decimal(100), OPEN)}
    found = Entitlement.objects.get()
    assert (found.company, found.employee) == (first, buyer)


def test_a_buyer_on_the_list_loses_the_entitlement_when_the_list_comes() -> None:
    all_delivered()
    dealer, buyer = firm(), person()
    known(CarSale, dealer, employee=buyer, vin=VIN)
    clean = 'count(person_credit[kind = "serious_dishonesty" and removed_on = null]) = 0'
    version = published(clean, subject="car", payee="employee")
    matched()
    assert entitlements(version) == {f"car:{VIN}": (Decimal(100), OPEN)}
    known(PersonCreditRecord, buyer, kind="serious_dishonesty", listed_on=dt.date(2024, 1, 1))
    landed("person_credit", touching=[dealer])
    matched()
    assert Entitlement.objects.get().status == EntitlementStatus.WITHDRAWN


def test_a_trainee_is_paid_for_once_a_month_whoever_trains() -> None:
    all_delivered()
    first, second, trainee = firm(), firm(), person()
    for company, month in ((first, "2021-03"), (second, "2021-03"), (second, "2021-04")):
        known(TraineeMonth, company, employee=trainee, month=month, month_number=1)
    version = published("trainee.month_number <= 6", subject="trainee")
    matched()
    subject = f"employee:{trainee.pk}"
    assert set(entitlements(version)) == {f"{subject} 2021-03", f"{subject} 2021-04"}
    assert Entitlement.objects.get(period_key="2021-03").company == first


def test_a_hire_counts_the_months_that_this_employer_paid() -> None:
    all_delivered()
    company, one = firm(), person()
    known(HardshipHire, company, employee=one, hired_on=dt.date(2022, 10, 1))
    for month, employer in (("2023-01", company.credit_code), ("2023-02", "another"), ("2023-03", company.credit_code)):
        known(ContributionMonth, one, month=month, employer=employer, fees_cny=900)
    paid = "contributions[employer = company.credit_code]"
    version = published(f"count({paid}) > 0", amount=f"sum({paid}.fees)", subject="hire", period_label="2023H1")
    matched()
    assert entitlements(version) == {f"employee:{one.pk} 2023H1": (Decimal(1800), OPEN)}


def test_each_entry_of_the_library_is_a_subject() -> None:
    all_delivered()
    company = firm()
    for trade in ("industry", "retail"):
        known(LibraryEntry, company, trade=trade, is_first_entry=trade == "industry")
    version = published("entry.is_first_entry", subject="entry", period_label="2023")
    matched()
    assert entitlements(version) == {f"entry:{company.pk}:industry 2023": (Decimal(100), OPEN)}


def test_the_person_paid_has_to_be_one_the_policy_knows() -> None:
    for subject in ("hire", "trainee", "car"):
        assert draft("1 = 1", subject=subject, payee="employee").payee == "employee"
    with pytest.raises(BadFields, match="只有以个人为对象的政策才能付给个人"):
        draft("1 = 1", subject="entry", payee="employee")
