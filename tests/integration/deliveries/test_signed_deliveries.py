"""A signed delivery lands only if signature, digest, rows, dataset, id, day and contract are what was signed."""

from __future__ import annotations

import datetime as dt
import io
import json

import pytest
from django.db import IntegrityError, transaction

from companies.deliveries import deliver as delivering
from companies.deliveries.deliver import OtherBytes, deliver
from companies.deliveries.freshness import find_newest_signers
from companies.deliveries.signatures.manifest import MAX_MANIFEST_BYTES, WrongManifest, read_manifest
from companies.deliveries.signatures.proof import (
    HalfSigned,
    KeyRevoked,
    ManifestDiffers,
    SignedManifest,
    WrongSignature,
)
from companies.models import Company, Delivery, DeliveryKey, DeliveryStatus
from qinqing.kernel.database.integrity import constraint_of
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import make_company
from tests.factories.dataset_models import TaxYear
from tests.factories.deliveries import csv_file, deliver_file, make_delivery, ndjson_file, registration_row
from tests.factories.rows import refusal_of
from tests.factories.signatures import make_private_key, register, revoke, sign

pytestmark = pytest.mark.django_db
PRIVATE = make_private_key()


@pytest.fixture
def firm() -> Company:
    return make_company(has_account=False)


@pytest.fixture
def file(firm: Company) -> bytes:
    """A file of which one row lands and one goes to quarantine."""
    return csv_file("tax", {"credit_code": firm.credit_code, "year": 2024, "revenue": 1}, {"credit_code": "x"})


@pytest.fixture
def key() -> DeliveryKey:
    return register(PRIVATE)


def delivered(content: bytes, signed: SignedManifest | None, **asked: object) -> Delivery:
    usual = {"delivery_id": "tax-1", "dataset": "tax", "as_of_on": TODAY, "delivered_by": None, "now": NOW}
    return deliver(content=io.BytesIO(content), signed=signed, **usual | asked)  # type: ignore[arg-type]


def test_it_lands_with_its_evidence(key: DeliveryKey, file: bytes) -> None:
    signed = sign(file, key=PRIVATE)
    delivery = delivered(file, signed)
    kept = Delivery.objects.get(pk=delivery.pk)
    assert (kept.status, kept.landed_count, kept.quarantined_count) == ("landed", 1, 1)
    assert (kept.signed_with, kept.manifest.encode(), bytes(kept.signature)) == (key, *signed)
    assert delivered(file, signed).is_repeated
    # The machine may be asked without a signature what became of it; the answer is that of the signed delivery.
    assert delivered(file, None).signed_with == key


def test_without_a_signature_it_lands_as_unsigned(key: DeliveryKey, file: bytes) -> None:
    delivery = delivered(file, None)
    assert (delivery.status, delivery.signed_with, delivery.manifest, delivery.signature) == ("landed", None, "", None)


def test_a_dataset_without_a_contract_names_no_version() -> None:
    private = make_private_key()
    register(private, department="market")
    rows = csv_file("registration", registration_row(1))
    signed = sign(rows, key=private, dataset="registration", delivery_id="r-1")
    assert json.loads(signed.manifest)["contract_version"] is None
    assert delivered(rows, signed, delivery_id="r-1", dataset="registration").landed_count == 1
    versioned = sign(rows, key=private, dataset="registration", delivery_id="r-2", contract_version="1.0.0")
    with pytest.raises(ManifestDiffers):
        delivered(rows, versioned, delivery_id="r-2", dataset="registration")


def test_rows_of_every_layout_are_counted(key: DeliveryKey, firm: Company) -> None:
    row = {"credit_code": firm.credit_code, "year": 2024, "revenue": 1, "tax_paid": 2}
    quoted = csv_file("tax", row).replace(firm.credit_code.encode(), f'"{firm.credit_code}"'.encode()) + b"\n\n"
    for number, content in enumerate((csv_file("tax", row), quoted, ndjson_file(row, row | {"year": 2023}))):
        name = f"tax-{number}"
        assert delivered(content, sign(content, key=PRIVATE, delivery_id=name), delivery_id=name).signed_with == key


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"dataset": "wages"}, "“dataset” is wages, but the delivery has tax"),
        ({"delivery_id": "tax-2"}, "“delivery_id” is tax-2, but the delivery has tax-1"),
        ({"as_of": "2026-03-01"}, "“as_of” is 2026-03-01, but the delivery has 2026-03-02"),
        ({"sha256": "0" * 64}, "“sha256” is 000"),
        ({"row_count": 3}, "“row_count” is 3, but the delivery has 2"),
        ({"contract_version": "9.9.9"}, "“contract_version” is 9.9.9, but the delivery has"),
        ({"contract_version": None}, "“contract_version” is nothing, but the delivery has"),
    ],
)
def test_what_was_not_signed_does_not_land(
    key: DeliveryKey, file: bytes, told: dict[str, object], said: str, in_english: None
) -> None:
    with pytest.raises(ManifestDiffers) as refusal:
        delivered(file, sign(file, key=PRIVATE, **told))
    assert said in str(refusal.value)
    assert not TaxYear.objects.exists()
    kept = Delivery.objects.get()
    # The evidence of what was signed stays with the refusal.
    assert (kept.status, kept.signed_with, kept.refusal_en) == (DeliveryStatus.FAILED, key, str(refusal.value))
    assert kept.refusal != kept.refusal_en


