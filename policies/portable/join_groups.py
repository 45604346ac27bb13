"""The stacking groups of a file: a new policy joins them; for a policy that exists only the differences are told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

from django.utils.translation import gettext as _

from policies.groups.consistency import is_bound, member_contradictions
from policies.models import Policy, StackingGroup, StackingMember
from policies.portable.check_parts import clean_row
from policies.portable.text import GroupText
from qinqing.kernel.refusals import Refusal

# The terms of a group, without its names.
_MEANING = ("rule", "holder", "span", "pays_difference", "cap_cny")
# The texts by which a file may say no: ours, and those of XML.
_NO = ("", "false", "0")


class OtherLibrary(Refusal):
    """A clause or a group of the same name exists here, with another meaning."""


@dataclass(frozen=True, slots=True)
class Joined:
    """
    The codes of the groups that a policy has joined and of those that are new, and the differences that were left
    alone.
    """

    groups: tuple[str, ...] = ()
    new_groups: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()


def compare_groups(groups: Sequence[GroupText], policy: Policy) -> Joined:
    """
    Tell in which points a file differs from the groups of a policy that exists; the groups stay, because the version in
    force is paid by them.

    Raises:
        UnreadablePolicy: a group of the file cannot be one.
    """
    return Joined(differences=tuple(_say_differences(groups, policy)))


def _say_differences(groups: Sequence[GroupText], policy: Policy) -> Iterator[str]:
    here = {group.code: group for group in StackingGroup.objects.filter(members__policy=policy)}
    for text in groups:
        there = here.pop(text.code, None)
        if there is None:
            yield _("The file puts it in %(code)s; here it is not.") % {"code": text.code}
        elif _meaning(there) != _meaning(_group(text, is_new=False)):
            yield _("The file gives %(code)s another rule than it has here.") % {"code": text.code}
    for code in sorted(here):
        yield _("Here it is in %(code)s; in the file it is not.") % {"code": code}


def join_groups(groups: Sequence[GroupText], policy: Policy) -> Joined:
    """
    Make a new policy a member of its stacking groups; it has to have a version already.

    A group of which a policy was ever in force is left as it is, because only two officers change it; it is told
    among the differences.

    Raises:
        UnreadablePolicy: a group of the file cannot be one.
        OtherLibrary: a group has another rule here, or its policies cannot stand beside each other.
    """
    new: list[str] = []
    to_propose: list[str] = []
    for text in groups:
        group = StackingGroup.objects.select_for_update().filter(code=text.code).first()
        given = _group(text, is_new=group is None)
        if group is None:
            given.save(force_insert=True)
            group = given
            new.append(group.code)
        elif _meaning(group) != _meaning(given):
            raise OtherLibrary(
                _("The stacking group %(code)s has another rule here than in the file; rename one of them.")
                % {"code": group.code}
            )
        _check(group, policy)
        if is_bound(group=group):
            to_propose.append(group.code)
        else:
            StackingMember.objects.get_or_create(group=group, policy=policy)
    joined = tuple(text.code for text in groups if text.code not in to_propose)
    return Joined(joined, tuple(new), tuple(_to_be_proposed(code) for code in to_propose))


def _to_be_proposed(code: str) -> str:
    sentence = _(
        "The group %(code)s has policies that were in force: propose on its page that this policy joins,"
        " before it is published."
    )
    return sentence % {"code": code}


def _check(group: StackingGroup, policy: Policy) -> None:
    members = [*Policy.objects.filter(stacking__group=group).exclude(pk=policy.pk).order_by("code"), policy]
    if found := member_contradictions(group=group, policies=members):
        raise OtherLibrary(
            _("The stacking group %(code)s: %(reason)s") % {"code": group.code, "reason": " ".join(found)}
        )


def _meaning(group: StackingGroup) -> tuple[object, ...]:
    return tuple(getattr(group, name) for name in _MEANING)


def _group(text: GroupText, *, is_new: bool) -> StackingGroup:
    given: dict[str, Any] = {field.name: getattr(text, field.name) for field in fields(GroupText)}
    pays_difference = text.pays_difference not in _NO
    group = StackingGroup(**given | {"pays_difference": pays_difference, "cap_cny": text.cap_cny or None})
    said = _("The stacking group “%(code)s”") % {"code": text.code[:60]}
    clean_row(group, said=said, exclude=() if is_new else ("code",))
    return group
