"""Reads through the role that may read only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections


@contextmanager
def as_reader() -> Iterator[None]:
    """
    Let all statements of this thread run as the reader for the block.

    The reader sees what is committed, so the block does not stand within a transaction.
    """
    if settings.READER_ALIAS == DEFAULT_DB_ALIAS:
        yield
        return
    default = connections[DEFAULT_DB_ALIAS]
    assert not default.in_atomic_block
    connections[DEFAULT_DB_ALIAS] = connections[settings.READER_ALIAS]
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = default
