"""Signed deliveries over HTTP, and on the pages of officials: told apart everywhere."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import translation

from companies.models import Company, Delivery, DeliveryKey
from tests.factories.clients import sign_in, sign_in_official
from tests.factories.clock import TODAY
from tests.factories.companies import make_company
from tests.factories.dataset_models import TaxYear
from tests.factories.deliveries import csv_file, deliver_file
from tests.factories.people import make_department_user
from tests.factories.signatures import make_private_key, register, sign

pytestmark = pytest.mark.django_db
PRIVATE = make_private_key()
ASKED = {"delivery_id": "tax-1", "dataset": "tax", "as_of": TODAY.isoformat()}


@pytest.fixture
def firm() -> Company:
    return make_company(has_account=False)


@pytest.fixture
def file(firm: Company) -> bytes:
    return csv_file("tax", {"credit_code": firm.credit_code, "year": 2024, "revenue": 1})


@pytest.fixture
def key() -> DeliveryKey:
    return register(PRIVATE, machine="exporter 2")


@pytest.fixture
def department() -> Iterator[Client]:
    with translation.override("en"):
        yield sign_in(make_department_user())


def test_a_form_takes_the_manifest_and_its_signature(department: Client, key: DeliveryKey, file: bytes) -> None:
    signed = sign(file, key=PRIVATE)
    parts = {
        "file": SimpleUploadedFile("t.csv", file),
        "manifest": SimpleUploadedFile("t.csv.manifest.json", signed.manifest),
        "signature": SimpleUploadedFile("t.csv.sig", signed.signature),
    }
    answer = department.post(reverse("api-deliveries"), ASKED | parts)
    assert answer.status_code == 201, answer.content
    signer = {
        "department": "tax",
        "machine": "exporter 2",
        "algorithm": "ed25519",
        "fingerprint": key.fingerprint,
    }
    assert answer.json()["signed_by"] == signer
    assert department.get(reverse("api-delivery", args=["tax-1"])).json()["signed_by"] == signer


def test_a_forms_texts_are_taken_as_well(department: Client, key: DeliveryKey, file: bytes) -> None:
    signed = sign(file, key=PRIVATE)
    texts = {"manifest": signed.manifest.decode(), "signature": base64.b64encode(signed.signature).decode()}
    answer = department.post(reverse("api-deliveries"), ASKED | texts | {"file": SimpleUploadedFile("t.csv", file)})
    assert answer.status_code == 201, answer.content
    assert Delivery.objects.get().signed_with == key


def headers_of(manifest: bytes, signature: bytes) -> dict[str, str]:
    return {
        "Delivery-Manifest": base64.b64encode(manifest).decode(),
        "Delivery-Signature": base64.b64encode(signature).decode(),
    }


def posted(client: Client, file: bytes, headers: dict[str, str]) -> tuple[int, dict[str, object]]:
    address = reverse("api-deliveries", query=ASKED)
    answer = client.post(address, file, content_type="text/csv", headers=headers)
    return answer.status_code, answer.json()


def test_headers_sign_a_bare_body(department: Client, key: DeliveryKey, file: bytes) -> None:
    status, answer = posted(department, file, headers_of(*sign(file, key=PRIVATE)))
    assert (status, answer["signed_by"]["fingerprint"]) == (201, key.fingerprint)


def test_an_unsigned_delivery_is_told_as_such(department: Client, key: DeliveryKey, file: bytes) -> None:
    status, answer = posted(department, file, {})
    assert (status, answer["signed_by"]) == (201, None)


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"Delivery-Manifest": "no Base64!", "Delivery-Signature": "x"}, "no JSON object"),
        ({"Delivery-Manifest": "e30="}, "without its signature"),
        ({"Delivery-Signature": "x"}, "without its manifest"),
    ],
)
def test_what_is_no_signature_refuses_the_whole(
    department: Client, key: DeliveryKey, file: bytes, headers: dict[str, str], said: str
) -> None:
    status, answer = posted(department, file, headers)
    assert status == 422
    assert list(answer) == ["detail"]
    assert said in answer["detail"]
    assert not TaxYear.objects.exists()
    failed = department.get(reverse("api-delivery", args=["tax-1"])).json()
    assert (failed["status"], failed["signed_by"]) == ("failed", None)


def test_a_signature_of_another_file_refuses_the_whole(department: Client, key: DeliveryKey, file: bytes) -> None:
    status, answer = posted(department, file + b"\n", headers_of(*sign(file, key=PRIVATE)))
    assert status == 422
    assert "“sha256”" in answer["detail"]
    assert not TaxYear.objects.exists()


def test_the_description_tells_how_to_sign(department: Client) -> None:
    schema = department.get(reverse("api-schema"), headers={"accept": "application/json"}).content.decode()
    for word in ("Delivery-Manifest", "Delivery-Signature", "contract_version", "signed_by", "row_count"):
        assert word in schema
    described = {each["name"]: each for each in department.get(reverse("api-datasets")).json()}
    assert described["tax"]["contract_version"].count(".") == 2
    assert described["registration"]["contract_version"] is None


def test_the_command_takes_them_too(key: DeliveryKey, file: bytes, tmp_path: Path) -> None:
    signed = sign(file, key=PRIVATE)
    for name, content in {"t.csv": file, "t.json": signed.manifest, "t.sig": signed.signature}.items():
        (tmp_path / name).write_bytes(content)
    out = StringIO()
    asked = ["tax", str(tmp_path / "t.csv"), "--id", "tax-1", "--as-of", TODAY.isoformat()]
    manifest = ["--manifest", str(tmp_path / "t.json")]
    with translation.override("en"):
        with pytest.raises(CommandError, match="without its signature"):
            call_command("deliver", *asked, *manifest)
        with pytest.raises(CommandError, match=r"gone\.sig: No such file"):
            call_command("deliver", *asked, *manifest, "--signature", str(tmp_path / "gone.sig"))
        call_command("deliver", *asked, *manifest, "--signature", str(tmp_path / "t.sig"), stdout=out)
    assert "It is signed by exporter 2" in out.getvalue()


def test_pages_tell_signed_and_unsigned_apart(key: DeliveryKey, department: Client, file: bytes) -> None:
    posted(department, file, headers_of(*sign(file, key=PRIVATE)))
    signed = Delivery.objects.get()
    unsigned = deliver_file("tax", file, as_of_on=TODAY)
    auditor = sign_in_official("auditor")
    listed = auditor.get(reverse("admin:companies_delivery_changelist")).content.decode()
    assert f"signed by exporter 2 · {key.shown}" in listed
    assert "unsigned" in listed
    assert shown(auditor, signed="yes") == {signed.pk}
    assert shown(auditor, signed="no") == {unsigned.pk}
    page = auditor.get(reverse("admin:companies_delivery_change", args=[signed.pk])).content.decode()
    assert key.fingerprint in page
    assert "row_count" in page
    assert "unsigned" in auditor.get(reverse("admin:companies_delivery_change", args=[unsigned.pk])).content.decode()


def shown(client: Client, **asked: str) -> set[int]:
    page = client.get(reverse("admin:companies_delivery_changelist", query=asked))
    return {each.pk for each in page.context["cl"].result_list}


def test_the_page_of_freshness_says_whether_the_newest_data_is_signed(
    key: DeliveryKey, department: Client, file: bytes
) -> None:
    deliver_file("tax", file)
    address = reverse("admin:companies_delivery_add")
    assert "<td>unsigned</td>" in department.get(address).content.decode()
    posted(department, file, headers_of(*sign(file, key=PRIVATE)))
    assert f"<td>signed by exporter 2 · {key.shown}</td>" in department.get(address).content.decode()
