"""
Personal numbers at rest: sealed so that only we can read them, and hashed with a key so that we can find them.

What is sealed is bound to its table, column and row, and opens nowhere else. A key that leaked, or a cipher, is
replaced: the new one seals everything that is written from then on, the ones before it still open what they sealed, and
`manage.py reseal` seals all of that anew.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from qinqing.kernel.ciphers import HASHES, HEADER_BYTES, Cipher, ring_of


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column that holds sealed texts or bytes; `identity` is what tells its row apart, and never changes."""

    table: str
    column: str

    def seal(self, text: str, identity: str) -> bytes:
        """The text, sealed for this column of the row."""
        return self.seal_bytes(text.encode(), identity)

    def seal_bytes(self, content: bytes, identity: str) -> bytes:
        """The same for bytes."""
        return _key_ring()[0].seal(content, self._place(identity))

    def open(self, sealed: bytes | memoryview, identity: str) -> str:
        """
        The text that `seal` sealed.

        Raises:
            cryptography.exceptions.InvalidTag: the bytes were changed, were sealed for another row or column, or belong
                to no key of the ring.
        """
        return self.open_bytes(sealed, identity).decode()

    def open_bytes(self, sealed: bytes | memoryview, identity: str) -> bytes:
        """
        The bytes that `seal_bytes` sealed, with this key or with one before it.

        Raises:
            cryptography.exceptions.InvalidTag: as for `open`.
        """
        sealed = bytes(sealed)
        header = sealed[:HEADER_BYTES]
        for key in _key_ring():
            if key.header == header:
                return key.open(sealed, self._place(identity))
        raise InvalidTag

    def _place(self, identity: str) -> str:
        return f"{self.table}.{self.column}:{identity}"


def present_header() -> bytes:
    """The header of everything that is sealed from now on."""
    return _key_ring()[0].header


def headers() -> tuple[bytes, ...]:
    """The headers that the keys of the ring put in front of what they seal."""
    return tuple(key.header for key in _key_ring())


def fingerprint(text: str) -> bytes:
    """
    A keyed hash of 32 bytes: equal texts have equal fingerprints, and nobody without the key can try texts.

    It always uses the oldest key: with a new key we would not find a known person, and register them a second time.
    """
    return hmac.digest(_hash_key(_master_keys()[-1], settings.DATA_HASH), text.encode(), settings.DATA_HASH)


def _master_keys() -> tuple[str, ...]:
    """All keys, the newest first."""
    return (settings.DATA_KEY, *settings.DATA_KEYS_BEFORE)


def _key_ring() -> tuple[Cipher, ...]:
    return ring_of(_master_keys(), settings.DATA_CIPHER)


@lru_cache(maxsize=16)
def _hash_key(master: str, name: str) -> bytes:
    algorithm = HASHES[name]()
    return HKDF(algorithm=algorithm, length=32, salt=None, info=b"qinqing/fingerprint").derive(master.encode())
