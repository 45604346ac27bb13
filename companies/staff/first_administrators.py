"""The first two security administrators, whom whoever sets an installation up makes once; all others come by two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.contrib.auth.models import Group
from django.utils.translation import gettext as _

from companies.models import User
from companies.staff.accounts import name_taken
from qinqing.kernel.database.owner import owner_works
from qinqing.kernel.refusals import Refusal

ROLE = "security_administrator"
COUNT = 2
log = structlog.get_logger()


class AlreadyThere(Refusal):
    """There is a security administrator already."""


class NotTwo(Refusal):
    """They are exactly two different people."""


@dataclass(frozen=True, slots=True)
class Named:
    """An administrator to make: the account's name, the address to which the link goes, and the person's name."""

    username: str
    email: str
    first_name: str = ""


def make_first_administrators(*, named: Sequence[Named], now: datetime) -> list[User]:
    """
    Make exactly two security administrators where there are none, as the owner of the tables.

    Nobody can sign in to their accounts before they have asked for a link by mail and chosen a password.

    Raises:
        AlreadyThere: there are some; they propose and confirm others.
        NotTwo: not two different people are named.
        NameTaken: somebody else has one of the names.
        OwnerUnknown: the environment names no owner.
    """
    if len({each.username for each in named}) != COUNT or len({each.email.lower() for each in named}) != COUNT:
        raise NotTwo(_("Name exactly two different people with two different addresses of mail."))
    with owner_works():
        # Who asks at the same moment waits for the row of the role, and then finds two.
        role = Group.objects.select_for_update().get(name=ROLE)
        if role.user_set.exists():
            raise AlreadyThere(_("There are security administrators already; they propose and confirm all others."))
        if User.objects.filter(username__in=[each.username for each in named]).exists():
            raise name_taken()
        made = [_make(each, role, now) for each in named]
    log.info("first_administrators_made", users=[user.pk for user in made])
    return made


def _make(each: Named, role: Group, now: datetime) -> User:
    user = User(
        username=each.username,
        first_name=each.first_name,
        email=each.email.lower(),
        is_staff=True,
        date_joined=now,
    )
    user.set_unusable_password()
    user.save()
    user.groups.add(role)
    return user
