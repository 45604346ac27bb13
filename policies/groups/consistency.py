"""Checks whether the policies of a stacking group agree with its terms and with the other groups."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.utils.translation import gettext as _

from policies.models import (
    Holder,
    Policy,
    PolicyVersion,
    StackingGroup,
    StackingRule,
    StackingSeat,
    VersionStatus,
)
from policies.subjects import known_subjects

FEWEST_POLICIES = 2
# A version in one of these statuses has never been in force, so it has promised nobody anything.
UNBINDING = (VersionStatus.DRAFT, VersionStatus.SUBMITTED)


def is_bound(*, group: StackingGroup, policies: Sequence[Policy] = ()) -> bool:
    """Whether a policy in the group, or one of `policies`, ever had a version that was published or scheduled."""
    theirs = Q(policy__in=policies) | Q(policy__stacking__group=group.pk or 0)
    return PolicyVersion.objects.filter(theirs).exclude(status__in=UNBINDING).exists()


def contradictions(*, group: StackingGroup, policies: Sequence[Policy]) -> list[str]:
    """The contradictions of a group with these policies, a sentence each; the group need not be saved."""
    found = []
    if len(policies) < FEWEST_POLICIES:
        found.append(_("A group needs at least two policies; add another one."))
    return [*found, *member_contradictions(group=group, policies=policies), *_check_removed_policies(group, policies)]


def member_contradictions(*, group: StackingGroup, policies: Sequence[Policy]) -> list[str]:
    """
    The contradictions between these policies in the group, a sentence each; fewer than two policies are no
    contradiction here.
    """
    return [*_check_holders(group, policies), *_check_other_groups(group, policies)]


def _check_holders(group: StackingGroup, policies: Sequence[Policy]) -> list[str]:
    """A person can hold only policies that pay persons; a subject can hold only policies that pay its kind."""
    subjects, known = {policy: _newest_subject(policy) for policy in policies}, known_subjects()
    if group.holder == Holder.PERSON:
        return [
            _("%(policy)s is not paid for persons, so no person can hold it; choose “one company”, or take it out.")
            % {"policy": policy}
            for policy, subject in subjects.items()
            if subject and subject in known and not known[subject].is_person
        ]
    kinds = {subject for subject in subjects.values() if subject is not None}
    if group.holder == Holder.SUBJECT and len(kinds) > 1:
        return [_("The policies are paid for different kinds of subjects; choose “one company” or “one person”.")]
    return []


def _newest_subject(policy: Policy) -> str | None:
    """The subject of the policy's newest version."""
    newest: PolicyVersion | None = policy.versions.order_by("-number").first()
    return newest.subject if newest else None


def _check_other_groups(group: StackingGroup, policies: Sequence[Policy]) -> list[str]:
    """Two policies cannot exclude each other in one group and be free in another."""
    is_free = group.rule == StackingRule.MAY_COEXIST
    others = StackingGroup.objects.exclude(pk=group.pk).filter(members__policy__in=policies).distinct()
    opposed = others.exclude(rule=StackingRule.MAY_COEXIST) if is_free else others.filter(rule=StackingRule.MAY_COEXIST)
    found = []
    for other in opposed.order_by("code"):
        shared = [policy for policy in policies if other.members.filter(policy=policy).exists()]
        if len(shared) >= FEWEST_POLICIES:
            named = {"policies": ", ".join(policy.code for policy in shared), "group": other}
            found.append(
                _("%(group)s says otherwise about %(policies)s: a pair cannot exclude each other and be free too.")
                % named
            )
    return found


def _check_removed_policies(group: StackingGroup, policies: Sequence[Policy]) -> list[str]:
    """A policy under which somebody in the group holds a payout stays in its group."""
    if group.pk is None:
        return []
    leaving = Policy.objects.filter(stacking__group=group).exclude(pk__in=[policy.pk for policy in policies])
    return [
        _("%(policy)s was claimed under this group already, so it stays in it.") % {"policy": policy}
        for policy in leaving
        if StackingSeat.objects.filter(group=group, policies__contains=[policy.pk]).exists()
    ]
