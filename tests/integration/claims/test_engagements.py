"""Rows that name a company and a person make the person known, touch the company, and pay once."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from companies.models import Delivery, Employee, TouchedCompany
from policies.authoring.draft import BadFields
from policies.models import Entitlement, EntitlementStatus
from tests.factories.companies import credit_code, make_company
from tests.factories.dataset_models import (
    CarSale,
    ContributionMonth,
    HardshipHire,
    LibraryEntry,
    PersonCreditRecord,
    TraineeMonth,
)
from tests.factories.deliveries import deliver_file, make_all_deliveries, make_delivery, make_row, quarantine_of
from tests.factories.people import id_number, make_employee
from tests.factories.policies import entitlements_of, make_draft, make_published, match_all

pytestmark = pytest.mark.django_db

OPEN = EntitlementStatus.OPEN
VIN = "LXQHGJ1A2N0000001"


def touched(delivery: Delivery) -> set[int]:
    return set(TouchedCompany.objects.filter(delivery=delivery).values_list("company_id", flat=True))


def sale(serial: int, **columns: object) -> dict[str, object]:
    usual = {"credit_code": credit_code(1), "id_number": id_number(serial), "name": "王二", "vin": VIN}
    return usual | columns


def test_a_car_s_buyer_becomes_known_and_the_dealer_is_touched() -> None:
    dealer = make_company(credit_code=credit_code(1), has_account=False)
    delivery = deliver_file("car_sales", [sale(1, price_ex_tax="250000")])
    assert (delivery.landed_count, quarantine_of(delivery)) == (1, [])
    assert CarSale.objects.get().employee == Employee.objects.get(name="王二")
    assert touched(delivery) == {dealer.pk}


def test_a_car_sold_on_has_another_buyer() -> None:
    make_company(credit_code=credit_code(1), has_account=False)
    deliver_file("car_sales", [sale(1)])
    deliver_file("car_sales", [sale(2, name="张三")])
    assert CarSale.objects.get().employee.name == "张三"


def test_only_the_register_of_employees_renames_a_person() -> None:
    make_company(credit_code=credit_code(1), has_account=False)
    deliver_file("employees", [{"credit_code": credit_code(1), "id_number": id_number(1), "name": "李一"}])
    deliver_file("car_sales", [sale(1, name="李衣")])
    assert Employee.objects.get().name == "李一"


def test_what_is_told_about_a_buyer_touches_the_dealer() -> None:
    dealer = make_company(credit_code=credit_code(1), has_account=False)
    deliver_file("car_sales", [sale(1)])
    listed = {"id_number": id_number(1), "kind": "serious_dishonesty", "listed_on": "2024-01-01"}
    assert touched(deliver_file("person_credit", [listed])) == {dealer.pk}


def test_a_month_of_training_comes_once_per_person_and_month() -> None:
    make_company(credit_code=credit_code(1), has_account=False)
    row = {"credit_code": credit_code(1), "id_number": id_number(1), "name": "李一", "month": "2021-03"}
    delivery = deliver_file("trainings", [row, row, row | {"month": "2021-04"}])
    assert delivery.landed_count == 2
    assert quarantine_of(delivery) == [(3, "month", "duplicate")]


def test_a_car_pays_its_buyer_once_though_two_dealers_file_for_it() -> None:
    make_all_deliveries()
    first, second, buyer = make_company(has_account=False), make_company(has_account=False), make_employee()
    for dealer in (second, first):
        make_row(CarSale, dealer, employee=buyer, vin=VIN, is_new_energy=True)
    version = make_published("car.is_new_energy", subject="car", payee="employee")
    match_all()
    assert entitlements_of(version) == {f"car:{VIN}": (Decimal(100), OPEN)}
    found = Entitlement.objects.get()
    assert (found.company, found.employee) == (first, buyer)


def test_a_buyer_on_the_list_loses_the_entitlement_when_the_list_comes() -> None:
    make_all_deliveries()
    dealer, buyer = make_company(has_account=False), make_employee()
    make_row(CarSale, dealer, employee=buyer, vin=VIN)
    clean = 'count(person_credit[kind = "serious_dishonesty" and removed_on = null]) = 0'
    version = make_published(clean, subject="car", payee="employee")
    match_all()
    assert entitlements_of(version) == {f"car:{VIN}": (Decimal(100), OPEN)}
    make_row(PersonCreditRecord, buyer, kind="serious_dishonesty", listed_on=dt.date(2024, 1, 1))
    make_delivery("person_credit", touching=[dealer])
    match_all()
    assert Entitlement.objects.get().status == EntitlementStatus.WITHDRAWN


def test_a_trainee_is_paid_for_once_a_month_whoever_trains() -> None:
    make_all_deliveries()
    first, second, trainee = make_company(has_account=False), make_company(has_account=False), make_employee()
    for company, month in ((first, "2021-03"), (second, "2021-03"), (second, "2021-04")):
        make_row(TraineeMonth, company, employee=trainee, month=month, month_number=1)
    version = make_published("trainee.month_number <= 6", subject="trainee")
    match_all()
    subject = f"employee:{trainee.pk}"
    assert set(entitlements_of(version)) == {f"{subject} 2021-03", f"{subject} 2021-04"}
    assert Entitlement.objects.get(period_key="2021-03").company == first


def test_a_hire_counts_the_months_that_this_employer_paid() -> None:
    make_all_deliveries()
    company, one = make_company(has_account=False), make_employee()
    make_row(HardshipHire, company, employee=one, hired_on=dt.date(2022, 10, 1))
    for month, employer in (("2023-01", company.credit_code), ("2023-02", "another"), ("2023-03", company.credit_code)):
        make_row(ContributionMonth, one, month=month, employer=employer, fees=900)
    paid = "contributions[employer = company.credit_code]"
    version = make_published(f"count({paid}) > 0", amount=f"sum({paid}.fees)", subject="hire", period_label="2023H1")
    match_all()
    assert entitlements_of(version) == {f"employee:{one.pk} 2023H1": (Decimal(1800), OPEN)}


def test_each_entry_of_the_library_is_a_subject() -> None:
    make_all_deliveries()
    company = make_company(has_account=False)
    for trade in ("industry", "retail"):
        make_row(LibraryEntry, company, trade=trade, is_first_entry=trade == "industry")
    version = make_published("entry.is_first_entry", subject="entry", period_label="2023")
    match_all()
    assert entitlements_of(version) == {f"entry:{company.pk}:industry 2023": (Decimal(100), OPEN)}


def test_the_person_paid_has_to_be_one_the_policy_knows() -> None:
    for subject in ("hire", "trainee", "car"):
        assert make_draft("1 = 1", subject=subject, payee="employee").payee == "employee"
    with pytest.raises(BadFields, match="只有以个人为对象的政策才能付给个人"):
        make_draft("1 = 1", subject="entry", payee="employee")
