"""Personal numbers at rest: encrypted to be read back, hashed with a key to be found again."""

from __future__ import annotations

import hashlib
import hmac
import os
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

NONCE_BYTES = 12


def encrypted(text: str) -> bytes:
    """The text under AES-256-GCM with a fresh nonce in front; twice the same text gives different bytes."""
    return encrypted_bytes(text.encode())


def encrypted_bytes(content: bytes) -> bytes:
    """The same for bytes."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _cipher().encrypt(nonce, content, None)


def decrypted(sealed: bytes | memoryview) -> str:
    """
    The text that `encrypted` sealed.

    Raises:
        cryptography.exceptions.InvalidTag: the bytes were changed, or belong to another key.
    """
    return decrypted_bytes(sealed).decode()


def decrypted_bytes(sealed: bytes | memoryview) -> bytes:
    """
    The bytes that `encrypted_bytes` sealed.

    Raises:
        cryptography.exceptions.InvalidTag: they were changed, or belong to another key.
    """
    sealed = bytes(sealed)
    return _cipher().decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)


def fingerprint(text: str) -> bytes:
    """A keyed hash of 32 bytes: equal texts have equal fingerprints, and nobody without the key can try texts."""
    return hmac.digest(_derived(b"fingerprint"), text.encode(), hashlib.sha256)


@lru_cache(maxsize=4)
def _derived(purpose: bytes) -> bytes:
    master = settings.DATA_KEY.encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"qinqing/" + purpose).derive(master)


@lru_cache(maxsize=1)
def _cipher() -> AESGCM:
    return AESGCM(_derived(b"encryption"))
