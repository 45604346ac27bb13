"""Two processes for each contender, for the machine that we measure on has two cores."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from typing import TypeVar

from django.db import connection, connections
from django.utils import timezone

from policies import matching
from tests.benchmarks.campaign.cpu import cpu_so_far
from tests.benchmarks.processors import Spent

PROCESSES = 2
Given = TypeVar("Given")


def in_processes(work: Callable[[Given], object], each: Sequence[Given]) -> Spent:
    """Do the work for each in two processes; returns what it took."""
    with connection.cursor() as cursor:
        # What one contender left in memory is not written in another's time.
        cursor.execute("CHECKPOINT")
    worked, start = _worked(), time.perf_counter()
    # A connection cannot be shared with a child.
    connections.close_all()
    with get_context("fork").Pool(PROCESSES) as pool:
        pool.map(work, each, chunksize=1)
    seconds = time.perf_counter() - start
    return Spent(seconds, _worked() - worked)


def _worked() -> float:
    children = os.times()[2:4]
    return cpu_so_far(parts={}).own_seconds + sum(children)


def match_everything(_worker: int) -> None:
    """Contender: ours, as a worker of the queue does it."""
    idle = 0
    while idle < 3:
        # Another worker may be dividing the runs just now, so one look is not enough.
        idle = idle + 1 if matching.match_due(now=timezone.now()) is None else 0
        if idle:
            time.sleep(0.05)
