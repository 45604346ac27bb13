"""The roles and the scope of an official: one security administrator proposes others, another confirms them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from companies.classifications.roles import find_exclusion, role_name
from companies.models import User
from companies.people.scope import within_scope
from companies.staff.scope import refuse_wider_scope
from qinqing.kernel.refusals import NotFound, Refusal
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import propose

KIND = "staff_roles"


class RolesExclude(Refusal):
    """Two of the roles exclude each other."""


class NotAnOfficial(NotFound):
    """The account is not an official's."""


class NothingChanges(Refusal):
    """The proposal would change nothing."""


@within_scope(person=User)
def propose_roles(
    *,
    person: User,
    roles: Sequence[str],
    district: str,
    department: str,
    because: str,
    document_number: str = "",
    actor: User,
    now: datetime,
) -> Proposal:
    """
    Propose the roles that an official holds from now on, and no others, with the official's scope.

    Raises:
        NotAnOfficial: the account belongs to somebody else.
        RolesExclude: two of the roles exclude each other.
        NothingChanges: the official has all of this already.
        OutOfScope: the official, or the proposed scope, is beyond the actor's own.
        NoReason, AlreadyProposed, Concerned: as `propose` says.
    """
    if not person.is_staff:
        raise NotAnOfficial(_("This account is not an official’s; propose a new account for the official."))
    refuse_exclusion(roles)
    refuse_wider_scope(district=district, department=department, actor=actor)
    after = {"roles": sorted(roles), "district": district, "department": department}
    held = sorted(person.groups.values_list("name", flat=True))
    if after == {"roles": held, "district": person.district, "department": person.department}:
        raise NothingChanges(_("The official has these roles already; nothing would change."))
    return propose(
        kind=KIND,
        subject_id=person.pk,
        subject_name=str(person),
        after=after,
        because=because,
        document_number=document_number,
        actor=actor,
        now=now,
    )


def refuse_exclusion(roles: Sequence[str]) -> None:
    """
    Refuse roles of which two exclude each other.

    Raises:
        RolesExclude: with their names.
    """
    if pair := find_exclusion(roles):
        one, other = map(role_name, pair)
        raise RolesExclude(
            _("“%(one)s” and “%(other)s” exclude each other; one person holds only one of the two.")
            % {"one": one, "other": other}
        )
