"""Ends publicity at once: a campaign cannot wait for the days in which payouts are on the public list."""

from __future__ import annotations

from datetime import datetime, timedelta

from payouts.publicity.publicise import end_publicity
from qinqing.demo.campaign.progress import Advance
from qinqing.demo.campaign.watch import Watch

_AT_ONCE = 20_000
# Seven working days and the longest public holiday.
_LONGEST_PUBLICITY = timedelta(days=31)


def turn_past_publicity(*, watch: Watch, advance: Advance, now: datetime) -> None:
    """Approve payouts without an objection, as of a day after each publicity; no firm sees that day otherwise."""
    done = 0
    while approved := end_publicity(limit=_AT_ONCE, now=now + _LONGEST_PUBLICITY):
        done += approved
        advance(done)
        watch.look()
