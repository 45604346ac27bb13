"""Turns the name of a violated constraint into a refusal that a person can read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import psycopg
from django.db import IntegrityError, transaction


@contextmanager
def translate_refusals(refusals: Mapping[str, Exception | Callable[[], Exception]]) -> Iterator[None]:
    """
    Run the block in a savepoint and turn a violated constraint into the refusal that belongs to it.

    `refusals` maps the name of a constraint to an exception, or to a function that looks again and makes one. A
    constraint without an entry is a mistake of ours, and its error passes unchanged.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as refused:
        refusal = refusals.get(constraint_of(refused) or "")
        if refusal is None:
            raise
        raise (refusal if isinstance(refusal, Exception) else refusal()) from refused


def constraint_of(refused: IntegrityError) -> str | None:
    """The name of the violated constraint, as PostgreSQL reports it."""
    cause = refused.__cause__
    return cause.diag.constraint_name if isinstance(cause, psycopg.Error) else None
