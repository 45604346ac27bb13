"""
Group commit: owners who click while a claim of this process is under way are claimed for together, right after it.

Most of what a click costs the database does not grow with what is claimed. So each process of the web server queues
its clicks: the first is claimed at once, those that come meanwhile wait for it and are the next set. The queue decides
nothing: what a set leaves to wait for somebody's lock, its own thread claims as a set of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from threading import Condition

from payouts.claims.claim import Outcome, claim
from payouts.claims.clicks import Click
from payouts.claims.refusals import Contended
from qinqing.kernel.database.triggers import FEW_ROWS

# One that waits this long for somebody's lock would keep all others waiting.
PATIENCE_MS = 100
# Nobody waits longer for the others, whatever holds them up.
LONGEST_WAIT_SECONDS = 2.0


@dataclass(slots=True)
class _Queued:
    click: Click
    outcome: Outcome | None = None
    is_served: bool = False


class GroupCommit:
    """
    Where clicks of one process queue up: whoever finds it free claims for those that wait, in the order they came.

    At most `FEW_ROWS` entitlements are claimed at a time, which is what plans are kept for.
    """

    def __init__(self, *, longest_wait_seconds: float = LONGEST_WAIT_SECONDS, patience_ms: int = PATIENCE_MS) -> None:
        self._longest_wait_seconds = longest_wait_seconds
        self._patience_ms = patience_ms
        self._turn = Condition()
        self._queue: list[_Queued] = []
        self._is_busy = False

    def claim(self, click: Click) -> Outcome:
        """What came of the click, together with others or as a set of its own."""
        # A large one would keep the others waiting, and is no dearer alone.
        outcome = self._claim_in_turn(click) if len(click.entitlement_ids) <= FEW_ROWS else None
        if outcome is None or isinstance(outcome, Contended):
            (outcome,) = claim(clicks=[click], now=click.now)
        return outcome

    def _claim_in_turn(self, click: Click) -> Outcome | None:
        """What came of the click together with others; None where they took too long, or failed."""
        mine = _Queued(click)
        with self._turn:
            self._queue.append(mine)
        while not mine.is_served:
            with self._turn:
                if not self._turn.wait_for(lambda: mine.is_served or not self._is_busy, self._longest_wait_seconds):
                    # Whoever serves it may still get through; claiming alone then finds what was claimed.
                    self._queue = [each for each in self._queue if each is not mine]
                    return None
                served = [] if mine.is_served else self._next()
            if served:
                self._serve(served)
        return mine.outcome

    def _next(self) -> list[_Queued]:
        sizes = accumulate(len(each.click.entitlement_ids) for each in self._queue)
        count = max(sum(size <= FEW_ROWS for size in sizes), 1)
        served, self._queue, self._is_busy = self._queue[:count], self._queue[count:], True
        return served

    def _serve(self, queued: Sequence[_Queued]) -> None:
        try:
            clicks = [each.click for each in queued]
            outcomes = claim(clicks=clicks, now=max(each.now for each in clicks), patience_ms=self._patience_ms)
            for each, outcome in zip(queued, outcomes, strict=True):
                each.outcome = outcome
        finally:
            with self._turn:
                for each in queued:
                    each.is_served = True
                self._is_busy = False
                self._turn.notify_all()


_group_commit = GroupCommit()


def claim_in_group(click: Click) -> Outcome:
    """What came of an owner's click, claimed together with whoever clicks in this process at the same moment."""
    return _group_commit.claim(click)
