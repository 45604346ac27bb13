"""The faults that the simulated bank can be told to show."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field, fields, replace
from threading import Lock
from typing import Any


class NotAFault(Exception):
    """There is no such fault, or its value makes no sense."""


@dataclass(frozen=True, slots=True)
class Faults:
    """
    How the bank misbehaves; rates are between 0 and 1.

    `slow_seconds`: waits before it executes. `timeout_rate`: takes a request and hangs, half of the times
    after executing it. `drop_reply_rate`: executes and cuts the connection. `refuse_rate`: refuses a payment,
    always the same ones for one seed. `twice_rate`: reports every result of an answer twice. `contradict_rate`: reports
    the results, and then the contrary for the first payment. `return_rate`: the part of the accounts that send
    payments back after `return_after_seconds`, always the same ones for one seed.
    """

    slow_seconds: float = 0.0
    timeout_rate: float = 0.0
    drop_reply_rate: float = 0.0
    refuse_rate: float = 0.0
    twice_rate: float = 0.0
    contradict_rate: float = 0.0
    return_rate: float = 0.0
    return_after_seconds: float = 0.0
    hang_seconds: float = 60.0
    seed: int = 1

    def changed(self, asked: dict[str, Any]) -> Faults:
        """
        These faults with some of them set anew.

        Raises:
            NotAFault: a name or a value is wrong.
        """
        known = {each.name for each in fields(self)}
        for name, value in asked.items():
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if name not in known or not is_number or value < 0 or (name.endswith("_rate") and value > 1):
                raise NotAFault(f"{name}={value!r} is no fault; there are {', '.join(sorted(known))}.")
        return replace(self, **asked)

    def refuses(self, end_to_end_id: str) -> str:
        """The reason to refuse a payment, or "" to pay it."""
        return "the payee's account is closed" if self._drawn(end_to_end_id) < self.refuse_rate else ""

    def returns(self, payee_account: str) -> str:
        """The reason for which the payee's bank sends money back, or "" to keep it."""
        return "name and account do not match" if self._drawn(payee_account) < self.return_rate else ""

    def _drawn(self, of: str) -> float:
        return int.from_bytes(hashlib.sha256(f"{self.seed}:{of}".encode()).digest()[:4]) / 2**32


@dataclass(slots=True)
class RandomSource:
    """Repeatable random numbers: the same seed gives the same numbers in the same order."""

    seed: int
    _lock: Lock = field(default_factory=Lock)
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - faults, not secrets

    def hit(self, rate: float) -> bool:
        """Whether something that happens at this rate happens now."""
        with self._lock:
            return rate > 0 and self._random.random() < rate
