"""Policies, their dated wordings, and what they entitle whom to."""

from policies.models.entitlement import Entitlement, EntitlementStatus
from policies.models.matching import MatchedDelivery, MatchRun
from policies.models.policy import Clause, Payee, Policy, PolicyVersion, Subject, Track, VersionStatus

__all__ = [
    "Clause",
    "Entitlement",
    "EntitlementStatus",
    "MatchRun",
    "MatchedDelivery",
    "Payee",
    "Policy",
    "PolicyVersion",
    "Subject",
    "Track",
    "VersionStatus",
]
