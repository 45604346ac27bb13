"""Seals short texts of a person: the secret of a second factor, and a form that waits while we ask who it is."""

from __future__ import annotations

from qinqing.kernel.secrets import decrypt, encrypt


def seal_text(text: str) -> str:
    """The text, sealed, in hexadecimal digits, which any column of text can hold."""
    return encrypt(text).hex()


def open_text(sealed: str) -> str:
    """
    The text that `seal_text` sealed.

    Raises:
        cryptography.exceptions.InvalidTag: the text was changed, or belongs to no key of the ring.
    """
    return decrypt(bytes.fromhex(sealed))
