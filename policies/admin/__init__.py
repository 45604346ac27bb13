"""The officers' desk: policies, their wordings, and what follows from them."""

from policies.admin.breakers import BreakerAdmin
from policies.admin.entitlements import EntitlementAdmin
from policies.admin.library import NamedClauseAdmin
from policies.admin.list_rows import WhiteListEntryAdmin
from policies.admin.match_runs import MatchRunAdmin
from policies.admin.policies import PolicyAdmin
from policies.admin.proposals import GroupProposalAdmin
from policies.admin.reminders import ReminderAdmin, ReminderRoundAdmin
from policies.admin.stacking import StackingGroupAdmin
from policies.admin.suspensions import SuspensionAdmin
from policies.admin.versions import PolicyVersionAdmin
from policies.admin.white_lists import WhiteListAdmin

__all__ = [
    "BreakerAdmin",
    "EntitlementAdmin",
    "GroupProposalAdmin",
    "MatchRunAdmin",
    "NamedClauseAdmin",
    "PolicyAdmin",
    "PolicyVersionAdmin",
    "ReminderAdmin",
    "ReminderRoundAdmin",
    "StackingGroupAdmin",
    "SuspensionAdmin",
    "WhiteListAdmin",
    "WhiteListEntryAdmin",
]
