"""Calls that start at the same moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import monotonic, sleep
from typing import Any

from django.db import connection

PATIENCE_SECONDS = 30
# A lock on a row or a transaction names no database, but whoever asks for it holds the locks of its tables too.
_WAITING = """
    SELECT count(DISTINCT l.pid) FROM pg_locks l JOIN pg_locks held USING (pid)
    JOIN pg_database d ON d.oid = held.database AND d.datname = current_database()
    WHERE NOT l.granted
"""


def together(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Start calls at the same moment, each in a thread with its own connection; what each returns or raises."""
    # If one thread gets no connection, the timeout keeps the other threads from waiting for ever.
    barrier = Barrier(len(calls), timeout=PATIENCE_SECONDS)

    def run(call: Callable[[], Any]) -> Any:
        connection.ensure_connection()
        barrier.wait()
        try:
            return call()
        except Exception as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def wait_until_found(query: str) -> None:
    """Wait until the database answers a query with a row."""
    end = monotonic() + PATIENCE_SECONDS
    with connection.cursor() as cursor:
        while not cursor.execute(query).fetchone():
            assert monotonic() < end, query
            sleep(0.01)


def count_waiting() -> int:
    """How many connections to this database wait for a lock that another connection holds."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING)
        return int(cursor.fetchone()[0])


def wait_until_somebody_waits() -> None:
    """Wait until a connection to this database waits for a lock."""
    wait_until_found(f"{_WAITING} HAVING count(DISTINCT l.pid) > 0")
