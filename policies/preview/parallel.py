"""Pieces of one question, asked of the database side by side, each lane over a connection of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

# A preview is one officer's; it may not take all of the database's processors.
CONNECTIONS = 2

Piece = TypeVar("Piece")
Answer = TypeVar("Answer")


def map_in_parallel(ask: Callable[[Piece], Answer], pieces: Sequence[Piece]) -> Iterator[Answer]:
    """
    The answers about all pieces, in their order.

    Inside a transaction they are asked one after the other, for no other connection sees what it has written.
    """
    if connection.in_atomic_block:
        yield from map(ask, pieces)
        return

    def asked_alone(piece: Piece) -> Answer:
        try:
            return ask(piece)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=CONNECTIONS, thread_name_prefix="preview") as lanes:
        yield from lanes.map(asked_alone, pieces)
