"""
Group commit: owners who click while a claim of this process is running are claimed for together, right after it.

Most of a click's cost in the database does not grow with the number of entitlements. So each process of the web server
queues its clicks: the first is claimed at once, and those that come meanwhile make up the next set. The queue decides
nothing: a click that the set leaves undecided because of a lock is claimed by its own thread as a set of one.
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

# A click that waits for a lock delays all others of its set, so the set waits no longer than this.
PATIENCE_MS = 100
# A click waits no longer than this for the set before it, and is then claimed alone.
LONGEST_WAIT_SECONDS = 2.0


@dataclass(slots=True)
class _Queued:
    click: Click
    outcome: Outcome | None = None
    is_served: bool = False


class GroupCommit:
    """
    The queue of clicks of one process: a thread that finds it free claims for all that wait, in their order.

    A set has at most `FEW_ROWS` entitlements, for which PostgreSQL keeps its plans.
    """

    def __init__(self, *, longest_wait_seconds: float = LONGEST_WAIT_SECONDS, patience_ms: int = PATIENCE_MS) -> None:
        self._longest_wait_seconds = longest_wait_seconds
        self._patience_ms = patience_ms
        self._turn = Condition()
        self._queue: list[_Queued] = []
        self._is_busy = False

    def claim(self, click: Click) -> Outcome:
        """Claim the click, together with others or as a set of its own, and return its outcome."""
        # A large click would delay the others, and gains nothing from their company.
        outcome = self._claim_in_turn(click) if len(click.entitlement_ids) <= FEW_ROWS else None
        if outcome is None or isinstance(outcome, Contended):
            (outcome,) = claim(clicks=[click], now=click.now)
        return outcome

    def _claim_in_turn(self, click: Click) -> Outcome | None:
        """Claim the click together with others; return None if they took too long, or failed."""
        mine = _Queued(click)
        with self._turn:
            self._queue.append(mine)
        while not mine.is_served:
            with self._turn:
                if not self._turn.wait_for(lambda: mine.is_served or not self._is_busy, self._longest_wait_seconds):
                    # The thread that serves it may still succeed; claiming alone then finds the claim.
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
    """Claim an owner's click together with the other clicks of the moment in this process; return its outcome."""
    return _group_commit.claim(click)
