"""How a manifest and its signature arrive over HTTP: as parts of a form, or in two headers in Base64."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Final

from companies.deliveries.signatures.proof import MOST_BYTES_READ, SignedManifest

MANIFEST, SIGNATURE = "manifest", "signature"
MANIFEST_HEADER: Final = "Delivery-Manifest"
SIGNATURE_HEADER: Final = "Delivery-Signature"


def read_signed(*, sent: Mapping[str, Any], headers: Mapping[str, str]) -> SignedManifest | None:
    """What came beside the file; None where there is neither a manifest nor a signature."""
    manifest = _read_part(sent.get(MANIFEST)) or _decode(headers.get(MANIFEST_HEADER, ""))
    signature = _read_part(sent.get(SIGNATURE)) or headers.get(SIGNATURE_HEADER, "").encode("utf-8", "replace")
    return SignedManifest(manifest, signature) if manifest or signature else None


def _read_part(part: Any) -> bytes:
    """The bytes of a form's file, or of its text."""
    if part is None or isinstance(part, str):
        return (part or "").encode("utf-8", "replace")[:MOST_BYTES_READ]
    read: bytes = part.read(MOST_BYTES_READ)
    return read


def _decode(text: str) -> bytes:
    """The bytes that a header holds in Base64; what is none stays as it is, and is refused as a manifest."""
    try:
        return base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        return text.encode("utf-8", "replace")
