"""What a department sees of its own data: how old it is, what each dataset takes, and which rows did not land."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from companies.deliveries.freshness import Age, DatasetAge
from companies.deliveries.registry.targets import find_deliverable
from companies.models import Delivery, DeliveryStatus, QuarantinedRow, Reason, User
from qinqing.worklist import list_work
from tests.factories.clients import sign_in_official
from tests.factories.clock import TODAY
from tests.functional.departments.test_company_admin import ADMIN, page

pytestmark = pytest.mark.django_db


@pytest.fixture
def labour() -> Client:
    return sign_in_official("department", department="labour")


def landed(dataset: str, *, days_ago: int, by: User | None = None, quarantined: int = 0) -> Delivery:
    return Delivery.objects.create(
        delivery_id=f"{dataset}-{days_ago}",
        dataset=dataset,
        as_of_on=timezone.localdate() - dt.timedelta(days=days_ago),
        sha256="0" * 64,
        byte_count=1,
        status=DeliveryStatus.LANDED,
        quarantined_count=quarantined,
        received_at=timezone.now(),
        delivered_by=by,
    )


def rows_of(answer: object) -> list[list[str]]:
    """A downloaded CSV file as lists of texts."""
    return list(csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))  # type: ignore[call-overload]


def test_no_day_is_proposed_for_the_data(labour: Client) -> None:
    form = labour.get(reverse(ADMIN + "delivery_add")).context["adminform"].form
    assert form["as_of_on"].value() is None
    assert "not the day of the upload" in str(form["as_of_on"].help_text)
    assert timezone.localdate().isoformat() not in page(labour, "delivery_add").split("officer-manual")[0]


@pytest.mark.parametrize(
    ("days_ago", "age"),
    [(0, Age.FRESH), (24, Age.FRESH), (25, Age.SOON), (31, Age.SOON), (32, Age.STALE), (None, Age.MISSING)],
)
def test_a_dataset_ages_by_the_day_its_data_is_from(days_ago: int | None, age: Age) -> None:
    credit = find_deliverable(name="credit")
    assert credit.freshness_days == 31
    as_of_on = None if days_ago is None else TODAY - dt.timedelta(days=days_ago)
    found = DatasetAge(credit, as_of_on, TODAY)
    assert found.age == age
    assert found.is_due == (age != Age.FRESH)


def test_what_is_history_never_waits() -> None:
    assert DatasetAge(find_deliverable(name="tax"), None, TODAY).age == Age.HISTORY


def test_old_data_is_a_duty_of_its_department_and_the_form_says_how_old() -> None:
    with translation.override("en"):
        client = sign_in_official("department", "credit", department="credit")
        user = User.objects.get(department="credit")
        landed("credit", days_ago=40)
        titles = {str(each.title): each for each in list_work(user=user, now=timezone.now())}
        item = titles["Datasets whose data is too old, or soon will be"]
    answer = client.get(item.link)
    due = [each for each in answer.context["manual"] if each.ageing.is_due]
    assert item.count == len(due) > 0
    shown = answer.content.decode()
    assert "officer-age-bad" in shown
    assert ">too old<" in shown


def test_the_form_says_what_columns_a_dataset_takes_and_gives_an_empty_file(labour: Client) -> None:
    shown = page(labour, "delivery_add")
    assert 'id="columns-employees"' in shown
    assert 'id="columns-tax"' not in shown
    assert "in every row" in shown
    address = reverse("admin:companies_delivery_template", args=["employees"])
    assert address in shown
    (titles,) = rows_of(labour.get(address))
    assert titles == [column.name for column in find_deliverable(name="employees").columns]
    (chinese,) = rows_of(labour.get(address, headers={"accept-language": "zh-hans"}))
    assert chinese == [column.word.zh for column in find_deliverable(name="employees").columns]
    assert labour.post(address).status_code == 405


def test_a_template_of_another_department_is_not_there(labour: Client) -> None:
    assert labour.get(reverse("admin:companies_delivery_template", args=["tax"])).status_code == 404


def test_the_rows_in_quarantine_come_as_a_file_to_their_department_alone(
    labour: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("companies.deliveries.quarantine.AT_ONCE", 2)
    delivery = landed("employees", days_ago=0, quarantined=5)
    QuarantinedRow.objects.bulk_create(
        QuarantinedRow(delivery=delivery, row_number=number, column="=name", reason=Reason.MISSING)
        for number in range(2, 7)
    )
    address = reverse("admin:companies_delivery_quarantine_file", args=[delivery.pk])
    assert address in page(labour, "delivery_change", delivery.pk)
    titles, *rows = rows_of(labour.get(address))
    assert titles == ["row", "column", "reason"]
    assert rows == [[str(number), "'=name", "is missing"] for number in range(2, 7)]
    assert labour.post(address).status_code == 405
    stranger = sign_in_official("department", "stranger", department="tax")
    assert stranger.get(address).status_code in (403, 404)
    assert sign_in_official("finance").get(address).status_code == 403


def test_without_wrong_rows_there_is_no_file(labour: Client) -> None:
    delivery = landed("employees", days_ago=0)
    address = reverse("admin:companies_delivery_quarantine_file", args=[delivery.pk])
    assert address not in page(labour, "delivery_change", delivery.pk)


def test_the_forms_page_asks_little_of_the_database(labour: Client, django_assert_max_num_queries: object) -> None:
    labour.get(reverse(ADMIN + "delivery_add"))
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        labour.get(reverse(ADMIN + "delivery_add"))
