"""Takes snapshots of the database and brings it back to them, as after each test with real transactions."""

from __future__ import annotations

from pathlib import Path

import psycopg
from django.db import connection, transaction

# Dead rows of more pages than these would be read by every test that follows.
LARGEST_LEFT_BYTES = 1 << 20
# What stands before the first test.
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
    Take a snapshot of a migrated database, and let each table count on from a million.

    So every table does in a city, and a number written as 1,000,001 is seen to be wrong.
    """
    database.execute(COUNT_ON)
    database.execute(INSTALL.read_text().encode())
    database.execute(f"DROP SCHEMA IF EXISTS {STANDING} CASCADE")
    database.execute("SELECT snapshots.take(%s)", [STANDING])


def has_snapshot(name: str) -> bool:
    """Whether there is a snapshot of this name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = %s)", [name])
        return bool(cursor.fetchone()[0])


def take_snapshot(name: str) -> None:
    """Keep what is committed by now, to be restored for tests that need the same again."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT snapshots.take(%s)", [name])


def restore(snapshot: str = STANDING) -> None:
    """Take away what was written since a snapshot, and bring back what was changed; no signal of Django's is sent."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT snapshots.restore(%s)", [snapshot])
    with connection.cursor() as cursor:
        cursor.execute(LARGE, [LARGEST_LEFT_BYTES])
        for (table,) in cursor.fetchall():
            cursor.execute(f"VACUUM {table}")
