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
from payouts.operations.collecting import (
    NotAsDeclared,
    NothingToCollect,
    StillOnItsWay,
    choose_bank,
    collect_again,
    discard_batch,
    open_batch,
    save_bank,
    seal_batch,
)
from payouts.operations.dividing import NotDivisible, divide, divide_due
from payouts.operations.funding import NotAGrant, grant, open_funds, serve_waitlist
from payouts.operations.importing import (
    ReplyRefused,
    apply_reply_file,
    match_line,
    read_reply,
    read_reply_files,
    set_line_aside,
    upload_reply,
    withdraw_reply_file,
)
from payouts.operations.mending import NoReason, cancel, retry
from payouts.operations.moving import IllegalMove, MovedMeanwhile, move
from payouts.operations.ordering import order_files, write_ordered_files
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
from payouts.operations.releasing import approve_batch, close_batch, reconcile_batches, reject_batch, release_batch
from payouts.operations.replying import apply_replies
from payouts.operations.resuming import resume_mended
from payouts.operations.sealing import seal_batches
from payouts.operations.sending import InsideTransaction, Sent, ask_in_doubt, send_due
from payouts.operations.stepping import BatchRefused, NotAnother
from payouts.operations.taking import Taken, WeakPassword, take_files
from payouts.operations.writing import BatchBroken, write_files

__all__ = [
    "AlreadyClaimed",
    "AlreadyDecided",
    "AmountChanged",
    "BatchBroken",
    "BatchRefused",
    "ClaimRefused",
    "Claimed",
    "Excluded",
    "IllegalMove",
    "InsideTransaction",
    "MovedMeanwhile",
    "NoReason",
    "NotAGrant",
    "NotAnother",
    "NotAsDeclared",
    "NotCommitted",
    "NotDivisible",
    "NotEntitled",
    "NotOpen",
    "NotPublicised",
    "NothingToCollect",
    "ObjectionRefused",
    "ReplyRefused",
    "SamePerson",
    "Sent",
    "StillOnItsWay",
    "Taken",
    "TooManyObjections",
    "WeakPassword",
    "apply_replies",
    "apply_reply_file",
    "approve_batch",
    "ask_in_doubt",
    "cancel",
    "choose_bank",
    "claim",
    "claim_automatic",
    "close_batch",
    "collect_again",
    "decide_objection",
    "discard_batch",
    "divide",
    "divide_due",
    "end_publicity",
    "grant",
    "match_line",
    "move",
    "object_to",
    "open_batch",
    "open_funds",
    "order_files",
    "read_reply",
    "read_reply_files",
    "reconcile_batches",
    "reject_batch",
    "release_batch",
    "resume_mended",
    "retry",
    "save_bank",
    "seal_batch",
    "seal_batches",
    "send_due",
    "serve_waitlist",
    "set_line_aside",
    "take_files",
    "upload_reply",
    "withdraw_reply_file",
    "write_files",
    "write_ordered_files",
]
