"""A person who stops or repeats a payment says why."""

from __future__ import annotations

from qinqing.kernel.refusals import Refusal


class NoReason(Refusal):
    """A person who stops or repeats a payment says why."""
