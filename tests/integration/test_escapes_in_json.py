"""An escape in JSON may say what no text in UTF-8 can hold; its row is set apart, and the others land."""

from __future__ import annotations

import pytest
from django.test import Client

from companies.deliveries.registry.targets import UnknownDataset
from companies.models import Company, Delivery, DeliveryStatus, TaxYear
from tests.factories.companies import CompanyFactory, DepartmentUserFactory, delivered, faults, ndjson_of, registered

pytestmark = pytest.mark.django_db

GOOD = 2


def with_escape(row: dict[str, object], escape: str) -> bytes:
    """The row as a line, `%` in it being the escape."""
    return ndjson_of(row).replace(b"%", escape.encode())


@pytest.mark.parametrize("escape", [r"\u0000", r"\ud83d", r"\uDE00", r"\ude00\ud83d", r"\\\u0000"])
@pytest.mark.parametrize("end", [b"\n", b""])
def test_a_value_that_cannot_be_stored_keeps_its_row_out(escape: str, end: bytes) -> None:
    rows = ndjson_of(registered(1)) + with_escape(registered(2, name="a%b"), escape).rstrip(b"\n") + end
    delivery = delivered("registration", rows)
    assert (delivery.landed_count, faults(delivery)) == (1, [(GOOD, "", "malformed")])
    assert delivery.quarantined_rows.get().detail in escape.lower()


def test_a_key_that_cannot_be_stored_keeps_its_row_out() -> None:
    code = CompanyFactory().credit_code
    row = {"credit_code": code, "year": 2024, "revenue": 1, "tax_paid": 1}
    file = ndjson_of(row) + with_escape(row | {"x%": 1}, r"\ud83d")
    assert faults(delivered("tax", file)) == [(GOOD, "", "malformed")]
    assert TaxYear.objects.count() == 1


@pytest.mark.parametrize(
    ("written", "name"), [(r"\ud83d\ude00", "\U0001f600"), (r"\u4e2d", "中"), (r"\\u0000", r"\u0000")]
)
def test_escapes_of_characters_land(written: str, name: str) -> None:
    assert faults(delivered("registration", with_escape(registered(1, name="%"), written))) == []
    assert Company.objects.get().name == name


def test_a_machine_is_told_which_row(client: Client) -> None:
    code = CompanyFactory().credit_code
    file = b'{"credit_code": "%s", "year": "\\u0000", "revenue": 1, "tax_paid": 1}\n' % code.encode()
    file += ndjson_of({"credit_code": code, "year": 2024, "revenue": 1, "tax_paid": 1})
    client.force_login(DepartmentUserFactory())
    answer = client.post("/api/v1/deliveries/?delivery_id=a&dataset=tax", file, content_type="application/x-ndjson")
    assert answer.status_code == 201
    assert [row["row"] for row in answer.json()["quarantine"]] == [1]


def test_a_name_from_a_terminal_that_cannot_be_stored_is_kept_as_failed() -> None:
    with pytest.raises(UnknownDataset):
        delivered("tax\udcff\0", b"a,b\n")
    failed = Delivery.objects.get()
    assert (failed.status, failed.dataset) == (DeliveryStatus.FAILED, "tax?�")


def test_a_column_under_both_its_names_is_there_twice() -> None:
    code = CompanyFactory().credit_code
    row = {"credit_code": code, "year": 2024, "revenue": 1, "tax_paid": 1}
    delivery = delivered("tax", ndjson_of(row) + ndjson_of(row | {"年度": 2023}))
    assert faults(delivery) == [(GOOD, "", "malformed")]
