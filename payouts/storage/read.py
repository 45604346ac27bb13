"""Stored bytes, read back piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from payouts.models import StoredFile, StoredPiece
from qinqing.kernel.secrets import decrypt_bytes


def stored_blocks(*, stored: StoredFile) -> Iterator[bytes]:
    """The file's bytes in order, about a megabyte at a time."""
    number = 0
    while True:
        piece = (
            StoredPiece.objects.filter(file=stored, number=number).values_list("content_encrypted", flat=True).first()
        )
        if piece is None:
            return
        yield decrypt_bytes(piece)
        number += 1


def copy_stored(*, stored: StoredFile, target: IO[bytes]) -> None:
    """Write the file's bytes to a target."""
    for block in stored_blocks(stored=stored):
        target.write(block)
