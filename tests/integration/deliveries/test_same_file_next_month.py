"""The same content, delivered again next month, is new data: it lands again and is as fresh as its day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from companies.deliveries.deliver import OtherDay
from companies.deliveries.delivery_id import DELIVERY_ID_FORM, id_by_content
from companies.firms import queries
from companies.models import Delivery
from tests.factories.companies import make_company
from tests.factories.deliveries import csv_file, deliver_file
from tests.factories.people import make_department_user

pytestmark = pytest.mark.django_db
MONTHS = (dt.date(2026, 2, 1), dt.date(2026, 3, 1))


@pytest.fixture
def content() -> bytes:
    return csv_file("tax", {"credit_code": make_company(has_account=False).credit_code, "year": 2024, "revenue": 1})


def by_command(content: bytes, day: dt.date, folder: Path) -> None:
    file = folder / "tax.csv"
    file.write_bytes(content)
    call_command("deliver", "tax", str(file), "--as-of", day.isoformat(), stdout=StringIO())


def by_form(content: bytes, day: dt.date, _folder: Path) -> None:
    client = Client()
    client.force_login(make_department_user(is_superuser=True))
    sent = {"dataset_name": "tax", "as_of_on": day.isoformat(), "file": SimpleUploadedFile("tax.csv", content)}
    assert client.post(reverse("admin:companies_delivery_add"), sent).status_code == 302


@pytest.mark.parametrize("deliver", [by_command, by_form])
def test_without_an_id_the_same_file_renews_the_data(
    deliver: Callable[[bytes, dt.date, Path], None], content: bytes, tmp_path: Path
) -> None:
    for day in (*MONTHS, MONTHS[-1]):
        deliver(content, day, tmp_path)
    assert sorted(Delivery.objects.values_list("as_of_on", flat=True)) == list(MONTHS)
    assert queries.freshness()["tax"] == MONTHS[-1]


def test_an_id_by_content_is_an_id(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x")
    with file.open("rb") as content:
        made = id_by_content(dataset="d" * 40, as_of_on=MONTHS[0], content=content)
    assert DELIVERY_ID_FORM.fullmatch(made)


def test_the_same_id_of_another_day_is_refused(content: bytes) -> None:
    deliver_file("tax", content, delivery_id="tax-1", as_of_on=MONTHS[0])
    assert deliver_file("tax", content, delivery_id="tax-1", as_of_on=MONTHS[0]).is_repeated
    with pytest.raises(OtherDay, match=r"2026-02-01.*2026-03-01"):
        deliver_file("tax", content, delivery_id="tax-1", as_of_on=MONTHS[1])


def test_a_machine_is_told_so(content: bytes) -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_department_user())
    answers = []
    for day in MONTHS:
        address = reverse("api-deliveries", query={"delivery_id": "t", "dataset": "tax", "as_of": day.isoformat()})
        answers.append(client.post(address, content, content_type="text/csv"))
    assert [answer.status_code for answer in answers] == [201, 409]
    assert "under a new id" in answers[1].json()["detail"]
