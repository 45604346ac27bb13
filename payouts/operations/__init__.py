"""Everything that changes payouts and their money."""

from payouts.operations.claiming import (
    AlreadyClaimed,
    AmountChanged,
    Claimed,
    ClaimRefused,
    NotCommitted,
    NotEntitled,
    NotOpen,
    claim,
    claim_automatic,
)
from payouts.operations.funding import NotAGrant, grant, open_funds, serve_waitlist
from payouts.operations.moving import IllegalMove, MovedMeanwhile, move

__all__ = [
    "AlreadyClaimed",
    "AmountChanged",
    "ClaimRefused",
    "Claimed",
    "IllegalMove",
    "MovedMeanwhile",
    "NotAGrant",
    "NotCommitted",
    "NotEntitled",
    "NotOpen",
    "claim",
    "claim_automatic",
    "grant",
    "move",
    "open_funds",
    "serve_waitlist",
]
