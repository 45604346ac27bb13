"""Everything that changes payouts and their money."""

from payouts.operations.claiming import (
    AlreadyClaimed,
    AmountChanged,
    Claimed,
    ClaimRefused,
    Excluded,
    NotCommitted,
    NotEntitled,
    NotOpen,
    claim,
    claim_automatic,
)
from payouts.operations.dividing import NotDivisible, divide, divide_due
from payouts.operations.funding import NotAGrant, grant, open_funds, serve_waitlist
from payouts.operations.mending import NoReason, cancel, retry
from payouts.operations.moving import IllegalMove, MovedMeanwhile, move
from payouts.operations.publicising import (
    AlreadyDecided,
    NotPublicised,
    ObjectionRefused,
    SamePerson,
    TooManyObjections,
    decide_objection,
    end_publicity,
    object_to,
)
from payouts.operations.replying import apply_replies
from payouts.operations.resuming import resume_mended
from payouts.operations.sealing import BatchBroken, open_file, seal_batches, write_file
from payouts.operations.sending import InsideTransaction, Sent, ask_in_doubt, send_due

__all__ = [
    "AlreadyClaimed",
    "AlreadyDecided",
    "AmountChanged",
    "BatchBroken",
    "ClaimRefused",
    "Claimed",
    "Excluded",
    "IllegalMove",
    "InsideTransaction",
    "MovedMeanwhile",
    "NoReason",
    "NotAGrant",
    "NotCommitted",
    "NotDivisible",
    "NotEntitled",
    "NotOpen",
    "NotPublicised",
    "ObjectionRefused",
    "SamePerson",
    "Sent",
    "TooManyObjections",
    "apply_replies",
    "ask_in_doubt",
    "cancel",
    "claim",
    "claim_automatic",
    "decide_objection",
    "divide",
    "divide_due",
    "end_publicity",
    "grant",
    "move",
    "object_to",
    "open_file",
    "open_funds",
    "resume_mended",
    "retry",
    "seal_batches",
    "send_due",
    "serve_waitlist",
    "write_file",
]
