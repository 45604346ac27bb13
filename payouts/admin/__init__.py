"""The clerks' and auditors' desk: funds, payouts, batches, and what the bank said."""

from payouts.admin.answers import InstructionAdmin, ReplyAdmin
from payouts.admin.banks import BankAdmin, DownloadAdmin
from payouts.admin.batches import BatchAdmin
from payouts.admin.findings import FindingAdmin
from payouts.admin.funds import FundAdmin, PostingAdmin
from payouts.admin.grants import GrantAdmin
from payouts.admin.oversight import PostCheckAdmin, SamplingPlanAdmin
from payouts.admin.payouts import ClaimAdmin, PayoutAdmin
from payouts.admin.publicity import ObjectionAdmin, PublicationAdmin
from payouts.admin.recovery import AppealAdmin, BlacklistingAdmin, RecoveryAdmin
from payouts.admin.reply_files import ReplyFileAdmin, ReplyLineAdmin
from payouts.admin.shares import SettlementAdmin, ShareAdmin
from payouts.admin.stuck import LeaseReleaseAdmin
from payouts.admin.templates import BankTemplateAdmin, ReplyTemplateAdmin
from payouts.admin.third_parties import ThirdPartyAdmin

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
