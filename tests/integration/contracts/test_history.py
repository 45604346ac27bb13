"""What a later delivery replaces stays readable: each earlier form of a row, and until which delivery it counted."""

from __future__ import annotations

import pytest
from django.db import connection

from companies.models import Company, Delivery
from tests.factories.companies import make_company
from tests.factories.dataset_models import Employment, SalesMonth, TaxYear
from tests.factories.deliveries import deliver_file, make_delivery, make_employment, make_row
from tests.factories.people import make_employee
from tests.factories.rows import refusal_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def firm() -> Company:
    return make_company(has_account=False)


def deliver(firm: Company, revenue: int, **more: object) -> Delivery:
    return deliver_file("tax", [{"credit_code": firm.credit_code, "year": 2024, "revenue": revenue} | more])


def history(*columns: str, dataset: str = "tax") -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(columns)} FROM history_{dataset} ORDER BY id, until_delivery_id")
        return list(cursor.fetchall())


def test_each_earlier_form_is_kept_with_the_delivery_that_replaced_it(firm: Company) -> None:
    first, second, third = (deliver(firm, revenue) for revenue in (1, 2, 3))
    row = TaxYear.objects.get()
    assert (row.revenue, row.delivery_id) == (3, third.pk)
    assert history("id", "company_id", "year", "revenue", "delivery_id", "until_delivery_id") == [
        (row.pk, firm.pk, 2024, 1, first.pk, second.pk),
        (row.pk, firm.pk, 2024, 2, second.pk, third.pk),
    ]


def test_a_row_that_is_new_or_did_not_change_has_no_history(firm: Company) -> None:
    deliver(firm, 1)
    deliver(firm, 1)
    deliver(make_company(has_account=False), 1)
    assert history("id") == []


def test_only_the_rows_that_a_delivery_changes_are_kept(firm: Company) -> None:
    other = make_company(has_account=False)
    both = [{"credit_code": each.credit_code, "year": 2024, "revenue": 1} for each in (firm, other)]
    deliver_file("tax", both)
    deliver_file("tax", [both[0], both[1] | {"revenue": 2}])
    assert history("company_id", "revenue") == [(other.pk, 1)]


def test_an_update_by_hand_is_kept_as_well(firm: Company) -> None:
    row = make_row(TaxYear, firm, year=2024, revenue=1)
    later = make_delivery("tax")
    TaxYear.objects.update(revenue=2, delivery=later)
    assert history("id", "revenue", "delivery_id", "until_delivery_id") == [(row.pk, 1, row.delivery_id, later.pk)]


def test_what_the_database_worked_out_is_kept_as_it_was(firm: Company) -> None:
    make_row(SalesMonth, firm, month="2022-02", retail=1)
    SalesMonth.objects.update(month="2023-05")
    assert history("month", "year", "month_of_year", dataset="sales") == [("2022-02", 2022, 2)]


def test_a_row_about_a_person_at_a_firm_is_kept_with_both(firm: Company) -> None:
    person = make_employee()
    make_employment(firm, person, insured_months=1)
    Employment.objects.update(insured_months=2)
    kept = history("company_id", "employee_id", "insured_months", dataset="employees")
    assert kept == [(firm.pk, person.pk, 1)]


def test_nobody_writes_changes_or_deletes_what_was(firm: Company) -> None:
    deliver(firm, 1)
    deliver(firm, 2)
    assert refusal_of("UPDATE history_tax SET revenue = 0") == "row_is_written_once"
    assert refusal_of("DELETE FROM history_tax") == "row_is_written_once"
    copy = "INSERT INTO history_tax (id, company_id, delivery_id, until_delivery_id) SELECT 1, %s, 1, 1"
    assert refusal_of(copy, firm.pk) == "row_comes_from_an_update"
    assert history("revenue") == [(1,)]
