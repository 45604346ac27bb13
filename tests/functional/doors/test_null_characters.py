"""A NUL in an address, a header or a form is answered in a sentence; PostgreSQL would have refused it with an error."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from companies.models import Company, Delivery
from tests.factories.people import make_department_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def department() -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_department_user())
    return client


@pytest.mark.parametrize("address", ["/publicity/?policy=%00", "/firms/%00/", "/policies/a%00b/", "/cockpit/?a=%00"])
def test_a_page_says_that_it_cannot_be_read(address: str, owner: Client) -> None:
    answer = owner.get(address)
    assert answer.status_code == 400
    assert "nothing was changed" in answer.content.decode()


def test_the_admin_says_so_as_well(browser: Callable[..., Client]) -> None:
    assert browser("clerk", role="finance").get("/admin/payouts/payout/?q=%00").status_code == 400


def test_a_machine_is_told_so(department: Client) -> None:
    address = "/api/v1/deliveries/"
    answers = [
        department.get(f"{address}a%00b/"),
        department.post(f"{address}?delivery_id=a%00b&dataset=tax", b"x", content_type="text/csv"),
        department.post(address, b"x", content_type="text/csv", headers={"delivery-id": "a\0b", "dataset": "tax"}),
    ]
    assert [answer.status_code for answer in answers] == [400] * 3
    assert all("NUL" in answer.json()["detail"] for answer in answers)


@pytest.mark.parametrize(
    "fields", [{"delivery_id": "a\0b", "dataset": "tax"}, {"delivery_id": "a", "dataset": "tax\0"}]
)
def test_a_form_of_a_delivery_is_refused_and_kept(fields: dict[str, str], department: Client) -> None:
    sent = {**fields, "file": SimpleUploadedFile("tax.csv", b"x")}
    answer = department.post("/api/v1/deliveries/", sent)
    assert answer.status_code == 400
    assert answer.json()["detail"]
    assert Delivery.objects.get().status == "failed"


@pytest.mark.parametrize("fund", [None, "", "x", "1\0", str(10**30), "-1"])
def test_a_fund_that_is_none_is_not_found(fund: str | None, browser: Callable[..., Client]) -> None:
    clerk = browser("clerk", role="finance_maker")
    sent = {} if fund is None else {"fund": fund}
    assert clerk.post("/admin/payouts/batch/collect/", sent).status_code == 404


def test_what_looks_like_one_is_none(firm: Company, owner: Client) -> None:
    assert owner.get(f"/firms/{firm.credit_code}/", {"note": "%2500"}).status_code == 200
