"""The officials of the demo: the first two come by command, all others as two of them agree, as in production."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from companies.models import FirmRole, User
from companies.staff.accounts import propose_new_account, propose_standing
from companies.staff.first_administrators import ROLE, Named, make_first_administrators
from companies.staff.roles import propose_roles
from qinqing.kernel.database.owner import owner_works
from qinqing.proposals.decide import confirm
from qinqing.proposals.models import Proposal

_BECAUSE: Final = "The demo begins."


@dataclass(frozen=True, slots=True)
class Login:
    """
    Somebody who can sign in to the demo.

    `role` is a group of `qinqing.roles`, empty for owners and the administrator; `firms` are places in the
    city's cast, for which the person acts as `firm_role`.
    """

    username: str
    name: str
    does: str
    role: str = ""
    department: str = ""
    firms: tuple[int, ...] = ()
    firm_role: FirmRole = FirmRole.ACCEPTOR
    is_superuser: bool = False

    @property
    def is_official(self) -> bool:
        """Whether the person works for the city."""
        return bool(self.role) or self.is_superuser


def make_officials(logins: Sequence[Login], *, now: dt.datetime) -> None:
    """Make the accounts of officials, or bring them back to what they were; nobody has a password yet."""
    first = [login for login in logins if login.role == ROLE]
    _make_administrators(first, [login for login in logins if login.is_superuser], now)
    proposer, other = (User.objects.get(username=login.username) for login in first)
    for login in logins:
        if login not in first and not login.is_superuser:
            _agree_on(login, proposer, other, now)


def mail_of(login: Login) -> str:
    """The address of an official of the demo, to which no mail leads."""
    return f"{login.username}@city.example"


def _make_administrators(first: Sequence[Login], superusers: Sequence[Login], now: dt.datetime) -> None:
    """Do what the owner of the tables does at a set-up; a superuser is for the demo alone."""
    if not User.objects.filter(groups__name=ROLE).exists():
        named = [Named(login.username, mail_of(login), login.name) for login in first]
        make_first_administrators(named=named, now=now)
    missing = [login for login in superusers if not User.objects.filter(username=login.username).exists()]
    if missing:
        with owner_works():
            for login in missing:
                User.objects.create(
                    username=login.username,
                    first_name=login.name,
                    email=mail_of(login),
                    is_staff=True,
                    is_superuser=True,
                )


def _agree_on(login: Login, proposer: User, other: User, now: dt.datetime) -> None:
    person = User.objects.filter(username=login.username).first()
    given: dict[str, Any] = {"because": _BECAUSE, "actor": proposer, "now": now}
    wanted: dict[str, Any] = {"roles": [login.role], "district": "", "department": login.department}
    if person is None:
        names: dict[str, Any] = {"username": login.username, "last_name": "", "first_name": login.name}
        _confirm(propose_new_account(**names, email=mail_of(login), **wanted, **given), other, now)
        return
    if not person.is_active:
        _confirm(propose_standing(person=person, is_active=True, **given), other, now)
    held = {
        "roles": list(person.groups.values_list("name", flat=True)),
        "district": person.district,
        "department": person.department,
    }
    if held != wanted:
        _confirm(propose_roles(person=person, **wanted, **given), other, now)


def _confirm(proposal: Proposal, other: User, now: dt.datetime) -> None:
    confirm(proposal_id=proposal.pk, actor=other, now=now)
