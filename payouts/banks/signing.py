"""Detached signatures (Ed25519) of what leaves for a bank: the private key is a file of the worker that hands over."""

from __future__ import annotations

from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from qinqing.kernel.refusals import Refusal


class KeyUnusable(Refusal):
    """The file of the key is missing, or holds no Ed25519 key without a password."""


class Signed(NamedTuple):
    """A signature of 64 bytes, and the public key of 32 that goes with it."""

    signature: bytes
    public_key: bytes


def read_signing_key(file: str) -> Ed25519PrivateKey:
    """
    Read the private key of a file in PEM.

    Raises:
        KeyUnusable: there is no such key in the file.
    """
    try:
        with open(file, "rb") as opened:
            key = load_pem_private_key(opened.read(), password=None)
    except (OSError, ValueError, TypeError) as trouble:
        raise KeyUnusable(
            f"SIGNING_KEY: {file} cannot be read as a key ({type(trouble).__name__}). {_HOW}"
        ) from trouble
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnusable(f"SIGNING_KEY: {file} holds another kind of key. {_HOW}")
    return key


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


_HOW = "“openssl genpkey -algorithm ed25519 -out FILE” makes one; “openssl pkey -in FILE -pubout” is for the bank."
