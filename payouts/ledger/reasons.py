"""The refusal of a step without a reason."""

from __future__ import annotations

from qinqing.kernel.refusals import Refusal


class NoReason(Refusal):
    """The person gave no reason for the step."""
