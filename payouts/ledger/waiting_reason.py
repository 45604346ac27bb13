"""Why a fund's payouts wait."""

from __future__ import annotations

from payouts.models import Fund
from policies.authoring.suspensions import pauses


def why_stopped(*, fund: Fund) -> str:
    """The sentence that says why nothing of a fund goes to the bank; empty when nothing stops it."""
    return " ".join(pause.sentence for pause in pauses(version_ids=[fund.version_id]))
