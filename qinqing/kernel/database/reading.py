"""Reads through the role that may read only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, models

Row = TypeVar("Row", bound=models.Model)


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


def read_newest_first(rows: models.QuerySet[Row], *, rows_at_once: int) -> Iterator[Row]:
    """
    Read the rows of a table as the reader, page by page, the newest first.

    Between two pages the thread has its own connection back, whatever it does with the rows, or if it stops there.
    """
    page = rows.order_by("-pk")
    while True:
        with as_reader():
            found = list(page[:rows_at_once])
        yield from found
        if len(found) < rows_at_once:
            return
        page = rows.order_by("-pk").filter(pk__lt=found[-1].pk)
