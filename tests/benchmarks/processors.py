"""Measures the processor time of one process and its backend in PostgreSQL."""

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
    """The seconds by the clock, and the seconds of processor time in Python and in PostgreSQL."""

    seconds: float
    processor_seconds: float

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.seconds + other.seconds, self.processor_seconds + other.processor_seconds)


def measure_spent(work: Callable[[], Answer]) -> tuple[Answer, Spent]:
    """Do the work over this thread's connection, which it must not close; returns its answer and the time."""
    before, start = _read_processor_seconds(), time.perf_counter()
    answer = work()
    return answer, Spent(time.perf_counter() - start, _read_processor_seconds() - before)


def _read_processor_seconds() -> float:
    """The processor time of this process and its backend; vacuum is left out, because it runs when it likes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    # After the name, which may hold anything; the times of user and system are the 12th and 13th field there.
    fields = Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()
    return time.process_time() + sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
