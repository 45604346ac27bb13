"""A lost second factor: two security administrators take it away, the person sets up another at the next sign-in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec

from allauth.mfa.models import Authenticator
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from companies.models import User
from companies.people.scope import within_scope
from companies.staff.roles import NotAnOfficial, NothingChanges
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import propose

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

KIND = "staff_factor"
_OWN = "SELECT set_config('qinqing.own_factors_of', %s, true)"


@within_scope(person=User)
def propose_removing_factors(
    *, person: User, because: str, document_number: str = "", actor: User, now: datetime
) -> Proposal:
    """
    Propose to take away an official's second factors, because they are lost.

    Raises:
        NotAnOfficial: the account belongs to somebody else, who asks the city's identity or a colleague of the firm.
        NothingChanges: the official has none.
        OutOfScope: the account is beyond the actor's scope.
        NoReason, AlreadyProposed, Concerned: as `propose` says.
    """
    if not person.is_staff:
        raise NotAnOfficial(_("This account is not an official’s."))
    if not Authenticator.objects.filter(user_id=person.pk).exists():
        raise NothingChanges(_("The official has no second factor; at the next sign-in one has to be set up."))
    return propose(
        kind=KIND,
        subject_id=person.pk,
        subject_name=str(person),
        after={"factors": []},
        because=because,
        document_number=document_number,
        actor=actor,
        now=now,
    )


def removes_own_factor(view: View[P]) -> View[P]:
    """Let the page take a second factor of the person who is signed in away, and nobody else's."""

    @wraps(view)
    def alone(request: HttpRequest, /, *args: P.args, **named: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return view(request, *args, **named)
        with _own_factors_of(request.user.pk):
            return view(request, *args, **named)

    return alone


@contextmanager
def _own_factors_of(number: int) -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_OWN, [str(number)])
        yield
        cursor.execute(_OWN, [""])
