"""What one process and its own backend of PostgreSQL spend on some work."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from django.db import connection

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Spent:
    """The seconds that went by, and those that the processors worked for it in Python and in PostgreSQL."""

    seconds: float
    processor_seconds: float

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.seconds + other.seconds, self.processor_seconds + other.processor_seconds)


def measure_spent(work: Callable[[], Answer]) -> tuple[Answer, Spent]:
    """Do the work over the connection of this thread, which it may not close; its answer, and what it took."""
    before, start = _read_processor_seconds(), time.perf_counter()
    answer = work()
    return answer, Spent(time.perf_counter() - start, _read_processor_seconds() - before)


def _read_processor_seconds() -> float:
    """Seconds of the processors for this process and its backend; vacuum, which comes when it likes, is nobody's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    # After the name, which may hold anything; the times of user and system are the 12th and 13th field there.
    fields = Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()
    return time.process_time() + sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
