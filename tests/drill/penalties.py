"""Attacks on firms: one clerk finds fraud, fines and bans, or nobody hears the firm."""

from __future__ import annotations

from functools import cache

from tests.drill.stage import Stage

_ASKED = {"because": "a drill", "document_number": "drill-1"}
_THREE_YEARS = {"begins_on": "2026-01-01", "ends_on": "2028-12-31"}


def firm_is_fined_without_fraud(stage: Stage) -> bool:
    """A clerk fines a firm by half of a demand of which nobody found that it is for fraud."""
    stage.person("clerk").post(f"{demand_back(stage)}fine/", percentage="50", **_ASKED)
    return "Nothing was proposed." in _show_demand(stage)


def firm_is_banned_without_fraud(stage: Stage) -> bool:
    """A clerk bans a firm for three years although nobody found fraud."""
    stage.person("clerk").post(f"{demand_back(stage)}ban/", **_THREE_YEARS, **_ASKED)
    return "Nothing was proposed." in _show_demand(stage)


def fraud_is_found_alone(stage: Stage) -> bool:
    """The clerk who alleges fraud confirms it."""
    proposal = allege_fraud(stage)
    stage.confirm("clerk", proposal)
    return stage.is_open(proposal)


def firm_is_judged_unheard(stage: Stage) -> bool:
    """An officer confirms fraud before the firm could answer."""
    proposal = allege_fraud(stage)
    answer = stage.confirm("officer", proposal)
    return stage.is_open(proposal) and "may still answer the notice" in answer.words


ATTACKS = (firm_is_fined_without_fraud, firm_is_banned_without_fraud, fraud_is_found_alone, firm_is_judged_unheard)


@cache
def demand_back(stage: Stage) -> str:
    """The pages of a demand: one officer has a payout checked, another finds a breach, finance demands it back."""
    payouts, checks, recoveries = (f"/admin/payouts/{name}/" for name in ("payout", "postcheck", "recovery"))
    paid = stage.person("officer").open(f"{payouts}?status__exact=paid").find(rf"{payouts}(\d+)/change/")
    stage.person("officer").submit(f"{payouts}{paid}/look-again/", because="a drill")
    check = stage.person("officer2").open(checks).find(rf"({checks}\d+/)change/")
    stage.person("officer2").submit(f"{check}breach/", because="a drill")
    stage.person("clerk").submit(f"{check}demand/", amount_cny="1.00", because="a drill")
    return stage.person("clerk").open(recoveries).find(rf"({recoveries}\d+/)change/")


@cache
def allege_fraud(stage: Stage) -> str:
    """A clerk's proposal to find fraud."""
    return stage.propose("clerk", f"{demand_back(stage)}fraud/", **_ASKED)


def _show_demand(stage: Stage) -> str:
    return stage.person("auditor").open(f"{demand_back(stage)}change/").words
