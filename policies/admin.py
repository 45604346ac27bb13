"""The officers' desk: policies, their wordings, and what follows from them."""

from policies.authoring.admin.breakers import BreakerAdmin
from policies.authoring.admin.library import NamedClauseAdmin
from policies.authoring.admin.policies import PolicyAdmin
from policies.authoring.admin.suspensions import SuspensionAdmin
from policies.authoring.admin.versions import PolicyVersionAdmin
from policies.deadlines.admin.reminders import ReminderAdmin, ReminderRoundAdmin
from policies.groups.admin.proposals import GroupProposalAdmin
from policies.groups.admin.stacking import StackingGroupAdmin
from policies.matching.admin.entitlements import EntitlementAdmin
from policies.matching.admin.match_runs import MatchRunAdmin
from policies.white_lists.admin.list_rows import WhiteListEntryAdmin
from policies.white_lists.admin.white_lists import WhiteListAdmin

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
