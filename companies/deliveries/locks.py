"""Locks that end with the transaction, so that a killed worker leaves no lock."""

from __future__ import annotations

from psycopg.sql import SQL, Literal

from companies.deliveries.staging.table import execute


def take_lock(name: str) -> None:
    """Wait until nobody else holds the lock of this name, and hold it until the transaction ends."""
    execute(SQL("SELECT pg_advisory_xact_lock(hashtextextended({}, 0))").format(Literal(name)))
