"""Stores the bytes of files in the database, encrypted and in pieces."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import IO

from django.db import transaction

from payouts.models import StoredFile, StoredPiece
from payouts.models.batches.stored import CONTENT, piece_identity

PIECE_BYTES = 1 << 20


@transaction.atomic
def store_blob(*, content: IO[bytes], now: datetime) -> StoredFile:
    """Store all bytes of a file from its start, with a megabyte in memory at a time."""
    sha256, byte_count = compute_digest(content=content)
    stored = StoredFile.objects.create(sha256=sha256, byte_count=byte_count, stored_at=now)
    content.seek(0)
    number = 0
    while piece := content.read(PIECE_BYTES):
        sealed = CONTENT.seal_bytes(piece, piece_identity(stored.pk, number))
        StoredPiece.objects.create(file=stored, number=number, content_encrypted=sealed)
        number += 1
    return stored


def compute_digest(*, content: IO[bytes]) -> tuple[str, int]:
    """Compute the SHA-256 of all bytes, in hexadecimal, and their number."""
    sha256, byte_count = hashlib.sha256(), 0
    content.seek(0)
    while piece := content.read(PIECE_BYTES):
        sha256.update(piece)
        byte_count += len(piece)
    return sha256.hexdigest(), byte_count


def read_blocks(*, stored: StoredFile) -> Iterator[bytes]:
    """Read the file's bytes in order, about a megabyte at a time."""
    number = 0
    while True:
        piece = (
            StoredPiece.objects.filter(file=stored, number=number).values_list("content_encrypted", flat=True).first()
        )
        if piece is None:
            return
        yield CONTENT.open_bytes(piece, piece_identity(stored.pk, number))
        number += 1


def copy_blob(*, stored: StoredFile, target: IO[bytes]) -> None:
    """Write the file's bytes to a target."""
    for block in read_blocks(stored=stored):
        target.write(block)
