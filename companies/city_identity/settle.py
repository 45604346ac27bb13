"""
What a sign-in by the city's identity settles: memberships that the identity gives, and those that it no longer gives.

A firm is bound by its legal representative, who authorises the use of its data in the same step. From then on the
identity alone makes representatives and authorised persons members.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from companies.city_identity.identity import LegalPerson
from companies.memberships.members import record_change
from companies.models import Capacity, Company, DataAuthorisation, FirmRole, Membership, MembershipChange, User
from qinqing.kernel.refusals import NotAllowed, Refusal

log = structlog.get_logger(__name__)

Kind = MembershipChange.Kind
# An authorised person prepares, until an acceptor of the firm decides otherwise.
_FIRST_ROLE: Final = {Capacity.REPRESENTATIVE: FirmRole.ACCEPTOR, Capacity.AUTHORISED: FirmRole.PREPARER}


class NotRepresentative(NotAllowed):
    """Only the legal representative binds a firm."""


class NotBindable(Refusal):
    """The firm cannot be bound now; the sentence gives the reason."""


@transaction.atomic
def settle_memberships(*, user: User, legal_persons: Sequence[LegalPerson], now: datetime) -> list[LegalPerson]:
    """
    Make the user's memberships follow the identity; return the firms that are still to be bound.

    A membership that the identity gave ends where it no longer names the firm. What an invitation gave stays.
    """
    codes = [each.credit_code for each in legal_persons]
    for ended in user.memberships.exclude(capacity="").exclude(company__credit_code__in=codes):
        _end(ended, Kind.ENDED, user, now)
    bound = _lock_bound_companies(codes)
    for each in legal_persons:
        if each.credit_code in bound:
            _settle(user, bound[each.credit_code], each.capacity, now)
    return [each for each in legal_persons if each.credit_code not in bound]


@transaction.atomic
def bind_firm(*, user: User, legal_person: LegalPerson, text: str, now: datetime) -> Company:
    """
    Bind a firm by its legal representative, who authorises the use of its data by this text.

    Raises:
        NotRepresentative: the identity names the user as another person.
        NotBindable: the platform does not know the firm.
    """
    if legal_person.capacity != Capacity.REPRESENTATIVE:
        raise NotRepresentative(_("Only the legal representative binds the firm and authorises the use of its data."))
    company = Company.objects.select_for_update(no_key=True).filter(credit_code=legal_person.credit_code).first()
    if company is None:
        raise NotBindable(unknown_firm(legal_person.credit_code))
    DataAuthorisation.objects.create(
        company=company,
        person=user,
        text=text,
        text_sha256=hashlib.sha256(text.encode()).hexdigest(),
        authorised_at=now,
    )
    _settle(user, company, legal_person.capacity, now, kind=Kind.BOUND)
    log.info("firm.bound", company=company.credit_code, user=user.pk)
    return company


def unknown_firm(credit_code: str) -> str:
    """The sentence about a firm that no delivery has named."""
    return _(
        "The platform does not know a firm with the credit code %(code)s yet. The market regulator delivers new firms;"
        " look again in a few days, or ask the service desk."
    ) % {"code": credit_code}


def authorisation_text(company: Company) -> str:
    """What the representative of a company authorises, in the active language."""
    return _(
        "%(name)s (%(code)s) authorises the subsidy platform of the city to collect, from the departments that hold"
        " them, the data about the firm and its employees that the conditions of subsidies ask for, to decide by them"
        " what the firm is entitled to, and to show them to the members of the firm. The data are used for subsidies"
        " alone. The legal representative may withdraw this authorisation in writing at the service desk."
    ) % {"name": company.name, "code": company.credit_code}


def _lock_bound_companies(codes: Sequence[str]) -> dict[str, Company]:
    found = Company.objects.filter(credit_code__in=codes, data_authorisations__isnull=False).values("pk")
    locked = Company.objects.select_for_update(no_key=True).filter(pk__in=found).order_by("pk")
    return {company.credit_code: company for company in locked}


def _settle(user: User, company: Company, capacity: Capacity, now: datetime, kind: Kind = Kind.JOINED) -> None:
    """Give the user the membership of this capacity in a locked company."""
    if capacity == Capacity.REPRESENTATIVE:
        # A firm has one legal representative; the identity names the new one.
        for earlier in company.memberships.filter(capacity=capacity).exclude(user=user):
            _end(earlier, Kind.ENDED, user, now)
    member = company.memberships.filter(user=user).first()
    if member is None:
        if capacity == Capacity.REPRESENTATIVE or not _was_removed(user, company):
            member = Membership(user=user, company=company, capacity=capacity, role=_FIRST_ROLE[capacity])
            member.save()
            record_change(member, kind, actor=user, now=now)
    elif member.capacity != capacity:
        _change_capacity(member, capacity)
        record_change(member, kind, actor=user, now=now)
    user.role_by_company.pop(company.pk, None)


def _change_capacity(member: Membership, capacity: Capacity) -> None:
    """Follow the identity: a representative signs without limit; who was one, and is not any more, prepares."""
    was_representative = member.capacity == Capacity.REPRESENTATIVE
    member.capacity = capacity
    if capacity == Capacity.REPRESENTATIVE or was_representative:
        member.role, member.day_limit_cny = _FIRST_ROLE[capacity], None
    member.save(update_fields=["capacity", "role", "day_limit_cny"])


def _was_removed(user: User, company: Company) -> bool:
    """Whether an acceptor of the firm removed the person last; then only an invitation brings the person back."""
    last = MembershipChange.objects.filter(company=company, person=user).exclude(actor=user).order_by("-pk").first()
    return last is not None and last.kind == Kind.REMOVED


def _end(member: Membership, kind: Kind, actor: User, now: datetime) -> None:
    record_change(member, kind, actor=actor, now=now)
    log.info("member.ended", membership=member.pk, user=member.user_id, kind=kind.value)
    member.delete()