def test_another_day_than_the_signed_one_does_not_land_either(key: DeliveryKey, file: bytes) -> None:
    with pytest.raises(ManifestDiffers):
        delivered(file, sign(file, key=PRIVATE), as_of_on=TODAY - dt.timedelta(days=1))


def test_a_known_file_is_not_answered_for_a_manifest_that_lies(key: DeliveryKey, file: bytes) -> None:
    delivered(file, sign(file, key=PRIVATE))
    with pytest.raises(ManifestDiffers):
        delivered(file, sign(file, key=PRIVATE, row_count=1))
    other = file + b"\n"
    with pytest.raises(OtherBytes):
        delivered(other, sign(other, key=PRIVATE))


def wrong(file: bytes, how: str) -> SignedManifest:
    right, stranger = sign(file, key=PRIVATE), make_private_key()
    return {
        "no manifest": SignedManifest(b"", right.signature),
        "no signature": SignedManifest(right.manifest, b""),
        "a stranger": sign(file, key=stranger),
        "another byte": SignedManifest(right.manifest + b" ", right.signature),
        "short": SignedManifest(right.manifest, right.signature[:63]),
        "no Base64": SignedManifest(right.manifest, b"signature!"),
        "no JSON": SignedManifest(b"manifest", right.signature),
    }[how]


@pytest.mark.parametrize(
    ("how", "refusal", "said"),
    [
        ("no manifest", HalfSigned, "without its manifest"),
        ("no signature", HalfSigned, "without its signature"),
        ("a stranger", WrongSignature, "none of the keys that Tax has registered"),
        ("another byte", WrongSignature, "none of the keys"),
        ("short", WrongSignature, "neither 64 bytes"),
        ("no Base64", WrongSignature, "neither 64 bytes"),
        ("no JSON", WrongManifest, "no JSON object"),
    ],
)
def test_a_wrong_signature_refuses_the_whole(
    key: DeliveryKey, file: bytes, how: str, refusal: type[Exception], said: str, in_english: None
) -> None:
    with pytest.raises(refusal, match=said):
        delivered(file, wrong(file, how))
    assert not TaxYear.objects.exists()
    kept = Delivery.objects.get()
    # What nobody is known to have signed proves nothing, and is not kept as if it did.
    assert (kept.status, kept.signed_with, kept.manifest) == (DeliveryStatus.FAILED, None, "")
    assert said in kept.refusal_en


def test_the_key_of_another_department_is_a_strangers(file: bytes) -> None:
    register(PRIVATE, department="labour")
    with pytest.raises(WrongSignature):
        delivered(file, sign(file, key=PRIVATE))


def test_a_revoked_key_signs_no_more_and_what_it_signed_stays(key: DeliveryKey, file: bytes, in_english: None) -> None:
    landed = delivered(file, sign(file, key=PRIVATE))
    revoke(key)
    with pytest.raises(KeyRevoked, match="was revoked on 2026-03-02"):
        delivered(file, sign(file, key=PRIVATE, delivery_id="tax-2"), delivery_id="tax-2")
    assert Delivery.objects.get(status=DeliveryStatus.FAILED).signed_with == key
    landed.refresh_from_db()
    assert landed.signed_with == key
    successor = make_private_key()
    register(successor)
    again = sign(file, key=successor, delivery_id="tax-3")
    assert delivered(file, again, delivery_id="tax-3").signed_with != key


