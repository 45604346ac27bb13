"""The clerks' and auditors' desk: funds, payouts, batches, and what the bank said."""

from payouts.admin.answers import InstructionAdmin, ReplyAdmin
from payouts.admin.batches import BatchAdmin
from payouts.admin.funds import FundAdmin, PostingAdmin
from payouts.admin.payouts import ClaimAdmin, PayoutAdmin
from payouts.admin.publicity import ObjectionAdmin, PublicationAdmin

__all__ = [
    "BatchAdmin",
    "ClaimAdmin",
    "FundAdmin",
    "InstructionAdmin",
    "ObjectionAdmin",
    "PayoutAdmin",
    "PostingAdmin",
    "PublicationAdmin",
    "ReplyAdmin",
]
