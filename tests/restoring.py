"""Snapshots of the database, by which each test with real transactions is undone."""

from __future__ import annotations

from pathlib import Path

import psycopg
from django.db import connection

from tests.superuser import as_superuser, vacuum

# Every later test would read the dead rows of a table that has grown beyond this size.
LARGEST_LEFT_BYTES = 1 << 20
# The name of the snapshot from before the first test.
STANDING = "standing"
INSTALL = Path(__file__).with_name("restore.sql")
COUNT_ON = """
    SELECT setval(format('%I.%I', schemaname, sequencename), 1000000 + coalesce(last_value, 0))
    FROM pg_sequences WHERE schemaname = 'public' AND max_value > 1000000
"""
LARGE = """
    SELECT quote_ident(relname) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > %s
"""


def make_ready(database: psycopg.Connection) -> None:
    """
    Take a snapshot of a migrated database, and let each table count ids from a million.

    Ids are as large in a real city, and so tests notice an id that is written as 1,000,001.
    """
    database.execute(COUNT_ON)
    database.execute(INSTALL.read_text().encode())
    database.execute(f"DROP SCHEMA IF EXISTS {STANDING} CASCADE")
    database.execute("SELECT snapshots.take(%s)", [STANDING])


def has_snapshot(name: str) -> bool:
    """Whether a snapshot of this name exists."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = %s)", [name])
        return bool(cursor.fetchone()[0])


def take_snapshot(name: str) -> None:
    """Keep what is committed now, to restore it for tests that need the same state again."""
    with as_superuser() as cursor:
        cursor.execute("SELECT snapshots.take(%s)", [name])


def restore(snapshot: str = STANDING) -> None:
    """Delete the rows written since a snapshot, and restore the rows changed since; Django sends no signal."""
    with as_superuser() as cursor:
        cursor.execute("SELECT snapshots.restore(%s)", [snapshot])
        cursor.execute(LARGE, [LARGEST_LEFT_BYTES])
        large = [table for (table,) in cursor.fetchall()]
    if large:
        vacuum(large)
