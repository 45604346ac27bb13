"""The models of policies: dated versions, their parts, entitlements, stacking, lists and matching runs."""

from policies.models.breaker import Breaker
from policies.models.definitions import (
    DecisionTable,
    Example,
    ExpectedVerdict,
    HitPolicy,
    NamedClause,
    Parameter,
    ParameterValue,
)
from policies.models.entitlement import ClaimedPerson, Entitlement, EntitlementStatus
from policies.models.matching import FactChange, MatchedDelivery, MatchRun, MatchShard, ReceivedChange
from policies.models.policy import Policy
from policies.models.preview import PreviewRun
from policies.models.reminder import Reminder, ReminderReason, ReminderRound
from policies.models.stacking import (
    Holder,
    PoolDivision,
    Span,
    StackingGroup,
    StackingMember,
    StackingRule,
    StackingSeat,
)
from policies.models.subject import Subject, subject_choices
from policies.models.suspension import Suspension, SuspensionKind
from policies.models.version import (
    Clause,
    Payee,
    PolicyVersion,
    Pool,
    ReminderMoment,
    Track,
    VersionMove,
)
from policies.models.white_list import WhiteList, WhiteListEntry, WhiteListWithdrawal
from policies.states import EntryStatus, ListStatus, VersionStatus

__all__ = [
    "Breaker",
    "ClaimedPerson",
    "Clause",
    "DecisionTable",
    "Entitlement",
    "EntitlementStatus",
    "EntryStatus",
    "Example",
    "ExpectedVerdict",
    "FactChange",
    "HitPolicy",
    "Holder",
    "ListStatus",
    "MatchRun",
    "MatchShard",
    "MatchedDelivery",
    "NamedClause",
    "Parameter",
    "ParameterValue",
    "Payee",
    "Policy",
    "PolicyVersion",
    "Pool",
    "PoolDivision",
    "PreviewRun",
    "ReceivedChange",
    "Reminder",
    "ReminderMoment",
    "ReminderReason",
    "ReminderRound",
    "Span",
    "StackingGroup",
    "StackingMember",
    "StackingRule",
    "StackingSeat",
    "Subject",
    "Suspension",
    "SuspensionKind",
    "Track",
    "VersionMove",
    "VersionStatus",
    "WhiteList",
    "WhiteListEntry",
    "WhiteListWithdrawal",
    "subject_choices",
]