def test_a_key_that_is_revoked_while_the_signature_is_checked(
    key: DeliveryKey, file: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = delivering.check_proof

    def revoked_meanwhile(*args: object, **named: object) -> None:
        check(*args, **named)  # type: ignore[arg-type]
        revoke(key)

    monkeypatch.setattr(delivering, "check_proof", revoked_meanwhile)
    with pytest.raises(KeyRevoked):
        delivered(file, sign(file, key=PRIVATE))
    assert not TaxYear.objects.exists()


RIGHT = {
    "dataset": "tax",
    "delivery_id": "tax-1",
    "as_of": "2026-03-02",
    "sha256": "a" * 64,
    "row_count": 1,
    "contract_version": "1.0.0",
}


def test_a_manifest_is_read() -> None:
    assert read_manifest(json.dumps(RIGHT).encode()).row_count == 1


@pytest.mark.parametrize(
    "change",
    [
        {"row_count": True},
        {"row_count": -1},
        {"row_count": 1.0},
        {"row_count": "1"},
        {"row_count": 10**13},
        {"sha256": "A" * 64},
        {"as_of": "2026-3-2"},
        {"dataset": "税"},
        {"dataset": 1},
        {"delivery_id": "a b"},
        {"delivery_id": "\ud800"},
        {"contract_version": "1"},
        {"contract_version": ""},
        {"more": 1},
    ],
)
def test_a_manifest_of_another_form_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(WrongManifest):
        read_manifest(json.dumps(RIGHT | change).encode())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff{}",
        b'{"a": 1, "a": 1}',
        json.dumps(RIGHT)[:-1].encode() + b', "row_count": 2}',
        b"[" * 100_000,
        b"[" * (MAX_MANIFEST_BYTES - 1),
        b" " * (MAX_MANIFEST_BYTES + 1),
    ],
)
def test_what_is_no_manifest_is_refused(content: bytes) -> None:
    with pytest.raises(WrongManifest):
        read_manifest(content)


def test_the_newest_data_tells_who_signed_it(key: DeliveryKey, file: bytes) -> None:
    delivered(file, sign(file, key=PRIVATE))
    make_delivery("wages")
    assert find_newest_signers() == {"tax": key, "wages": None}
    deliver_file("tax", file, as_of_on=TODAY - dt.timedelta(days=1))
    assert find_newest_signers()["tax"] == key
    deliver_file("tax", file)
    assert find_newest_signers()["tax"] is None


# From here on somebody writes SQL.


@pytest.mark.parametrize(
    "change",
    [
        "signature = '\\x00'",
        "manifest = 'x'",
        "sha256 = 'x'",
        "as_of_on = '2020-01-01'",
        "delivery_id = 'x'",
        "status = 'failed'",
    ],
)
def test_evidence_stays_as_it_came(key: DeliveryKey, file: bytes, change: str) -> None:
    delivery = delivered(file, sign(file, key=PRIVATE))
    statement = f"UPDATE companies_delivery SET {change} WHERE id = %s"
    assert refusal_of(statement, delivery.pk) == "delivery_keeps_its_evidence"


def test_nobody_signs_or_unsigns_a_delivery_afterwards(key: DeliveryKey, file: bytes) -> None:
    unsigned, signed = deliver_file("tax", file), delivered(file, sign(file, key=PRIVATE))
    sign_it = "UPDATE companies_delivery SET signed_with_id = %s, manifest = 'm', signature = '\\x00' WHERE id = %s"
    assert refusal_of(sign_it, key.pk, unsigned.pk) == "delivery_keeps_its_evidence"
    unsign_it = "UPDATE companies_delivery SET signed_with_id = NULL, manifest = '', signature = NULL WHERE id = %s"
    assert refusal_of(unsign_it, signed.pk) == "delivery_keeps_its_evidence"


def landed_by_hand(**values: object) -> str | None:
    usual = {"delivery_id": "x", "dataset": "tax", "as_of_on": TODAY, "sha256": "0", "byte_count": 1}
    usual |= {"status": "landed", "received_at": NOW}
    try:
        with transaction.atomic():
            Delivery.objects.create(**usual | values)
    except IntegrityError as refused:
        return constraint_of(refused)
    return None


def test_nothing_lands_as_signed_by_a_key_that_is_not_in_force(key: DeliveryKey) -> None:
    evidence = {"signed_with": key, "manifest": "m", "signature": b"s"}
    assert (
        landed_by_hand(**evidence, received_at=NOW - dt.timedelta(days=1)) == "delivery_is_signed_with_a_key_in_force"
    )
    assert landed_by_hand(**evidence) is None
    revoke(key)
    assert landed_by_hand(**evidence, delivery_id="y") == "delivery_is_signed_with_a_key_in_force"


@pytest.mark.parametrize("left_out", ["signed_with", "manifest", "signature"])
def test_a_signature_is_kept_whole_or_not_at_all(key: DeliveryKey, left_out: str) -> None:
    evidence = {"signed_with": key, "manifest": "m", "signature": b"s"}
    del evidence[left_out]
    assert landed_by_hand(**evidence) == "delivery_signature_is_whole"
