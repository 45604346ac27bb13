"""
Personal numbers at rest: encrypted so that we can read them, and hashed with a key so that we can find them.

A key that leaked is replaced: the new key seals everything that is written from then on and puts its mark in front;
the keys before it still open what they sealed.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

NONCE_BYTES = 12
# Bytes sealed before keys had marks begin with a nonce, which equals a mark only once in 2**64.
MARK_BYTES = 8


@dataclass(frozen=True, slots=True)
class Key:
    """One key of the ring: `mark` stands in front of what it sealed."""

    mark: bytes
    cipher: AESGCM

    def opened(self, sealed: bytes, *, mark: bytes = b"") -> bytes:
        """
        The bytes behind the mark.

        Raises:
            cryptography.exceptions.InvalidTag: the bytes were changed, or belong to another key.
        """
        start = len(mark)
        nonce = sealed[start : start + NONCE_BYTES]
        return self.cipher.decrypt(nonce, sealed[start + NONCE_BYTES :], mark or None)


def encrypt(text: str) -> bytes:
    """The text under AES-256-GCM with its key's mark and a fresh nonce in front; twice the same gives other bytes."""
    return encrypt_bytes(text.encode())


def encrypt_bytes(content: bytes) -> bytes:
    """The same for bytes."""
    key, nonce = _key_ring()[0], os.urandom(NONCE_BYTES)
    return key.mark + nonce + key.cipher.encrypt(nonce, content, key.mark)


def decrypt(sealed: bytes | memoryview) -> str:
    """
    The text that `encrypt` sealed.

    Raises:
        cryptography.exceptions.InvalidTag: the bytes were changed, or belong to no key of the ring.
    """
    return decrypt_bytes(sealed).decode()


def decrypt_bytes(sealed: bytes | memoryview) -> bytes:
    """
    The bytes that `encrypt_bytes` sealed, with this key or with one before it.

    Raises:
        cryptography.exceptions.InvalidTag: the sealed bytes were changed, or belong to no key of the ring.
    """
    sealed = bytes(sealed)
    for key in _key_ring():
        if sealed.startswith(key.mark):
            return key.opened(sealed, mark=key.mark)
    return _decrypt_unmarked(sealed)


def is_sealed_by_this_key(sealed: bytes | memoryview) -> bool:
    """Whether today's key sealed the bytes and put its mark in front."""
    return bytes(sealed[:MARK_BYTES]) == _key_ring()[0].mark


def fingerprint(text: str) -> bytes:
    """
    A keyed hash of 32 bytes: equal texts have equal fingerprints, and nobody without the key can try texts.

    It always uses the oldest key: with a new key we would not find a known person, and register them a second time.
    """
    return hmac.digest(_derive_key(_master_keys()[-1], b"fingerprint"), text.encode(), hashlib.sha256)


def _decrypt_unmarked(sealed: bytes) -> bytes:
    *others, first = _key_ring()
    for key in others:
        try:
            return key.opened(sealed)
        except InvalidTag:
            continue
    return first.opened(sealed)


def _master_keys() -> tuple[str, ...]:
    """All keys, the newest first."""
    return (settings.DATA_KEY, *settings.DATA_KEYS_BEFORE)


def _key_ring() -> tuple[Key, ...]:
    return _keys(_master_keys())


@lru_cache(maxsize=4)
def _keys(masters: tuple[str, ...]) -> tuple[Key, ...]:
    return tuple(
        Key(mark=_derive_key(master, b"mark")[:MARK_BYTES], cipher=AESGCM(_derive_key(master, b"encryption")))
        for master in masters
    )


@lru_cache(maxsize=16)
def _derive_key(master: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"qinqing/" + purpose).derive(master.encode())
