"""The drop of the simulated bank: it keeps one file under a name, with the signature that came along."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import NamedTuple

CREATE = """
CREATE TABLE IF NOT EXISTS dropped (
    name TEXT PRIMARY KEY,
    sha256 TEXT NOT NULL,
    signature TEXT NOT NULL,
    content BLOB NOT NULL,
    at TEXT NOT NULL
)
"""


class NotTaken(Exception):
    """The drop takes this file not, or not any more."""


class Dropped(NamedTuple):
    """A file in the drop."""

    sha256: str
    signature: str
    content: bytes


class Drop:
    """
    Files by name, each taken once and written to disk before it is confirmed.

    One lock orders everything, questions included: a file that is unknown after the time until which it could be taken
    is never taken.
    """

    def __init__(self, file: Path, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._lock, self._clock = Lock(), clock
        self._connection = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._connection.execute(CREATE)

    def take(self, name: str, content: bytes, *, signature: str, valid_until: datetime) -> tuple[datetime, str]:
        """
        Take a file; returns the time by our clock and the SHA-256 of what was written.

        Raises:
            NotTaken: there is a file of this name, or it came too late.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        with self._lock:
            now = self._clock()
            if now > valid_until:
                raise NotTaken("The file comes after the time until which it may be taken.")
            try:
                self._connection.execute(
                    "INSERT INTO dropped (name, sha256, signature, content, at) VALUES (?, ?, ?, ?, ?)",
                    (name, sha256, signature, content, now.isoformat()),
                )
            except sqlite3.IntegrityError as there:
                raise NotTaken("There is a file of this name.") from there
            return now, sha256

    def find(self, name: str) -> tuple[datetime, Dropped | None]:
        """The file of a name, and the time by our clock at which it was there or not."""
        with self._lock:
            row = self._connection.execute(
                "SELECT sha256, signature, content FROM dropped WHERE name = ?", (name,)
            ).fetchone()
            return self._clock(), Dropped(*row) if row else None

    def count(self) -> int:
        """How many files the drop has."""
        with self._lock:
            (count,) = self._connection.execute("SELECT count(*) FROM dropped").fetchone()
            return int(count)
