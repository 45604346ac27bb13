"""The reason for which a fund's payouts wait."""

from __future__ import annotations

from payouts.models import Fund
from policies.authoring.suspensions import pauses


def why_stopped(*, fund: Fund) -> str:
    """The sentence that says why no payout of a fund goes to the bank; empty if its version is not suspended."""
    return " ".join(pause.sentence for pause in pauses(version_ids=[fund.version_id]))
