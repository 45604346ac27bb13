"""The officers' desk: policies, their wordings, and what follows from them."""

from policies.admin.entitlements import EntitlementAdmin, MatchRunAdmin
from policies.admin.policies import PolicyAdmin
from policies.admin.versions import PolicyVersionAdmin

__all__ = ["EntitlementAdmin", "MatchRunAdmin", "PolicyAdmin", "PolicyVersionAdmin"]
