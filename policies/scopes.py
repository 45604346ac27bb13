"""Whose the rows of policies are."""

from __future__ import annotations

from django.db.models import Model

from companies.people.scope import OF_THE_CITY, Belongs, column, firm, of_policy
from policies.models import (
    Breaker,
    Entitlement,
    MatchRun,
    NamedClause,
    Policy,
    PolicyVersion,
    Reminder,
    ReminderRound,
    StackingGroup,
    Suspension,
    WhiteList,
    WhiteListEntry,
)


def scopes() -> dict[type[Model], Belongs]:
    """Every model of the app that officials reach."""
    return {
        Policy: of_policy(""),
        PolicyVersion: of_policy("policy"),
        # The breaker without a policy watches every policy, and is the city's.
        Breaker: of_policy("policy"),
        Suspension: of_policy("version__policy"),
        MatchRun: of_policy("version__policy"),
        ReminderRound: of_policy("version__policy"),
        Reminder: Belongs(firm("company"), column("version__policy__department")),
        Entitlement: Belongs(firm("company"), column("policy__department")),
        # A list is the department's that brings it, whichever department is in charge of the policy.
        WhiteList: Belongs(column("version__policy__district"), column("department")),
        WhiteListEntry: Belongs(column("version__policy__district"), column("white_list__department")),
        # What several policies share is the city's.
        NamedClause: OF_THE_CITY,
        StackingGroup: OF_THE_CITY,
    }
