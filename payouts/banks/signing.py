"""The private key (Ed25519) that signs what leaves for a bank: a file of the worker that hands over."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from qinqing.kernel.refusals import Refusal


class KeyUnusable(Refusal):
    """The file of the key is missing, or holds no Ed25519 key without a password."""


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


_HOW = "“openssl genpkey -algorithm ed25519 -out FILE” makes one; “openssl pkey -in FILE -pubout” is for the bank."
