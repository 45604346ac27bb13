"""What a person may do for a company: one table of roles and acts, which every page and operation of a firm asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from functools import wraps
from typing import Concatenate, Final, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from companies.firms import queries
from companies.models import Company, FirmRole, User
from qinqing.kernel.refusals import NotAllowed

P = ParamSpec("P")
FirmView = Callable[Concatenate[HttpRequest, Company, P], HttpResponseBase]


class Act(Enum):
    """What somebody may want to do for a company, beyond reading."""

    CLAIM = "claim"
    PREPARE = "prepare"
    CHANGE_ACCOUNT = "change account"
    APPEAL = "appeal"
    ANSWER_NOTICE = "answer notice"
    CHANGE_MEMBERS = "change members"


# Whoever is a member reads; these roles may do more.
_ROLES: Final[Mapping[Act, frozenset[FirmRole]]] = {
    Act.CLAIM: frozenset({FirmRole.ACCEPTOR}),
    Act.PREPARE: frozenset({FirmRole.ACCEPTOR, FirmRole.PREPARER}),
    Act.CHANGE_ACCOUNT: frozenset({FirmRole.ACCEPTOR}),
    Act.APPEAL: frozenset({FirmRole.ACCEPTOR}),
    Act.ANSWER_NOTICE: frozenset({FirmRole.ACCEPTOR}),
    Act.CHANGE_MEMBERS: frozenset({FirmRole.ACCEPTOR}),
}
_WHY_NOT: Final[Mapping[Act, Promise]] = {
    Act.CLAIM: gettext_lazy("Only an acceptor of the firm signs a claim. Ask one of them; “Members” names them."),
    Act.PREPARE: gettext_lazy("You may read everything of this firm. A preparer or an acceptor puts claims together."),
    Act.CHANGE_ACCOUNT: gettext_lazy("Only an acceptor of the firm changes its account; “Members” names them."),
    Act.APPEAL: gettext_lazy("Only an acceptor of the firm files an appeal; “Members” names them."),
    Act.ANSWER_NOTICE: gettext_lazy("Only an acceptor of the firm answers a notice; “Members” names them."),
    Act.CHANGE_MEMBERS: gettext_lazy("Only an acceptor of the firm invites people and changes roles."),
}


class MayNotAct(NotAllowed):
    """The account may look at a firm, but not do this for it; the sentence says why."""


def why_not(act: Act, *, user: User, company: Company) -> str:
    """
    The sentence that says why the user may not do this for the company; empty if the user may.

    Officials decide about policies and money, so they do nothing for a firm with the same account.
    """
    if user.is_staff:
        return _("This is an official’s account. Act for the firm with the account that the firm itself uses.")
    return "" if role_in(user=user, company=company) in _ROLES[act] else str(_WHY_NOT[act])


def check_may(act: Act, *, user: User, company: Company) -> None:
    """
    Refuse who may not do this for the company.

    Raises:
        MayNotAct: the role of the user does not allow it, or the account is an official's.
    """
    if sentence := why_not(act, user=user, company=company):
        raise MayNotAct(sentence)


def role_in(*, user: User, company: Company) -> FirmRole | None:
    """The role of the user in the company, as it was when this object of the user first asked; None for a stranger."""
    roles = user.role_by_company
    if company.pk not in roles:
        found = company.memberships.filter(user=user).values_list("role", flat=True).first()
        roles[company.pk] = FirmRole(found) if found else None
    return roles[company.pk]


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
