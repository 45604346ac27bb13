"""What officials see of companies and people, and the form by which a department delivers."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import override

from companies.models import Company, Delivery, DeliveryStatus, Employee
from tests.factories.clients import sign_in, sign_in_official
from tests.factories.companies import make_account, make_company, make_owner
from tests.factories.deliveries import csv_file, deliver_file
from tests.factories.people import id_number, make_department_user, make_employee, make_user
from tests.shipped import SHIPPED

pytestmark = pytest.mark.django_db
ADMIN = "admin:companies_"
ROWS = ADMIN + "datasetcontract_rows"


@pytest.fixture
def department() -> Client:
    return sign_in_official("department", department="tax")


@pytest.fixture
def firm() -> Company:
    firm = make_company(has_account=False)
    make_account(company=firm, number="6222021234567894")
    deliver_file("tax", [{"credit_code": firm.credit_code, "year": year} for year in range(2000, 2025)])
    deliver_file("employees", [{"credit_code": firm.credit_code, "id_number": id_number(1), "name": "李一"}])
    return firm


def page(client: Client, name: str, *args: object, status: int = 200, **query: str) -> str:
    answer = client.get(reverse(ADMIN + name, args=args), query)
    assert answer.status_code == status
    return answer.content.decode()


def test_a_company_with_what_is_known_about_it(officer: Client, firm: Company) -> None:
    shown = page(officer, "company_change", firm.pk)
    assert firm.credit_code in shown
    assert "622***********94" in shown
    assert "6222021234567894" not in shown
    assert f"{reverse(ROWS, args=['tax'])}?credit_code={firm.credit_code}" in shown
    assert "Tax by year 25" in shown


def test_a_district_is_named_in_the_readers_language(officer: Client, firm: Company) -> None:
    shown = page(officer, "company_change", firm.pk)
    assert "Xihu" in shown
    assert "西湖区" not in shown
    officer.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-hans"
    assert "西湖区" in page(officer, "company_change", firm.pk)


def test_companies_are_found_by_code_and_name(officer: Client, firm: Company) -> None:
    other = make_company(name="西湖茶庄", has_account=False)
    shown = page(officer, "company_changelist", q="茶庄")
    assert other.credit_code in shown
    assert firm.credit_code not in shown
    assert firm.credit_code in page(officer, "company_changelist", q=firm.credit_code[:12])


def test_a_list_of_companies_takes_few_queries(
    officer: Client, firm: Company, django_assert_max_num_queries: object
) -> None:
    for _time in range(20):
        make_company(has_account=False)
    with django_assert_max_num_queries(10):
        page(officer, "company_changelist")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({}, "There is nothing here yet."),
        ({"q": "茶庄"}, "Nothing matches the search and the filters."),
        ({"older_than": "9"}, "The list ends before this page."),
    ],
)
def test_an_empty_list_says_why_it_is_empty(officer: Client, query: dict[str, str], said: str) -> None:
    shown = page(officer, "company_changelist", **query)
    assert said in shown
    assert ("Clear the search and all filters" in shown) == ("q" in query)


@pytest.mark.parametrize("dataset", SHIPPED.contracts)
def test_every_dataset_can_be_browsed(officer: Client, dataset: str) -> None:
    page(officer, "datasetcontract_rows", dataset)


def test_a_datasets_columns_are_named_in_chinese(officer: Client, firm: Company) -> None:
    officer.cookies["django_language"] = "zh-hans"
    shown = page(officer, "datasetcontract_rows", "tax")
    titles = re.findall(r"<th[^>]*>(.*?)</th>", shown.partition("</thead>")[0], flags=re.DOTALL)
    words = [re.sub(r"<[^>]*>|\s", "", title) for title in titles]
    assert {"企业", "归集批次"} <= set(words), words
    assert not [word for word in words if re.search("[A-Za-z]", word)], words
    assert ">2024<" in shown.replace("\n", "").replace(" ", "")


def test_a_datasets_rows_take_few_queries(
    officer: Client, firm: Company, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(8):
        shown = page(officer, "datasetcontract_rows", "tax", credit_code=firm.credit_code)
    assert shown.count(firm.name) >= 25


def test_people_are_found_by_name(officer: Client, firm: Company) -> None:
    make_employee(number=id_number(2), name="王二")
    shown = page(officer, "employee_changelist", q="李")
    assert "李一" in shown
    assert "王二" not in shown
    assert id_number(1) not in shown


def test_a_persons_page_shows_where_they_work(officer: Client, firm: Company) -> None:
    person = firm.pk and Employee.objects.get()
    shown = page(officer, "employee_change", person.pk)
    assert firm.name in shown
    assert id_number(1) not in shown


def test_nothing_of_a_company_can_be_written(officer: Client, firm: Company) -> None:
    page(officer, "company_add", status=403)
    page(officer, "company_delete", firm.pk, status=403)
    answer = officer.post(reverse(ADMIN + "company_change", args=[firm.pk]), {"name": "x"})
    assert answer.status_code == 403
    firm.refresh_from_db()
    assert firm.name != "x"


def posted(client: Client, file: bytes, **asked: str) -> object:
    upload = SimpleUploadedFile("tax.csv", file)
    form = {"dataset_name": "tax", "as_of_on": "2026-03-02", "delivery_id": "", "file": upload}
    return client.post(reverse(ADMIN + "delivery_add"), form | asked, follow=True)


def test_a_department_delivers_a_file(department: Client) -> None:
    firm = make_company(has_account=False)
    file = csv_file("tax", {"credit_code": firm.credit_code, "year": 2024}, {"credit_code": "x", "year": 2024})
    shown = posted(department, file).content.decode()
    delivery = Delivery.objects.get()
    assert (delivery.landed_count, delivery.quarantined_count) == (1, 1)
    assert "1 row landed." in shown
    assert "1 row is in quarantine" in shown
    assert "the check digit does not fit" in shown
    assert "had landed before" in posted(department, file).content.decode()
    assert Delivery.objects.count() == 1


def test_a_refused_file_says_why_beside_the_form(department: Client) -> None:
    shown = posted(department, b"credit_code,jear\n").content.decode()
    assert "column “jear” is unknown (did you mean “year”?)" in shown
    assert Delivery.objects.get().status == DeliveryStatus.FAILED


def test_a_department_is_offered_its_own_datasets(department: Client) -> None:
    shown = page(department, "delivery_add")
    assert 'value="tax"' in shown
    assert 'value="insurance"' not in shown
    posted(department, b"x", dataset_name="insurance")
    assert not Delivery.objects.exists()


def test_a_department_sees_its_own_deliveries(department: Client, officer: Client) -> None:
    own, other = deliver_file("tax", []), deliver_file("credit", [])
    shown = page(department, "delivery_changelist")
    assert own.delivery_id in shown
    assert other.delivery_id not in shown
    page(department, "delivery_change", other.pk, status=404)
    assert other.delivery_id in page(officer, "delivery_changelist")


def test_a_delivery_is_titled_by_whose_data_it_is_and_of_which_day(department: Client) -> None:
    own = deliver_file("tax", [])
    with override("en"):
        day = date_format(own.as_of_on)
    with override("zh-hans"):
        chinese = f"税务局 · 年度纳税 · {date_format(own.as_of_on)}"
    title = re.search(r"<title>(.*?)</title>", page(department, "delivery_change", own.pk), re.DOTALL)
    assert title
    assert f"Tax · Tax by year · {day}" in title[1]
    assert own.delivery_id not in title[1]
    department.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-hans"
    assert chinese in page(department, "delivery_change", own.pk)


def test_who_delivers_for_no_department_yet_sees_nothing() -> None:
    client = sign_in_official("department", department="")
    own = deliver_file("tax", [])
    assert own.delivery_id not in page(client, "delivery_changelist")
    page(client, "delivery_change", own.pk, status=302)


def test_without_the_role_a_department_still_sees_its_own_and_delivers_nothing() -> None:
    own, other = deliver_file("tax", []), deliver_file("credit", [])
    client = sign_in_official("auditor", department="tax")
    shown = page(client, "delivery_changelist")
    assert own.delivery_id in shown
    assert other.delivery_id not in shown
    page(client, "delivery_add", status=403)


@pytest.mark.parametrize("role", ["officer", "auditor", "finance"])
def test_other_roles_deliver_nothing(role: str) -> None:
    page(sign_in_official(role), "delivery_add", status=403)


def test_owners_and_strangers_stay_outside(firm: Company) -> None:
    for client in (sign_in(make_owner(firm)), Client()):
        assert client.get(reverse(ADMIN + "company_changelist")).status_code == 302


def test_a_long_quarantine_is_shown_in_pages(department: Client, django_assert_max_num_queries: object) -> None:
    delivery = deliver_file("tax", b"credit_code,year,revenue,tax_paid\n" + b"x,2024,1,1\n" * 500)
    with django_assert_max_num_queries(15):
        shown = page(department, "delivery_change", delivery.pk)
    assert shown.count("the check digit does not fit") == 50


def test_accounts_memberships_and_groups_have_their_pages() -> None:
    admin = sign_in(make_user(is_staff=True, is_superuser=True))
    owner, official = make_owner(make_company(has_account=False)), make_department_user()
    page(admin, "user_changelist")
    assert "Tax" in page(admin, "user_change", official.pk)
    page(admin, "user_add")
    page(admin, "membership_change", owner.memberships.get().pk)
    page(admin, "district_changelist")
    assert admin.get(reverse("admin:auth_group_changelist")).status_code == 200
