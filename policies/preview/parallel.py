"""Queries about several shards run in parallel, each thread with a connection of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

# A preview serves one officer, so it leaves processors of the database to others.
CONNECTIONS = 2

Piece = TypeVar("Piece")
Answer = TypeVar("Answer")


def map_in_parallel(ask: Callable[[Piece], Answer], pieces: Sequence[Piece]) -> Iterator[Answer]:
    """
    Apply `ask` to each piece in parallel; yields the answers in the order of the pieces.

    Inside a transaction the pieces are asked one after the other, because another connection would not see what this
    transaction has written.
    """
    if connection.in_atomic_block:
        yield from map(ask, pieces)
        return

    def asked_alone(piece: Piece) -> Answer:
        try:
            return ask(piece)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=CONNECTIONS, thread_name_prefix="preview") as threads:
        yield from threads.map(asked_alone, pieces)
