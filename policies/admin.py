"""Django looks here for the officers' desk; each slice registers its own pages."""

# ruff: noqa: F401 - a module registers its pages when it is imported.

from policies.authoring.admin import breakers, library, policies, suspensions, versions
from policies.deadlines.admin import reminders
from policies.groups.admin import stacking
from policies.matching.admin import entitlements, match_runs
from policies.white_lists.admin import list_rows, white_lists
