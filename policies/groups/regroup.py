"""
Changes a stacking group of which a policy was ever in force: one officer proposes, another confirms or turns down.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from companies.models import User
from companies.people.scope import within_scope
from policies.groups.consistency import contradictions
from policies.matching.give_back import decide_anew
from policies.models import Policy, StackingGroup, StackingSeat
from qinqing.kernel.refusals import Refusal
from qinqing.proposals.decide import OutOfDate
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import propose

KIND = "stacking_group"
_TERMS = ("rule", "holder", "span", "pays_difference")


def group_terms(*, group: StackingGroup, policies: Collection[Policy]) -> dict[str, Any]:
    """The terms of a group with these policies, in the form in which proposals store them."""
    meant = {name: getattr(group, name) for name in _TERMS}
    cap = None if group.cap_cny is None else f"{group.cap_cny:.2f}"
    return {**meant, "cap_cny": cap, "policies": sorted(policy.pk for policy in policies)}


@within_scope(group=StackingGroup)
@transaction.atomic
def propose_group(
    *, group: StackingGroup, after: dict[str, Any] | None, because: str, actor: User, now: dt.datetime
) -> Proposal:
    """
    Propose what a group becomes, as `group_terms` says it; None takes it away. Nothing changes
    until another officer confirms it.

    Raises:
        NoReason: `because` is blank.
        AlreadyProposed: another change of the group waits.
        OutOfDate: it was claimed under, so it stays.
    """
    if after is None and _is_claimed_under(group.pk):
        raise _group_claimed_under()
    return propose(
        kind=KIND,
        subject_id=group.pk,
        subject_name=str(group),
        after=after,
        because=because,
        actor=actor,
        now=now,
    )


def check_still_possible(proposal: Proposal) -> None:
    """
    Refuse a proposal that is not possible any more: since then somebody may have claimed, or another group may have
    changed.

    Raises:
        OutOfDate: the group is gone, or its policies cannot stand beside each other so any more.
    """
    group = StackingGroup.objects.select_for_update(no_key=True).filter(pk=proposal.subject_id).first()
    if group is None:
        raise OutOfDate(_("There is no such group any more; nothing was changed."))
    if proposal.after is None:
        if _is_claimed_under(group.pk):
            raise _group_claimed_under()
        return
    for name in (*_TERMS, "cap_cny"):
        setattr(group, name, proposal.after[name])
    policies = list(Policy.objects.filter(pk__in=proposal.after["policies"]).order_by("code"))
    if found := contradictions(group=group, policies=policies):
        raise OutOfDate(" ".join(found))


def decide_policies_anew(proposal: Proposal, now: dt.datetime) -> None:
    """Have the policies decided anew that were or are in the group, if somebody claimed under it."""
    if _is_claimed_under(proposal.subject_id):
        was_or_is = {*proposal.before["policies"], *(proposal.after or {"policies": []})["policies"]}
        decide_anew(policy_ids=was_or_is, now=now)


def list_refusals() -> dict[str, Refusal]:
    """The sentences of the constraints that the change of a group may violate."""
    return {
        "stacking_group_claimed_under_stays": _group_claimed_under(),
        "stacking_group_is_held": _group_claimed_under(),
    }


def _is_claimed_under(group_id: int) -> bool:
    return StackingSeat.objects.filter(group=group_id).exists()


def _group_claimed_under() -> OutOfDate:
    return OutOfDate(_("Something was claimed under this group, so this stays; make a new group instead."))
