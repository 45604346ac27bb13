"""Seals short texts of a person: the secret of a second factor, and a form that waits while we ask who it is."""

from __future__ import annotations

from qinqing.kernel.secrets import SealedColumn, present_header

# The libraries that keep these texts tell us neither the table nor the row, so they are bound to their purpose only.
_TEXT = SealedColumn("text", "of_a_person")


def seal_text(text: str) -> str:
    """The text, sealed, in hexadecimal digits, which any column of text can hold."""
    return _TEXT.seal(text, "").hex()


def open_text(sealed: str) -> str:
    """
    The text that `seal_text` sealed.

    Raises:
        cryptography.exceptions.InvalidTag: the text was changed, or belongs to no key of the ring.
    """
    return _TEXT.open(bytes.fromhex(sealed), "")


def is_sealed_by_present_key(sealed: str) -> bool:
    """Whether today's key sealed the text."""
    return bytes.fromhex(sealed).startswith(present_header())
