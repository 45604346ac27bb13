"""Policies, their dated wordings, and what they entitle whom to."""

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
from policies.models.entitlement import Entitlement, EntitlementStatus
from policies.models.matching import MatchedDelivery, MatchRun, ReceivedChange
from policies.models.policy import Clause, Payee, Policy, PolicyVersion, Pool, Subject, Track, VersionMove
from policies.models.preview import PreviewRun
from policies.models.stacking import (
    Holder,
    PoolDivision,
    Span,
    StackingGroup,
    StackingMember,
    StackingRule,
    StackingSeat,
)
from policies.models.suspension import Suspension, SuspensionKind
from policies.states import VersionStatus

__all__ = [
    "Breaker",
    "Clause",
    "DecisionTable",
    "Entitlement",
    "EntitlementStatus",
    "Example",
    "ExpectedVerdict",
    "HitPolicy",
    "Holder",
    "MatchRun",
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
]
