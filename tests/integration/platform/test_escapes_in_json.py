"""A JSON escape may name a character that UTF-8 text cannot hold; its row is quarantined, and the others land."""

from __future__ import annotations

import pytest
from django.test import Client

from companies.deliveries.registry.targets import UnknownDataset
from companies.models import Company, Delivery, DeliveryStatus
from tests.factories.companies import make_company
from tests.factories.dataset_models import TaxYear
from tests.factories.deliveries import deliver_file, ndjson_file, quarantine_of, registration_row
from tests.factories.people import make_department_user

pytestmark = pytest.mark.django_db

GOOD = 2


def with_escape(row: dict[str, object], escape: str) -> bytes:
    """The row as a line, with `%` replaced by the escape."""
    return ndjson_file(row).replace(b"%", escape.encode())


@pytest.mark.parametrize("escape", [r"\u0000", r"\ud83d", r"\uDE00", r"\ude00\ud83d", r"\\\u0000"])
@pytest.mark.parametrize("end", [b"\n", b""])
def test_a_value_that_cannot_be_stored_keeps_its_row_out(escape: str, end: bytes) -> None:
    rows = ndjson_file(registration_row(1)) + with_escape(registration_row(2, name="a%b"), escape).rstrip(b"\n") + end
    delivery = deliver_file("registration", rows)
    assert (delivery.landed_count, quarantine_of(delivery)) == (1, [(GOOD, "", "malformed")])
    assert delivery.quarantined_rows.get().detail in escape.lower()


def test_a_key_that_cannot_be_stored_keeps_its_row_out() -> None:
    code = make_company(has_account=False).credit_code
    row = {"credit_code": code, "year": 2024, "revenue": 1, "tax_paid": 1}
    file = ndjson_file(row) + with_escape(row | {"x%": 1}, r"\ud83d")
    assert quarantine_of(deliver_file("tax", file)) == [(GOOD, "", "malformed")]
    assert TaxYear.objects.count() == 1


@pytest.mark.parametrize(
    ("written", "name"), [(r"\ud83d\ude00", "\U0001f600"), (r"\u4e2d", "中"), (r"\\u0000", r"\u0000")]
)
def test_escapes_of_characters_land(written: str, name: str) -> None:
    assert quarantine_of(deliver_file("registration", with_escape(registration_row(1, name="%"), written))) == []
    assert Company.objects.get().name == name


def test_a_machine_is_told_which_row(client: Client) -> None:
    code = make_company(has_account=False).credit_code
    file = b'{"credit_code": "%s", "year": "\\u0000", "revenue": 1, "tax_paid": 1}\n' % code.encode()
    file += ndjson_file({"credit_code": code, "year": 2024, "revenue": 1, "tax_paid": 1})
    client.force_login(make_department_user())
    answer = client.post("/api/v1/deliveries/?delivery_id=a&dataset=tax", file, content_type="application/x-ndjson")
    assert answer.status_code == 201
    assert [row["row"] for row in answer.json()["quarantine"]] == [1]


def test_a_name_from_a_terminal_that_cannot_be_stored_is_kept_as_failed() -> None:
    with pytest.raises(UnknownDataset):
        deliver_file("tax\udcff\0", b"a,b\n")
    failed = Delivery.objects.get()
    assert (failed.status, failed.dataset) == (DeliveryStatus.FAILED, "tax?�")


def test_a_column_under_both_its_names_is_there_twice() -> None:
    code = make_company(has_account=False).credit_code
    row = {"credit_code": code, "year": 2024, "revenue": 1, "tax_paid": 1}
    delivery = deliver_file("tax", ndjson_file(row) + ndjson_file(row | {"年度": 2023}))
    assert quarantine_of(delivery) == [(GOOD, "", "malformed")]
