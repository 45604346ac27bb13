"""
Workers and beat show that they live by the modification time of a file.

Celery's own ping would have to come back over the broker, where the prefix of our keys keeps it from arriving. The very
loop that takes up work writes the file: if it hangs, it writes nothing, even while its process lives.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from celery import Celery, bootsteps
from celery.beat import PersistentScheduler

# Without the variable nobody reads the file, and nobody writes it.
FILE_VARIABLE = "QINQING_HEARTBEAT"
EACH_SECONDS = 1.0


def beat_once() -> None:
    """Write that this process lives, if the environment names a file."""
    if file := os.environ.get(FILE_VARIABLE):
        Path(file).touch()


class WorkerHeartbeat(bootsteps.StartStopStep):
    """Lets the worker's own loop, the one that takes messages, write the file every second."""

    requires = ("celery.worker.components:Timer",)

    def start(self, parent: Any) -> None:
        """Begin with the worker."""
        parent.timer.call_repeatedly(EACH_SECONDS, beat_once, priority=10)


class BeatingScheduler(PersistentScheduler):
    """Celery's scheduler, which writes the file whenever it looks for what is due."""

    def tick(self, *given: Any, **named: Any) -> Any:
        """Look for what is due."""
        beat_once()
        return super().tick(*given, **named)


def install(app: Celery) -> None:
    """Let the workers and the scheduler of an application write the file."""
    app.steps["worker"].add(WorkerHeartbeat)
    app.conf.beat_scheduler = BeatingScheduler
