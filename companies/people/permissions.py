"""The permission to act for a company; every firm's page asks it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from companies.firms import queries
from companies.models import Company, User
from qinqing.kernel.refusals import NotAllowed

P = ParamSpec("P")
FirmView = Callable[Concatenate[HttpRequest, Company, P], HttpResponseBase]


class MayNotAct(NotAllowed):
    """The account may look at a firm, but not act for it; the sentence says why."""


def check_can_act(*, user: User) -> None:
    """
    Refuse officials who decide about policies and money: they must not claim, or lead a firm, with the same account.

    Raises:
        MayNotAct: the account is an official's.
    """
    if user.is_staff:
        raise MayNotAct(
            _("This is an official’s account. Act for the firm with the account that the firm itself uses.")
        )


def can_act(*, user: User) -> bool:
    """Whether `check_can_act` refuses nothing."""
    try:
        check_can_act(user=user)
    except MayNotAct:
        return False
    return True


def owner_required(view: FirmView[P]) -> Callable[..., HttpResponseBase]:
    """
    Hand the view the company of its address, for those who act for it.

    A stranger is asked to sign in; anybody else's company is answered 404 like one that does not exist, so that
    nobody learns who is on the platform. Nothing of these pages may be kept by a browser or a proxy.
    """

    @never_cache
    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, credit_code: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        company = queries.company_of(user=signed_in(request), credit_code=credit_code)
        return view(request, company, *args, **kwargs)

    return guarded


def signed_in(request: HttpRequest) -> User:
    """The user of a request whose view requires a sign-in."""
    assert isinstance(request.user, User)
    return request.user
