"""Runs each contender in two processes, because the measuring machine has two cores."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from typing import TypeVar

from django.db import connection, connections
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from policies.matching.entitlements import is_settled
from policies.matching.run import match_due
from tests.benchmarks.campaign.cpu import cpu_so_far
from tests.benchmarks.city import is_superuser
from tests.benchmarks.processors import Spent

PROCESSES = 2
Given = TypeVar("Given")


def in_processes(work: Callable[[Given], object], each: Sequence[Given]) -> Spent:
    """Do the work for each item in two processes; returns the time."""
    with connection.cursor() as cursor:
        # A checkpoint before the clock starts: no contender has to write what another left in memory, or reads files
        # for another.
        cursor.execute("CHECKPOINT")
        read_everything(cursor)
    worked, start = _work_measured(), time.perf_counter()
    # A connection cannot be shared with a child.
    connections.close_all()
    with get_context("fork").Pool(PROCESSES) as pool:
        pool.map(work, each, chunksize=1)
    seconds = time.perf_counter() - start
    return Spent(seconds, _work_measured() - worked)


def read_everything(cursor: CursorWrapper) -> None:
    """Have the operating system read the files of all tables and indexes, if we may read them."""
    if is_superuser(cursor):
        cursor.execute(_READ)


# A file holds a gigabyte; the second file of a table ends in “.1”.
_READ = """
    SELECT sum(length(pg_read_binary_file(
        pg_relation_filepath(r.oid) || coalesce('.' || nullif(piece.start / (1 << 30), 0), ''),
        piece.start % (1 << 30), 1 << 24, true
    )))
    FROM pg_class r
    CROSS JOIN LATERAL generate_series(0, pg_relation_size(r.oid) - 1, 1 << 24) AS piece (start)
    WHERE r.relkind IN ('r', 'i') AND r.relnamespace = 'public'::regnamespace
"""


def _work_measured() -> float:
    children = os.times()[2:4]
    return cpu_so_far(parts={}).own_seconds + sum(children)


def match_everything(_worker: int) -> None:
    """Match as a worker of the queue does."""
    while not is_settled():
        # Another worker may still divide the runs, or decide the last shard.
        if match_due(now=timezone.now()) is None:
            time.sleep(0.05)
