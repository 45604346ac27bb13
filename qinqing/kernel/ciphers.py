"""The ciphers that seal personal numbers, behind one small interface: AES-256-GCM with SHA-256, SM4-GCM with SM3."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from functools import lru_cache
from typing import ClassVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher as Mode
from cryptography.hazmat.primitives.ciphers import algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, SM3, HashAlgorithm
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12
TAG_BYTES = 16
# Enough of a key's derivation to tell the keys of one ring apart; it says nothing about the key.
MARK_BYTES = 7
HEADER_BYTES = 1 + MARK_BYTES


class Cipher(ABC):
    """
    One key under one cipher.

    What it seals begins with `header`: the letter of the cipher and the mark of the key. The header and the text
    `bound_to` are authenticated with the content, so neither another header nor another binding opens it.
    """

    letter: ClassVar[bytes]
    name: ClassVar[str]
    key_bytes: ClassVar[int]
    digest: ClassVar[type[HashAlgorithm]]

    def __init__(self, master: str) -> None:
        self.header = self.letter + self._derive(master, "mark", MARK_BYTES)
        self._key = self._derive(master, "encryption", self.key_bytes)

    @abstractmethod
    def encrypt(self, nonce: bytes, content: bytes, authenticated: bytes) -> bytes:
        """The encrypted content with its tag behind it."""

    @abstractmethod
    def decrypt(self, nonce: bytes, sealed: bytes, authenticated: bytes) -> bytes:
        """
        The content.

        Raises:
            cryptography.exceptions.InvalidTag: another key, nonce, content or authenticated text sealed it.
        """

    def seal(self, content: bytes, bound_to: str) -> bytes:
        """Header, fresh nonce, encrypted content and tag; twice the same gives other bytes."""
        nonce = os.urandom(NONCE_BYTES)
        return self.header + nonce + self.encrypt(nonce, content, self.header + bound_to.encode())

    def open(self, sealed: bytes, bound_to: str) -> bytes:
        """
        The content that `seal` sealed.

        Raises:
            cryptography.exceptions.InvalidTag: the bytes were changed, or stand where they were not sealed for.
        """
        start = HEADER_BYTES + NONCE_BYTES
        if len(sealed) < start + TAG_BYTES:
            raise InvalidTag
        return self.decrypt(sealed[HEADER_BYTES:start], sealed[start:], self.header + bound_to.encode())

    @classmethod
    def _derive(cls, master: str, purpose: str, length: int) -> bytes:
        info = f"qinqing/{cls.name}/{purpose}".encode()
        return HKDF(algorithm=cls.digest(), length=length, salt=None, info=info).derive(master.encode())


class Aes(Cipher):
    """AES-256 in Galois/Counter mode (NIST SP 800-38D)."""

    letter: ClassVar[bytes] = b"A"
    name: ClassVar[str] = "aes"
    key_bytes: ClassVar[int] = 32
    digest: ClassVar[type[HashAlgorithm]] = SHA256

    def __init__(self, master: str) -> None:
        super().__init__(master)
        self._aead = AESGCM(self._key)

    def encrypt(self, nonce: bytes, content: bytes, authenticated: bytes) -> bytes:
        return self._aead.encrypt(nonce, content, authenticated)

    def decrypt(self, nonce: bytes, sealed: bytes, authenticated: bytes) -> bytes:
        return self._aead.decrypt(nonce, sealed, authenticated)


class Sm4(Cipher):
    """SM4 (GB/T 32907) in Galois/Counter mode (RFC 8998)."""

    letter: ClassVar[bytes] = b"S"
    name: ClassVar[str] = "sm4"
    key_bytes: ClassVar[int] = 16
    digest: ClassVar[type[HashAlgorithm]] = SM3

    def __init__(self, master: str) -> None:
        super().__init__(master)
        self._algorithm = algorithms.SM4(self._key)

    def encrypt(self, nonce: bytes, content: bytes, authenticated: bytes) -> bytes:
        encryptor = Mode(self._algorithm, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(authenticated)
        return encryptor.update(content) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, sealed: bytes, authenticated: bytes) -> bytes:
        decryptor = Mode(self._algorithm, modes.GCM(nonce, sealed[-TAG_BYTES:])).decryptor()
        decryptor.authenticate_additional_data(authenticated)
        return decryptor.update(sealed[:-TAG_BYTES]) + decryptor.finalize()


CIPHERS: dict[str, type[Cipher]] = {each.name: each for each in (Aes, Sm4)}
HASHES: dict[str, type[HashAlgorithm]] = {"sha256": SHA256, "sm3": SM3}


@lru_cache(maxsize=8)
def ring_of(masters: tuple[str, ...], present: str) -> tuple[Cipher, ...]:
    """All keys under all ciphers; the first key under the present cipher comes first, and seals what is new."""
    ciphers = sorted(CIPHERS.values(), key=lambda each: each.name != present)
    return tuple(cipher(master) for master in masters for cipher in ciphers)
