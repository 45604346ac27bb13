"""The members of a firm: their roles are changed, they are removed, they leave; all of them see each change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from companies.models import Capacity, Company, FirmRole, Membership, MembershipChange, User
from companies.people.mails import tell
from companies.people.permissions import Act, check_may
from qinqing.kernel.refusals import NotFound, Refusal

# The page shows the newest changes; all are kept.
CHANGES_SHOWN = 50


class NoSuchMember(NotFound):
    """The person is no member of the company."""


class MemberIsKept(Refusal):
    """The role cannot be changed, or the member cannot go; the sentence gives the reason."""


@dataclass(frozen=True, slots=True)
class ShownChange:
    """A change as the members read it; `actor` is empty if the person did it alone."""

    changed_at: datetime
    person: str
    kind: str
    role: str
    day_limit_cny: Decimal | None
    actor: str


def list_members(*, company: Company) -> list[Membership]:
    """The members of a company with their users, who signs first."""
    members = company.memberships.select_related("user").order_by("pk")
    ranks = list(FirmRole)
    return sorted(
        members, key=lambda each: (each.capacity != Capacity.REPRESENTATIVE, ranks.index(FirmRole(each.role)))
    )


def list_changes(*, company: Company) -> list[ShownChange]:
    """The newest changes of a company's members, the newest first."""
    found = MembershipChange.objects.filter(company=company).select_related("person", "actor").order_by("-pk")
    return [
        ShownChange(
            changed_at=each.changed_at,
            person=name_of(each.person),
            kind=each.get_kind_display(),
            role=each.get_role_display(),
            day_limit_cny=each.day_limit_cny,
            actor=name_of(each.actor) if each.actor_id != each.person_id else "",
        )
        for each in found[:CHANGES_SHOWN]
    ]


def change_role(
    *, company: Company, member_id: int, role: FirmRole, day_limit_cny: Decimal | None, actor: User, now: datetime
) -> Membership:
    """
    Give a member another role or another limit for a day; only an acceptor has a limit.

    Raises:
        MayNotAct: the actor is no acceptor of the company.
        NoSuchMember: the company has no such member.
        MemberIsKept: the member is the representative, the actor, or the only one who signs.
    """
    with transaction.atomic():
        member = _lock_member(company, member_id, actor)
        if member.user_id == actor.pk:
            raise MemberIsKept(_("Nobody changes the own role. Another acceptor can."))
        if role != FirmRole.ACCEPTOR:
            _refuse_last_acceptor(member)
        member.role = role
        member.day_limit_cny = day_limit_cny if role == FirmRole.ACCEPTOR else None
        member.save(update_fields=["role", "day_limit_cny"])
        record_change(member, MembershipChange.Kind.CHANGED, actor=actor, now=now)
    return member


def remove_member(*, company: Company, member_id: int, actor: User, now: datetime) -> None:
    """
    End a member's right to act for the company.

    Raises:
        MayNotAct: the actor is no acceptor of the company.
        NoSuchMember: the company has no such member.
        MemberIsKept: the member is the representative, the actor, or the only one who signs.
    """
    with transaction.atomic():
        member = _lock_member(company, member_id, actor)
        if member.user_id == actor.pk:
            raise MemberIsKept(_("To go yourself, press “Leave the firm”."))
        _refuse_last_acceptor(member)
        record_change(member, MembershipChange.Kind.REMOVED, actor=actor, now=now)
        member.delete()


def leave(*, company: Company, user: User, now: datetime) -> None:
    """
    End the user's own right to act for the company.

    Raises:
        NoSuchMember: the user is no member.
        MemberIsKept: the user is the representative, or the only one who signs.
    """
    with transaction.atomic():
        member = next((each for each in _lock_members(company) if each.user_id == user.pk), None)
        if member is None:
            raise NoSuchMember(_("This person does not act for the firm."))
        _refuse_representative(member)
        _refuse_last_acceptor(member)
        record_change(member, MembershipChange.Kind.LEFT, actor=user, now=now)
        member.delete()


def record_change(member: Membership, kind: MembershipChange.Kind, *, actor: User, now: datetime) -> None:
    """Note a change of a membership where all members see it, and tell the person by mail whose it is."""
    MembershipChange.objects.create(
        company_id=member.company_id,
        kind=kind,
        person_id=member.user_id,
        actor=actor,
        role=member.role,
        day_limit_cny=member.day_limit_cny,
        changed_at=now,
    )
    if member.user_id != actor.pk:
        tell(person=member.user, addresses=[member.user.email], sentence=lambda: _describe(member, kind))


def _describe(member: Membership, kind: MembershipChange.Kind) -> str:
    told = {"firm": member.company, "happened": kind.label, "role": FirmRole(member.role).label}
    return _("What you may do for %(firm)s was changed: %(happened)s (%(role)s).") % told


def name_of(user: User) -> str:
    """The name of a person as the firm's other members know it."""
    return user.get_full_name() or user.username


def _lock_member(company: Company, member_id: int, actor: User) -> Membership:
    """Lock the members of the company; the one of this id, whom an acceptor may change."""
    members = _lock_members(company)
    # The lock may have taken a moment in which the actor lost the role.
    actor.role_by_company.pop(company.pk, None)
    check_may(Act.CHANGE_MEMBERS, user=actor, company=company)
    member = next((each for each in members if each.pk == member_id), None)
    if member is None:
        raise NoSuchMember(_("This person does not act for the firm."))
    _refuse_representative(member)
    return member


def _lock_members(company: Company) -> Sequence[Membership]:
    # Two acceptors who remove each other do so one after the other, so that one of them stays.
    return list(company.memberships.select_for_update().order_by("pk"))


def _refuse_representative(member: Membership) -> None:
    if member.capacity == Capacity.REPRESENTATIVE:
        raise MemberIsKept(_("The city’s identity names the legal representative; the firm cannot change that here."))


def _refuse_last_acceptor(member: Membership) -> None:
    acceptors = Membership.objects.filter(company=member.company_id, role=FirmRole.ACCEPTOR)
    if member.role == FirmRole.ACCEPTOR and not acceptors.exclude(pk=member.pk).exists():
        raise MemberIsKept(_("Nobody else signs for the firm. Make somebody else an acceptor first."))
