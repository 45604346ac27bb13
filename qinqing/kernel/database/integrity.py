"""From the name of a refused constraint to the refusal that a person can read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import psycopg
from django.db import IntegrityError, transaction


@contextmanager
def translate_refusals(refusals: Mapping[str, Exception | Callable[[], Exception]]) -> Iterator[None]:
    """
    Run the block in a savepoint and turn the database's refusal into a named one.

    `refusals` goes from constraint names to exceptions, or to what makes one by looking again; a constraint that is
    not named there is a mistake of ours and passes unchanged.
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
    """The name of the constraint that refused, as PostgreSQL reports it."""
    cause = refused.__cause__
    return cause.diag.constraint_name if isinstance(cause, psycopg.Error) else None
