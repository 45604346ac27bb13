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
from policies.authoring.review import NoReason
from policies.groups.consistency import contradictions
from policies.matching.give_back import decide_anew
from policies.models import GroupProposal, Policy, StackingGroup, StackingSeat
from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.refusals import Refusal

D = GroupProposal.Decision
_TERMS = ("rule", "holder", "span", "pays_difference")


class AlreadyProposed(Refusal):
    """Another proposal about the group is open."""


class ProposalDecided(Refusal):
    """Somebody has decided the proposal already."""


class ProposedByYourself(Refusal):
    """The officer who proposed a change does not confirm it."""


class OutOfDate(Refusal):
    """The group has changed since the proposal was made, or the proposed change is not possible any more."""


def group_terms(*, group: StackingGroup, policies: Collection[Policy]) -> dict[str, Any]:
    """The terms of a group with these policies, in the form in which proposals store them."""
    meant = {name: getattr(group, name) for name in _TERMS}
    cap = None if group.cap_cny is None else f"{group.cap_cny:.2f}"
    return {**meant, "cap_cny": cap, "policies": sorted(policy.pk for policy in policies)}


@within_scope(group=StackingGroup)
@transaction.atomic
def propose_group(
    *, group: StackingGroup, after: dict[str, Any] | None, because: str, actor: User, now: dt.datetime
) -> GroupProposal:
    """
    Propose what a group becomes, as `group_terms` says it; None takes it away. Nothing changes
    until another officer confirms it.

    Raises:
        NoReason: `because` is blank.
        AlreadyProposed: another change of the group waits.
        OutOfDate: it was claimed under, so it stays.
    """
    if not because.strip():
        raise NoReason(_("Say why the group changes; a colleague decides by it."))
    if after is None and StackingSeat.objects.filter(group=group).exists():
        raise _group_claimed_under()
    waits = AlreadyProposed(
        _("A change of %(group)s waits for a colleague already; have it decided first.") % {"group": group.code}
    )
    with translate_refusals({"group_proposal_one_waits": waits, "group_proposal_is_entered_open": _group_deleted()}):
        proposal = GroupProposal.objects.create(
            group=group, code=group.code, after=after, because=because.strip()[:300], entered_at=now, entered_by=actor
        )
    # The database has written the terms that it found.
    proposal.refresh_from_db(fields=["before"])
    return proposal


@within_scope(proposal_id=GroupProposal)
@transaction.atomic
def confirm_group(*, proposal_id: int, actor: User, now: dt.datetime) -> GroupProposal:
    """
    Change the group as proposed, and have the policies decided anew that were or are in it.

    Raises:
        ProposedByYourself: the actor proposed it.
        ProposalDecided: somebody decided it meanwhile.
        OutOfDate: the group was changed since, or its policies cannot stand beside each other so any more.
    """
    proposal = _lock_undecided(proposal_id)
    if proposal.entered_by_id == actor.pk:
        raise _own_proposal()
    is_claimed = StackingSeat.objects.filter(group=proposal.group_id).exists()
    _check_still_possible(proposal, is_claimed=is_claimed)
    refusals = {
        "group_proposal_is_confirmed_by_another": _own_proposal(),
        "group_proposal_is_of_today": _group_changed(),
        "stacking_group_claimed_under_stays": _group_claimed_under(),
        "stacking_group_is_held": _group_claimed_under(),
    }
    with translate_refusals(refusals):
        _decide(proposal, D.CONFIRMED, actor, now)
    if is_claimed:
        was_or_is = {*proposal.before["policies"], *(proposal.after or {"policies": []})["policies"]}
        decide_anew(policy_ids=was_or_is, now=now)
    return proposal


@within_scope(proposal_id=GroupProposal)
@transaction.atomic
def turn_down_group(*, proposal_id: int, actor: User, now: dt.datetime) -> GroupProposal:
    """
    Turn a proposal down, or take back one's own; the group stays as it is.

    Raises:
        ProposalDecided: somebody decided it meanwhile.
    """
    proposal = _lock_undecided(proposal_id)
    _decide(proposal, D.TURNED_DOWN, actor, now)
    return proposal


def _lock_undecided(number: int) -> GroupProposal:
    proposal = GroupProposal.objects.select_for_update(no_key=True).get(pk=number)
    if proposal.decision:
        raise ProposalDecided(_("This was decided already; nothing was changed."))
    return proposal


def _decide(proposal: GroupProposal, decision: str, actor: User, now: dt.datetime) -> None:
    proposal.decision, proposal.decided_by, proposal.decided_at = decision, actor, now
    proposal.save(update_fields=["decision", "decided_by", "decided_at"])


def _check_still_possible(proposal: GroupProposal, *, is_claimed: bool) -> None:
    """
    Check that the proposed change is still possible: since then somebody may have claimed, or another group may have
    changed.
    """
    group = StackingGroup.objects.select_for_update(no_key=True).filter(pk=proposal.group_id).first()
    if group is None:
        raise _group_deleted()
    if proposal.after is None:
        if is_claimed:
            raise _group_claimed_under()
        return
    for name in (*_TERMS, "cap_cny"):
        setattr(group, name, proposal.after[name])
    policies = list(Policy.objects.filter(pk__in=proposal.after["policies"]).order_by("code"))
    if found := contradictions(group=group, policies=policies):
        raise OutOfDate(" ".join(found))


def _own_proposal() -> ProposedByYourself:
    return ProposedByYourself(_("You proposed this change; another officer has to confirm it."))


def _group_changed() -> OutOfDate:
    return OutOfDate(_("The group was changed since this was proposed; turn it down and propose it anew."))


def _group_deleted() -> OutOfDate:
    return OutOfDate(_("There is no such group any more; nothing was changed."))


def _group_claimed_under() -> OutOfDate:
    return OutOfDate(_("Something was claimed under this group, so this stays; make a new group instead."))
