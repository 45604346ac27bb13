"""Claims, payouts and their moves, the money behind them, and what is said to the bank and by it."""

from payouts.models.bank import Bank
from payouts.models.batch import Batch, BatchFile, Download, FileOrder
from payouts.models.clarification import Clarification
from payouts.models.finding import Finding
from payouts.models.fund import Fund, FundAlarm, Posting
from payouts.models.grant import Grant
from payouts.models.instruction import Instruction, Outcome, Reply
from payouts.models.lease import LeaseRelease
from payouts.models.oversight import PostCheck, SamplingPlan
from payouts.models.payout import Claim, Payout
from payouts.models.publicity import Objection, Publication
from payouts.models.recovery import Appeal, Blacklisting, Recovery, Repayment
from payouts.models.reply_file import ReplyFile, ReplyFileStatus, ReplyLine, Verdict
from payouts.models.returns import ReturnsRead
from payouts.models.seating import Seating
from payouts.models.share import Settlement, Share, ShareBalance, SharePosting
from payouts.models.stored import StoredFile, StoredPiece
from payouts.models.template import BankTemplate, ReplyTemplate, TemplateColumn
from payouts.models.transition import Transition

__all__ = [
    "Appeal",
    "Bank",
    "BankTemplate",
    "Batch",
    "BatchFile",
    "Blacklisting",
    "Claim",
    "Clarification",
    "Download",
    "FileOrder",
    "Finding",
    "Fund",
    "FundAlarm",
    "Grant",
    "Instruction",
    "LeaseRelease",
    "Objection",
    "Outcome",
    "Payout",
    "PostCheck",
    "Posting",
    "Publication",
    "Recovery",
    "Repayment",
    "Reply",
    "ReplyFile",
    "ReplyFileStatus",
    "ReplyLine",
    "ReplyTemplate",
    "ReturnsRead",
    "SamplingPlan",
    "Seating",
    "Settlement",
    "Share",
    "ShareBalance",
    "SharePosting",
    "StoredFile",
    "StoredPiece",
    "TemplateColumn",
    "Transition",
    "Verdict",
]
