"""
What only the superuser of the server may do, for the tests' own housekeeping and for damage that no role may do.

The tests' connection signs in as the superuser and works as the product's role, so that a test may step out of it
within its transaction; nothing of the product can.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from qinqing.demo.campaign.database import use_database
from qinqing.kernel.database.roles import login_of
from qinqing.services.postgres import SUPERUSER_VARIABLE

# `ALTER TABLE` would refuse a table with events of the transaction still to come.
_LET_GUARDS_FIRE = "SELECT snapshots.let_guards_fire(%s, %s, %s::text[]::regclass[])"


def connected() -> psycopg.Connection:
    """A connection of the superuser's own to the server."""
    return psycopg.connect(os.environ[SUPERUSER_VARIABLE], autocommit=True)


def work_as_superuser() -> None:
    """Let this process work as the superuser."""
    signed_in = login_of(os.environ[SUPERUSER_VARIABLE])
    connection.close()
    connection.settings_dict |= {"USER": signed_in.role, "PASSWORD": signed_in.password}


def work_as_app(name: str) -> None:
    """Let this process use the database of this name: signed in as the superuser, working as the product's role."""
    use_database(name)
    work_as_superuser()
    connection.settings_dict["OPTIONS"]["assume_role"] = settings.DATABASE["USER"]
    # Tests look at rows that they have not committed, which no other connection sees.
    settings.READER_ALIAS = "default"


@contextmanager
def as_superuser() -> Iterator[CursorWrapper]:
    """Work as the superuser for the block, within a savepoint; what the block makes is the superuser's."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        yield cursor
        cursor.execute(f'SET LOCAL ROLE "{settings.DATABASE["USER"]}"')


@contextmanager
def unguarded(*tables: str) -> Iterator[None]:
    """
    Switch foreign keys off for the block, and the guards of these tables, or of all, as only the superuser can.

    PostgreSQL reads anew what it knows of each table whose guards are switched, so a block that names its tables is
    much faster.
    """
    only_of = list(tables) or None
    with transaction.atomic():
        with as_superuser() as cursor:
            cursor.execute(_LET_GUARDS_FIRE, ["O", "A", only_of])
            cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        with as_superuser() as cursor:
            cursor.execute("SET LOCAL session_replication_role = origin")
            cursor.execute(_LET_GUARDS_FIRE, ["A", "O", only_of])


@contextmanager
def as_superuser_for_long() -> Iterator[CursorWrapper]:
    """Work as the superuser for the block, which is in no transaction."""
    with connection.cursor() as cursor:
        role = cursor.execute("SELECT current_user").fetchone()[0]
        cursor.execute("SET ROLE NONE")
        try:
            yield cursor
        finally:
            cursor.execute(f'SET ROLE "{role}"')


def vacuum(tables: Sequence[str]) -> None:
    """Vacuum tables, whose names are quoted where they need to be; PostgreSQL does so outside a transaction alone."""
    with as_superuser_for_long() as cursor:
        cursor.execute(f"VACUUM {', '.join(tables)}")
