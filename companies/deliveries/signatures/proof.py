"""Whether a manifest is signed by the department, and says of a delivery what is true."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from django.db.models import F
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from companies.contracts.departments import department_name
from companies.deliveries.registry.targets import Deliverable
from companies.deliveries.signatures.manifest import MAX_MANIFEST_BYTES, Manifest, read_manifest
from companies.models import Algorithm, DeliveryKey
from companies.models.delivery_key import ED25519_HEAD
from qinqing.kernel.refusals import Refusal
from qinqing.kernel.signatures import Signed, fits

SIGNATURE_BYTES: Final = 64
# The bytes of a manifest, or of a signature, that are worth reading; one more tells that there are too many.
MOST_BYTES_READ: Final = MAX_MANIFEST_BYTES + 1


class SignedManifest(NamedTuple):
    """A manifest and its signature as they were sent; one of the two may be missing, which is refused."""

    manifest: bytes
    signature: bytes


class HalfSigned(Refusal):
    """Of a manifest and its signature one is missing."""


class WrongSignature(Refusal):
    """The signature is by no key of the department."""


class KeyRevoked(Refusal):
    """The signature is by a key that was revoked."""


class ManifestDiffers(Refusal):
    """The department has signed something else."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A manifest that a key of the department has signed."""

    key: DeliveryKey
    text: str
    manifest: Manifest
    signature: bytes


def evidence_of(proof: Proof | None) -> dict[str, Any]:
    """The fields by which a delivery keeps its proof."""
    if proof is None:
        return {}
    return {"signed_with": proof.key, "manifest": proof.text, "signature": proof.signature}


def find_proof(*, signed: SignedManifest, department: str) -> Proof:
    """
    The manifest with the department's key by which it is signed; the key may be revoked.

    Raises:
        HalfSigned: the manifest or the signature is missing.
        WrongManifest: it is no manifest.
        WrongSignature: it is signed by no key of the department.
    """
    if not signed.manifest:
        raise HalfSigned(_("A signature came without its manifest; send both, or neither."))
    if not signed.signature:
        raise HalfSigned(_("A manifest came without its signature; send both, or neither."))
    manifest = read_manifest(signed.manifest)
    signature = _read_signature(signed.signature)
    # Those in force come first.
    for key in DeliveryKey.objects.filter(department=department).order_by(F("revoked_at").desc(nulls_first=True), "pk"):
        if VERIFIERS[key.algorithm](bytes(key.public_key), signed.manifest, signature):
            return Proof(key, signed.manifest.decode(), manifest, signature)
    sentence = _("The signature is by none of the keys that {department} has registered; sign this manifest with one.")
    raise WrongSignature(format_lazy(sentence, department=department_name(department)))


def _read_signature(content: bytes) -> bytes:
    """The 64 bytes of a signature, which may be written in Base64."""
    if len(content) == SIGNATURE_BYTES:
        return content
    try:
        found = base64.b64decode(content.strip(), validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if len(found) != SIGNATURE_BYTES:
        raise WrongSignature(_("The signature is neither 64 bytes nor these in Base64; sign the manifest once more."))
    return found


def _fits_ed25519(public_key: bytes, content: bytes, signature: bytes) -> bool:
    return fits(content, signed=Signed(signature, public_key.removeprefix(ED25519_HEAD)))


# By algorithm: public key in DER, content and signature to whether they fit.
VERIFIERS: Final[Mapping[str, Callable[[bytes, bytes, bytes], bool]]] = {Algorithm.ED25519: _fits_ed25519}


def check_proof(proof: Proof, *, deliverable: Deliverable, delivery_id: str, as_of_on: dt.date, sha256: str) -> None:
    """
    Refuse a delivery that is not the one which was signed.

    Raises:
        KeyRevoked: the key is not in force any more.
        ManifestDiffers: the manifest is of another delivery, another file or another version of the contract.
    """
    if proof.key.revoked_at is not None:
        raise key_revoked(proof.key, on=timezone.localdate(proof.key.revoked_at))
    contract = deliverable.contract
    found = {
        "dataset": deliverable.name,
        "delivery_id": delivery_id,
        "as_of": as_of_on.isoformat(),
        "contract_version": contract.version if contract else None,
        "sha256": sha256,
    }
    for name, value in found.items():
        _check_told(name, told=getattr(proof.manifest, name), found=value)


def check_row_count(proof: Proof, *, count: int) -> None:
    """
    Refuse a file that has another number of rows than was signed.

    Raises:
        ManifestDiffers: it has.
    """
    _check_told("row_count", told=proof.manifest.row_count, found=count)


def key_revoked(key: DeliveryKey, *, on: dt.date) -> KeyRevoked:
    """The refusal of a key that is in force no more."""
    sentence = _("The key {key}, by which this is signed, was revoked on {day}; sign with a key that is in force.")
    return KeyRevoked(format_lazy(sentence, key=key, day=on))


def _check_told(name: str, *, told: object, found: object) -> None:
    if told != found:
        sentence = _(
            "In the signed manifest “{name}” is {told}, but the delivery has {found}; sign a manifest of this delivery."
        )
        words = {"told": _("nothing") if told is None else told, "found": _("nothing") if found is None else found}
        raise ManifestDiffers(format_lazy(sentence, name=name, **words))
