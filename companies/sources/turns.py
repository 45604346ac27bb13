"""When a source is pulled next: on its schedule, or after a failure later and later."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Final

FIRST_RETRY: Final = dt.timedelta(minutes=1)
LONGEST_RETRY: Final = dt.timedelta(days=1)


def next_turn(*, planned_at: dt.datetime, every: dt.timedelta, now: dt.datetime) -> dt.datetime:
    """The first turn after now, counted from the one that was planned; turns that were missed are not made up for."""
    missed = max((now - planned_at) // every, 0)
    return planned_at + every * (missed + 1)


def next_try(*, failure_count: int, now: dt.datetime, draw: Callable[[], float]) -> dt.datetime:
    """
    The moment of the next try after so many failures in a row.

    The wait doubles from a minute to a day; a lot between a half and the whole of it keeps sources that failed together
    from coming back together. `draw` returns a number from 0 to 1.
    """
    doubled: dt.timedelta = FIRST_RETRY * (1 << min(failure_count - 1, 16))
    return now + min(doubled, LONGEST_RETRY) * (0.5 + draw() / 2)
