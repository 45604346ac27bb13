"""The clerks' and auditors' desk: funds, payouts, batches, and what the bank said."""

from payouts.batches.admin.banks import BankAdmin, DownloadAdmin
from payouts.batches.admin.batches import BatchAdmin
from payouts.batches.admin.templates import BankTemplateAdmin, ReplyTemplateAdmin
from payouts.controls.admin import PostCheckAdmin, SamplingPlanAdmin
from payouts.exceptions.admin.payouts import ClaimAdmin, PayoutAdmin
from payouts.exceptions.admin.stuck import LeaseReleaseAdmin
from payouts.exceptions.admin.third_parties import ThirdPartyAdmin
from payouts.ledger.admin.funds import FundAdmin, PostingAdmin
from payouts.ledger.admin.grants import GrantAdmin
from payouts.ledger.admin.shares import SettlementAdmin, ShareAdmin
from payouts.publicity.admin import ObjectionAdmin, PublicationAdmin
from payouts.recovery.admin import AppealAdmin, BlacklistingAdmin, RecoveryAdmin
from payouts.replies.admin.answers import InstructionAdmin, ReplyAdmin
from payouts.replies.admin.findings import FindingAdmin
from payouts.replies.admin.reply_files import ReplyFileAdmin, ReplyLineAdmin

__all__ = [
    "AppealAdmin",
    "BankAdmin",
    "BankTemplateAdmin",
    "BatchAdmin",
    "BlacklistingAdmin",
    "ClaimAdmin",
    "DownloadAdmin",
    "FindingAdmin",
    "FundAdmin",
    "GrantAdmin",
    "InstructionAdmin",
    "LeaseReleaseAdmin",
    "ObjectionAdmin",
    "PayoutAdmin",
    "PostCheckAdmin",
    "PostingAdmin",
    "PublicationAdmin",
    "RecoveryAdmin",
    "ReplyAdmin",
    "ReplyFileAdmin",
    "ReplyLineAdmin",
    "ReplyTemplateAdmin",
    "SamplingPlanAdmin",
    "SettlementAdmin",
    "ShareAdmin",
    "ThirdPartyAdmin",
]
