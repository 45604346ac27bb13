"""Waiting for the workers, with an eye on their health and an end to patience."""

from __future__ import annotations

import time
from collections.abc import Callable

from qinqing.demo.campaign.memory import PeakMemory
from qinqing.demo.campaign.progress import Advance
from qinqing.services.supervisor import Supervisor

_LOOK_SECONDS, _MEMORY_SECONDS = 0.2, 2.0
# Our looks at the tables take at most a tenth of the time, however large these are: the workers need the processors.
_LOOKS_TO_PAUSES = 9


class Stalled(Exception):
    """The workers made no progress for so long that something must be wrong."""


class Watch:
    """Looks after the parts while a campaign waits for what they do."""

    def __init__(self, supervisor: Supervisor, *, patience_seconds: float = 90) -> None:
        self._memory = PeakMemory()
        self._supervisor, self._patience_seconds = supervisor, patience_seconds
        self._looked_at_memory = 0.0

    def wait(self, *, words: str, is_done: Callable[[], bool], reached: Callable[[], int], advance: Advance) -> None:
        """
        Wait until `is_done`; `reached` tells the progress until then.

        Raises:
            ChildDied: a part ended by itself.
            Stalled: the progress stood still for the whole of our patience.
        """
        last, since = -1, time.monotonic()
        while True:
            begun = time.monotonic()
            is_over, now = is_done(), reached()
            took = time.monotonic() - begun
            advance(now)
            if is_over:
                return self.look()
            if now != last:
                last, since = now, time.monotonic()
            elif time.monotonic() - since > self._patience_seconds:
                raise Stalled(f"{words} stands still at {now:,} since {self._patience_seconds:g} seconds.")
            self.look()
            time.sleep(max(_LOOK_SECONDS, took * _LOOKS_TO_PAUSES))

    def ready(self) -> None:
        """
        Wait until all parts are ready for work.

        Raises:
            ChildDied, ChildIsSilent: one part ended, or was not ready in time.
        """
        self._supervisor.wait_until_ready()

    def peak_mb(self) -> dict[str, int]:
        """The most that one process of each part ever held, in megabytes."""
        self._memory.look(self._supervisor.pids())
        return self._memory.mb

    def look(self) -> None:
        """
        See whether all parts are alive, and from time to time how much memory they hold.

        Raises:
            ChildDied: a part is not alive.
        """
        self._supervisor.check()
        if time.monotonic() - self._looked_at_memory > _MEMORY_SECONDS:
            self._memory.look(self._supervisor.pids())
            self._looked_at_memory = time.monotonic()
