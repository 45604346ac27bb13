"""Detached signatures (Ed25519): of files that leave for a bank, and of deliveries that come in."""

from __future__ import annotations

from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


class Signed(NamedTuple):
    """A signature of 64 bytes, and the public key of 32 that goes with it."""

    signature: bytes
    public_key: bytes


def sign(content: bytes, *, key: Ed25519PrivateKey) -> Signed:
    """Sign all bytes of a file."""
    return Signed(key.sign(content), key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))


def fits(content: bytes, *, signed: Signed) -> bool:
    """Whether the signature is that of these bytes by the key."""
    try:
        Ed25519PublicKey.from_public_bytes(signed.public_key).verify(signed.signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True


def write_public_key(public_key: bytes) -> str:
    """Write a public key in PEM, as banks and openssl read it."""
    key = Ed25519PublicKey.from_public_bytes(public_key)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
