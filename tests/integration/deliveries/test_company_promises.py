"""What the database itself promises about companies, shown by statements that bypass the application."""

from __future__ import annotations

import datetime as dt

import pgtrigger
import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from companies.contracts.registry import contracts
from companies.models import Company, CompanyDistrict, Delivery, Employee, PayeeAccount
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import make_account, make_company
from tests.factories.dataset_models import Employment, InsuranceMonth, OutputQuarter, TaxYear, UtilityBill
from tests.factories.deliveries import deliver_file
from tests.factories.people import make_employee
from tests.factories.rows import refusal_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def delivery() -> Delivery:
    return deliver_file("tax", [])


@pytest.mark.parametrize(
    ("model", "column", "value", "promise"),
    [
        (InsuranceMonth, "month", "2024-13", "insurance_month_fits"),
        (OutputQuarter, "quarter", "2024Q5", "output_quarter_fits"),
        (OutputQuarter, "quarter", "24Q1", "output_quarter_fits"),
    ],
)
def test_a_period_has_its_form(
    model: type[InsuranceMonth], column: str, value: str, promise: str, delivery: Delivery
) -> None:
    insert = f'INSERT INTO {model._meta.db_table} (company_id, delivery_id, "{column}") VALUES (%s, %s, %s)'
    assert refusal_of(insert, make_company(has_account=False).pk, delivery.pk, value) == promise


def test_a_bills_month_has_its_form(delivery: Delivery) -> None:
    insert = f"INSERT INTO {UtilityBill._meta.db_table} (company_id, delivery_id, kind, month) VALUES (%s, %s, %s, %s)"
    assert (
        refusal_of(insert, make_company(has_account=False).pk, delivery.pk, "gas", "2024-00") == "utilities_month_fits"
    )


def test_a_key_is_there_once(delivery: Delivery) -> None:
    insert = (
        f"INSERT INTO {TaxYear._meta.db_table} (company_id, delivery_id, year) VALUES (%s, %s, 2024), (%s, %s, 2024)"
    )
    firm = make_company(has_account=False)
    assert refusal_of(insert, firm.pk, delivery.pk, firm.pk, delivery.pk) == "tax_once_per_key"


def test_a_row_names_a_company_that_exists(delivery: Delivery) -> None:
    insert = f"INSERT INTO {TaxYear._meta.db_table} (company_id, delivery_id, year) VALUES (%s, %s, 2024)"
    assert refusal_of(insert, 0, delivery.pk) == "row_names_known_company_id"
    assert refusal_of(insert, make_company(has_account=False).pk, 0) == "row_names_known_delivery_id"


def test_a_row_names_a_person_who_exists(delivery: Delivery) -> None:
    insert = f"INSERT INTO {Employment._meta.db_table} (company_id, employee_id, delivery_id) VALUES (%s, %s, %s)"
    assert refusal_of(insert, make_company(has_account=False).pk, 0, delivery.pk) == "row_names_known_employee_id"


def test_a_row_is_not_moved_to_nowhere(delivery: Delivery) -> None:
    row = TaxYear.objects.create(company=make_company(has_account=False), delivery=delivery, year=2024)
    update = f"UPDATE {TaxYear._meta.db_table} SET company_id = 0 WHERE id = %s"
    assert refusal_of(update, row.pk) == "row_names_known_company_id"


def test_every_dataset_has_every_guard_and_no_session_passes_it() -> None:
    statement = """
        SELECT t.tgrelid::regclass::text, array_agg(t.tgname::text) FROM pg_trigger t
        WHERE t.tgname LIKE 'row\\_%' AND t.tgenabled = 'A' GROUP BY 1
    """
    with connection.cursor() as cursor:
        cursor.execute(statement)
        guards = {table: sorted(names) for table, names in cursor.fetchall()}
    of_rows = ["row_is_never_deleted", "row_keeps_its_history"]
    of_rows += ["row_names_known_when_inserted", "row_names_known_when_updated"]
    of_history = ["row_comes_from_an_update", "row_is_written_once"]
    assert guards == {f"dataset_{name}": of_rows for name in contracts()} | {
        f"history_{name}": of_history for name in contracts()
    }


def test_nothing_that_others_name_is_deleted(delivery: Delivery) -> None:
    firm, person = make_company(has_account=False), make_employee()
    for model, row, promise in (
        (Company, firm, "company_is_never_deleted"),
        (Employee, person, "employee_is_never_deleted"),
        (Delivery, delivery, "delivery_is_never_deleted"),
    ):
        assert refusal_of(f"DELETE FROM {model._meta.db_table} WHERE id = %s", row.pk) == promise


