"""An acceptor invites a colleague by a link that works once and for some days; only its hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from companies.memberships.members import record_change
from companies.models import Company, FirmRole, Invitation, Membership, MembershipChange, User
from companies.people.permissions import Act, check_may
from qinqing.kernel.refusals import NotAllowed, NotFound, Refusal

log = structlog.get_logger(__name__)

VALID_FOR: Final = timedelta(days=7)
# A firm has fewer colleagues to wait for; a script would make more.
OPEN_AT_ONCE: Final = 20
_TOKEN_BYTES: Final = 32


class NoSuchInvitation(NotFound):
    """The link belongs to no invitation that is open."""


class NotInvitable(Refusal):
    """The invitation cannot be made or accepted; the sentence gives the reason."""


class NotForOfficials(NotAllowed):
    """An official's account acts for no firm."""


class Invited(NamedTuple):
    """An invitation with the token of its link, which is shown once."""

    invitation: Invitation
    token: str


def invite(
    *,
    company: Company,
    invited_name: str,
    role: FirmRole,
    day_limit_cny: Decimal | None,
    actor: User,
    now: datetime,
) -> Invited:
    """
    Invite a colleague to act for the company in a role.

    Raises:
        MayNotAct: the actor is no acceptor of the company.
        NotInvitable: too many invitations are open.
    """
    check_may(Act.CHANGE_MEMBERS, user=actor, company=company)
    if open_invitations(company=company, now=now).count() >= OPEN_AT_ONCE:
        raise NotInvitable(_("Many invitations are open already. Revoke some, or wait until they are accepted."))
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    with transaction.atomic():
        invitation = Invitation.objects.create(
            company=company,
            invited_name=invited_name.strip(),
            role=role,
            day_limit_cny=day_limit_cny if role == FirmRole.ACCEPTOR else None,
            token_sha256=_digest(token),
            invited_by=actor,
            invited_at=now,
            expires_at=now + VALID_FOR,
        )
        _record(invitation, MembershipChange.Kind.INVITED, actor, now)
    log.info("member.invited", company=company.credit_code, invitation=invitation.pk, actor=actor.pk)
    return Invited(invitation, token)


def open_invitations(*, company: Company, now: datetime) -> QuerySet[Invitation]:
    """The invitations of a company that can still be accepted, newest first."""
    return company.invitations.filter(ended_as="", expires_at__gt=now).select_related("invited_by").order_by("-pk")


def revoke(*, company: Company, invitation_id: int, actor: User, now: datetime) -> None:
    """
    Revoke an open invitation; its link works no more.

    Raises:
        MayNotAct: the actor is no acceptor of the company.
        NoSuchInvitation: the company has no such open invitation.
    """
    check_may(Act.CHANGE_MEMBERS, user=actor, company=company)
    with transaction.atomic():
        found = company.invitations.select_for_update().filter(pk=invitation_id, ended_as="").first()
        if found is None:
            raise NoSuchInvitation(_("This invitation is not open any more."))
        _end(found, Invitation.End.REVOKED, actor, now)
        _record(found, MembershipChange.Kind.REVOKED, actor, now)


def find_invitation(*, token: str, now: datetime) -> Invitation:
    """
    The open invitation of a link.

    Raises:
        NoSuchInvitation: there is none, it has expired, it was used or revoked, or the inviter signs no more.
    """
    return _find(Invitation.objects.select_related("company", "invited_by"), token, now)


def accept(*, token: str, user: User, now: datetime) -> Membership:
    """
    Make the user a member of the company that invited.

    Raises:
        NoSuchInvitation: the link does not work, or works no more.
        NotForOfficials: the account is an official's.
        NotInvitable: the user acts for the company already.
    """
    if user.is_staff:
        raise NotForOfficials(
            _("This is an official’s account. Act for the firm with the account that the firm itself uses.")
        )
    with transaction.atomic():
        invitation = _find(Invitation.objects.select_for_update(of=("self",)), token, now)
        if Membership.objects.filter(user=user, company=invitation.company_id).exists():
            raise NotInvitable(_("You act for this firm already. The invitation stays open for your colleague."))
        _end(invitation, Invitation.End.ACCEPTED, user, now)
        member = Membership.objects.create(
            user=user,
            company_id=invitation.company_id,
            role=invitation.role,
            day_limit_cny=invitation.day_limit_cny,
        )
        record_change(member, MembershipChange.Kind.ACCEPTED, actor=user, now=now)
    user.role_by_company.pop(invitation.company_id, None)
    log.info("member.joined", invitation=invitation.pk, user=user.pk)
    return member


def _find(among: QuerySet[Invitation], token: str, now: datetime) -> Invitation:
    found = among.filter(token_sha256=_digest(token), ended_as="", expires_at__gt=now).first()
    if found is None or not _signs_still(found):
        raise NoSuchInvitation(
            _("This invitation does not work: it was used or revoked, or has expired. Ask your firm for another one.")
        )
    return found


def _signs_still(invitation: Invitation) -> bool:
    acceptors = Membership.objects.filter(company=invitation.company_id, role=FirmRole.ACCEPTOR)
    return acceptors.filter(user=invitation.invited_by_id).exists()


def _end(invitation: Invitation, how: Invitation.End, user: User, now: datetime) -> None:
    invitation.ended_as, invitation.ended_at, invitation.ended_by = how, now, user
    invitation.save(update_fields=["ended_as", "ended_at", "ended_by"])


def _record(invitation: Invitation, kind: MembershipChange.Kind, actor: User, now: datetime) -> None:
    MembershipChange.objects.create(
        company_id=invitation.company_id,
        kind=kind,
        person=actor,
        actor=actor,
        role=invitation.role,
        day_limit_cny=invitation.day_limit_cny,
        changed_at=now,
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
