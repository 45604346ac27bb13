"""The accounts of people: two security administrators make one for an official, close it, and say whose it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from companies.models import User
from companies.people.scope import within_scope
from companies.staff.roles import NothingChanges, refuse_exclusion
from companies.staff.scope import refuse_wider_scope
from qinqing.kernel.refusals import Refusal
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import propose

KIND = "staff_account"
# The number of an account that is still to be made.
NEW = 0


class NameTaken(Refusal):
    """Another account has the name."""


def propose_new_account(
    *,
    username: str,
    last_name: str,
    first_name: str,
    email: str,
    roles: Sequence[str],
    district: str,
    department: str,
    because: str,
    document_number: str = "",
    actor: User,
    now: datetime,
) -> Proposal:
    """
    Propose the account of a new official, whose person chooses the password by a link in a mail.

    Raises:
        NameTaken: another account has the name, or is proposed under it.
        RolesExclude: two of the roles exclude each other.
        OutOfScope: the scope is beyond the actor's own.
        NoReason, AlreadyProposed: as `propose` says.
    """
    refuse_exclusion(roles)
    refuse_wider_scope(district=district, department=department, actor=actor)
    waiting = Proposal.objects.filter(kind=KIND, subject_id=NEW, decision="", after__username=username)
    if waiting.exists() or User.objects.filter(username=username).exists():
        raise name_taken()
    after = {
        "username": username,
        "last_name": last_name,
        "first_name": first_name,
        # Links for passwords are asked for by an address in small letters.
        "email": email.lower(),
        "is_active": True,
        "roles": sorted(roles),
        "district": district,
        "department": department,
    }
    return _propose(NEW, f"{last_name}{first_name} ({username})", after, because, document_number, actor, now)


@within_scope(person=User)
def propose_person(
    *,
    person: User,
    last_name: str,
    first_name: str,
    email: str,
    because: str,
    document_number: str = "",
    actor: User,
    now: datetime,
) -> Proposal:
    """
    Propose another name or another address of mail for an account.

    Raises:
        NothingChanges: they are the account's already.
        OutOfScope: the account is beyond the actor's scope.
        NoReason, AlreadyProposed, Concerned: as `propose` says.
    """
    after = {"last_name": last_name, "first_name": first_name, "email": email.lower()}
    if all(getattr(person, name) == value for name, value in after.items()):
        raise NothingChanges(_("The account has this name and this address already; nothing would change."))
    return _propose(person.pk, str(person), after, because, document_number, actor, now)


@within_scope(person=User)
def propose_standing(
    *, person: User, is_active: bool, because: str, document_number: str = "", actor: User, now: datetime
) -> Proposal:
    """
    Propose to close an account, or to open a closed one again.

    Raises:
        NothingChanges: it is closed, or open, already.
        OutOfScope: the account is beyond the actor's scope.
        NoReason, AlreadyProposed, Concerned: as `propose` says.
    """
    if person.is_active == is_active:
        raise NothingChanges(_("The account is open already.") if is_active else _("The account is closed already."))
    return _propose(person.pk, str(person), {"is_active": is_active}, because, document_number, actor, now)


def name_taken() -> NameTaken:
    """The refusal of a name that another account has."""
    return NameTaken(_("Another account has this name, or is proposed under it; choose another."))


def _propose(
    number: int, name: str, after: dict[str, Any], because: str, document_number: str, actor: User, now: datetime
) -> Proposal:
    return propose(
        kind=KIND,
        subject_id=number,
        subject_name=name,
        after=after,
        because=because,
        document_number=document_number,
        actor=actor,
        now=now,
    )
