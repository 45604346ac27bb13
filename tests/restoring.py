"""Puts the database back as it stood before a test with real transactions."""

from __future__ import annotations

from pathlib import Path

import psycopg
from django.db import connection, transaction

# Dead rows of more pages than these would be read by every test that follows.
LARGEST_LEFT_BYTES = 1 << 20
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
    Remember what stands in a migrated database, and let each table count on from a million.

    So every table does in a city, and a number written as 1,000,001 is seen to be wrong.
    """
    database.execute(COUNT_ON)
    database.execute(INSTALL.read_text().encode())


def restore() -> None:
    """Take away what a test has written, and bring back what it has changed; no signal of Django's is sent."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT kept.restore()")
    with connection.cursor() as cursor:
        cursor.execute(LARGE, [LARGEST_LEFT_BYTES])
        for (table,) in cursor.fetchall():
            cursor.execute(f"VACUUM {table}")
