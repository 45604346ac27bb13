"""The models of payouts: claims, ledger, batches, instructions and replies of banks, checks and recoveries."""

from payouts.models.audit.oversight import PostCheck, SamplingPlan
from payouts.models.audit.recovery import Appeal, Blacklisting, Recovery, Repayment
from payouts.models.banks.bank import Bank
from payouts.models.banks.clarification import Clarification
from payouts.models.banks.finding import Finding
from payouts.models.banks.instruction import Instruction, Outcome, Reply
from payouts.models.banks.reply_file import ReplyFile, ReplyFileStatus, ReplyLine, Verdict
from payouts.models.banks.returns import ReturnsRead
from payouts.models.banks.template import BankTemplate, ReplyTemplate, TemplateColumn
from payouts.models.banks.voided import VoidedAttempt
from payouts.models.batches.batch import Batch, BatchFile, Download, FileOrder
from payouts.models.batches.hand_over import HandOverStep
from payouts.models.batches.stored import StoredFile, StoredPiece
from payouts.models.claims.lease import LeaseRelease
from payouts.models.claims.message import Message
from payouts.models.claims.payout import Claim, Payout
from payouts.models.claims.prepared import PreparedClaim
from payouts.models.claims.publicity import Objection, Publication
from payouts.models.claims.seating import Seating
from payouts.models.claims.transition import Transition
from payouts.models.ledger.fund import Fund, FundAlarm, Posting
from payouts.models.ledger.grant import Grant
from payouts.models.ledger.share import Settlement, Share, ShareBalance, SharePosting

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
    "HandOverStep",
    "Instruction",
    "LeaseRelease",
    "Message",
    "Objection",
    "Outcome",
    "Payout",
    "PostCheck",
    "Posting",
    "PreparedClaim",
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
    "VoidedAttempt",
]
