"""Seals short texts of a person that have no row yet: a new second factor, and a form that waits for a proof."""

from __future__ import annotations

from qinqing.kernel.secrets import SealedColumn, present_header

# Neither has a row, so they are bound to their purpose only.
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
