"""Everything that changes payouts and their money."""

from payouts.operations.alarming import raise_alarms
from payouts.operations.checking import (
    NotASample,
    NotPaid,
    ask_for_check,
    draw_samples,
    finish_check,
    plan_sampling,
    raise_risks,
    raise_withdrawn,
)
from payouts.operations.claiming import Claimed, claim, claim_automatic
from payouts.operations.clarifying import (
    NotAContradiction,
    NotCovered,
    clarify,
    confirm_finding,
    enter_finding,
    turn_down_finding,
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
from payouts.operations.deciding import AlreadyDecided, SamePerson
from payouts.operations.dividing import NotDivisible, divide, divide_due, why_undivided
from payouts.operations.funding import open_funds, serve_waitlist
from payouts.operations.gathering import Click, claim_with_others
from payouts.operations.granting import NotAGrant, approve_grant, enter_grant, turn_down_grant
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
from payouts.operations.leasing import NotHeld, release_leases
from payouts.operations.mending import cancel, retry
from payouts.operations.moving import IllegalMove, MovedMeanwhile, move
from payouts.operations.ordering import order_files, write_ordered_files
from payouts.operations.publicising import (
    NotPublicised,
    ObjectionRefused,
    TooManyObjections,
    decide_objection,
    end_publicity,
    object_to,
)
from payouts.operations.reasons import NoReason
from payouts.operations.recovering import (
    NotABreach,
    NotAppealable,
    NotARepayment,
    NotEnded,
    RecoveryRefused,
    appeal_against,
    decide_appeal,
    demand,
    end_recovery,
    lift_blacklisting,
    record_repayment,
)
from payouts.operations.refusals import (
    AlreadyClaimed,
    AmountChanged,
    Blacklisted,
    ClaimRefused,
    CommitmentChanged,
    Excluded,
    NotCommitted,
    NotEntitled,
    NotOpen,
)
from payouts.operations.releasing import approve_batch, close_batch, reconcile_batches, reject_batch, release_batch
from payouts.operations.replying import apply_replies
from payouts.operations.resuming import resume_mended
from payouts.operations.returning import hear_returns
from payouts.operations.sealing import seal_sent
from payouts.operations.sending import InsideTransaction, Lane, Sent, ask_in_doubt, send_due
from payouts.operations.sharing import (
    NotOwed,
    ShareRefused,
    confirm_settlement,
    set_shares,
    settle,
    turn_down_settlement,
)
from payouts.operations.stepping import BatchRefused, NotAnother
from payouts.operations.taking import Taken, WeakPassword, take_files
from payouts.operations.watching import watch
from payouts.operations.writing import BatchBroken, write_files

__all__ = [
    "AlreadyClaimed",
    "AlreadyDecided",
    "AmountChanged",
    "BatchBroken",
    "BatchRefused",
    "Blacklisted",
    "ClaimRefused",
    "Claimed",
    "Click",
    "CommitmentChanged",
    "Excluded",
    "IllegalMove",
    "InsideTransaction",
    "Lane",
    "MovedMeanwhile",
    "NoReason",
    "NotABreach",
    "NotAContradiction",
    "NotAGrant",
    "NotARepayment",
    "NotASample",
    "NotAnother",
    "NotAppealable",
    "NotAsDeclared",
    "NotCommitted",
    "NotCovered",
    "NotDivisible",
    "NotEnded",
    "NotEntitled",
    "NotHeld",
    "NotOpen",
    "NotOwed",
    "NotPaid",
    "NotPublicised",
    "NothingToCollect",
    "ObjectionRefused",
    "RecoveryRefused",
    "ReplyRefused",
    "SamePerson",
    "Sent",
    "ShareRefused",
    "StillOnItsWay",
    "Taken",
    "TooManyObjections",
    "WeakPassword",
    "appeal_against",
    "apply_replies",
    "apply_reply_file",
    "approve_batch",
    "approve_grant",
    "ask_for_check",
    "ask_in_doubt",
    "cancel",
    "choose_bank",
    "claim",
    "claim_automatic",
    "claim_with_others",
    "clarify",
    "close_batch",
    "collect_again",
    "confirm_finding",
    "confirm_settlement",
    "decide_appeal",
    "decide_objection",
    "demand",
    "discard_batch",
    "divide",
    "divide_due",
    "draw_samples",
    "end_publicity",
    "end_recovery",
    "enter_finding",
    "enter_grant",
    "finish_check",
    "hear_returns",
    "lift_blacklisting",
    "match_line",
    "move",
    "object_to",
    "open_batch",
    "open_funds",
    "order_files",
    "plan_sampling",
    "raise_alarms",
    "raise_risks",
    "raise_withdrawn",
    "read_reply",
    "read_reply_files",
    "reconcile_batches",
    "record_repayment",
    "reject_batch",
    "release_batch",
    "release_leases",
    "resume_mended",
    "retry",
    "save_bank",
    "seal_batch",
    "seal_sent",
    "send_due",
    "serve_waitlist",
    "set_line_aside",
    "set_shares",
    "settle",
    "take_files",
    "turn_down_finding",
    "turn_down_grant",
    "turn_down_settlement",
    "upload_reply",
    "watch",
    "why_undivided",
    "withdraw_reply_file",
    "write_files",
    "write_ordered_files",
]