def test_a_delivery_lands_once(delivery: Delivery) -> None:
    insert = (
        "INSERT INTO companies_delivery (delivery_id, dataset, as_of_on, sha256, byte_count, status, refusal, "
        "landed_count, changed_count, quarantined_count, received_at) "
        "VALUES (%s, 'tax', %s, '', 0, 'landed', '', 0, 0, 0, %s)"
    )
    assert refusal_of(insert, delivery.delivery_id, TODAY, NOW) == "delivery_lands_once"


@pytest.mark.parametrize(
    ("column", "value", "promise"),
    [
        ("credit_code", "91330106ct00000016", "company_credit_code_has_form"),
        ("credit_code", "91330106CTO000001O", "company_credit_code_has_form"),
        ("industry_code", "5211", "company_industry_code_has_form"),
        ("industry_code", "Z52", "company_industry_code_has_form"),
    ],
)
def test_a_companys_codes_have_their_forms(column: str, value: str, promise: str) -> None:
    assert (
        refusal_of(
            f"UPDATE companies_company SET {column} = %s WHERE id = %s", value, make_company(has_account=False).pk
        )
        == promise
    )


def copied(account: PayeeAccount, column: str, value: object) -> tuple[str, object, int]:
    """A statement that copies an account, inactive and with another value in one column."""
    columns = {field.column: "false" if field.name == "is_active" else field.column for field in account._meta.fields}
    del columns["id"]
    columns[column] = "%s"
    insert = f"INSERT INTO companies_payeeaccount ({', '.join(columns)}) SELECT {', '.join(columns.values())}"
    return f"{insert} FROM companies_payeeaccount WHERE id = %s", value, account.pk


@pytest.mark.parametrize(
    "column", ["number_encrypted", "number_hash", "number_masked", "holder_name", "bank_name", "bank_number"]
)
def test_what_stands_in_an_account_is_not_put_into_anothers(column: str) -> None:
    """If a number could be copied from another row, the platform would open it and pay to it."""
    told = {"bank_name": "别行", "bank_number": "1" * 12, "number": "1234567890"}
    account, other = make_account(), make_account(company=make_company("别家", has_account=False), **told)
    update = f"UPDATE companies_payeeaccount a SET {column} = o.{column} FROM companies_payeeaccount o"
    update += " WHERE a.id = %s AND o.id = %s"
    assert refusal_of(update, account.pk, other.pk) == "payee_account_stays_as_entered"


def test_numbers_are_stored_masked() -> None:
    person, account = make_employee(), make_account()
    copy = "INSERT INTO companies_employee (id_number_encrypted, id_number_hash, id_number_masked, name)"
    copy += " SELECT id_number_encrypted, sha256('other'), %s, name FROM companies_employee WHERE id = %s"
    # Beside the birth date, two characters more are one too many each.
    for shown in ("11010519491231002X", "110*************2X", "3***************15"):
        assert refusal_of(copy, shown, person.pk) == "employee_id_number_is_masked"
    assert refusal_of(*copied(account, "number_masked", "6222021234567894")) == "payee_account_number_is_masked"


def test_nobody_is_their_own_spouse() -> None:
    person = make_employee()
    update = "UPDATE companies_employee SET spouse_id = id WHERE id = %s"
    assert refusal_of(update, person.pk) == "employee_is_not_own_spouse"


def test_an_account_has_one_owner_and_one_is_in_use() -> None:
    account, person = make_account(), make_employee()
    assert refusal_of(*copied(account, "employee_id", person.pk)) == "payee_account_has_one_owner"
    assert refusal_of(*copied(account, "bank_number", "123")) == "payee_account_bank_number_has_form"
    make_account(company=account.company)
    update = "UPDATE companies_payeeaccount SET is_active = true WHERE id = %s"
    assert refusal_of(update, account.pk) == "payee_account_one_active_per_company"
    assert PayeeAccount.objects.filter(company=account.company).count() == 2


def test_a_company_has_one_district_a_day() -> None:
    firm = make_company(has_account=False)
    CompanyDistrict.objects.create(company=firm, district_id="330106", valid_from=dt.date(2020, 1, 1))
    insert = "INSERT INTO companies_companydistrict (company_id, district_id, valid_from) VALUES (%s, '330105', %s)"
    assert refusal_of(insert, firm.pk, dt.date(2020, 1, 1)) == "company_district_once_per_day"


def test_the_guards_cannot_be_ignored(delivery: Delivery) -> None:
    with pgtrigger.ignore(), pytest.raises(IntegrityError), transaction.atomic():
        TaxYear.objects.create(company_id=0, delivery=delivery, year=2024)


def test_a_refusal_names_its_promise_to_psycopg() -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Company.objects.filter(pk=make_company(has_account=False).pk).update(industry_code="0")
    assert isinstance(refused.value.__cause__, psycopg.errors.CheckViolation)
