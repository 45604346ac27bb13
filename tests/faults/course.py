"""The schedule of faults in a run; it depends on a seed alone, so that a run can be played again."""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum

FEWEST, MOST = 4, 8
SHORTEST_SECONDS, LONGEST_SECONDS = 0.2, 2.0


class FaultKind(StrEnum):
    """The kinds of faults."""

    WORKER_KILLED = "worker_killed"
    BEAT_KILLED = "beat_killed"
    WEB_KILLED = "web_killed"
    SECOND_BEAT = "second_beat"
    REDIS_KILLED = "redis_killed"
    REDIS_EMPTIED = "redis_emptied"
    POSTGRES_RESTARTED = "postgres_restarted"
    CONNECTIONS_CUT = "connections_cut"
    BANK_KILLED = "bank_killed"
    BANK_SLOW = "bank_slow"
    BANK_LATE = "bank_late"
    BANK_TIMES_OUT = "bank_times_out"
    BANK_CUTS_OFF = "bank_cuts_off"
    BANK_REFUSES = "bank_refuses"
    BANK_ANSWERS_TWICE = "bank_answers_twice"
    BANK_CONTRADICTS = "bank_contradicts"
    REPLY_FILE_TWICE = "reply_file_twice"
    REPLY_FILE_CUT = "reply_file_cut"
    PAYMENT_RETURNED = "payment_returned"


# These faults happen whenever the finance desk gets there, not at a given time.
AT_THE_DESK = frozenset({FaultKind.REPLY_FILE_TWICE, FaultKind.REPLY_FILE_CUT, FaultKind.PAYMENT_RETURNED})


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that begins when a share of the run's payouts is claimed (0 to 1), and how long it lasts."""

    kind: FaultKind
    after_share: float
    lasts_seconds: float


def course(seed: int) -> tuple[Fault, ...]:
    """The faults of one run, in the order of their beginnings; no two are of one kind."""
    dice = random.Random(seed)
    kinds = dice.sample(list(FaultKind), dice.randint(FEWEST, MOST))
    faults = [
        Fault(kind, round(dice.random(), 2), round(dice.uniform(SHORTEST_SECONDS, LONGEST_SECONDS), 2))
        for kind in kinds
    ]
    return tuple(sorted(faults, key=lambda fault: (fault.after_share, fault.kind)))
