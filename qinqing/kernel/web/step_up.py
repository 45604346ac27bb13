"""
Asks who it is once more before an act on money: one place for the portal and for the admin.

Who has a second factor shows it; who has none types the password, and the code that we send to a confirmed address of
mail. What was being sent is kept meanwhile and sent again by the person, never by us.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AbstractUser
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from qinqing.kernel.sealed_text import open_text, seal_text
from qinqing.kernel.web.pages import is_fragment
from qinqing.kernel.web.second_factor import FACTORS, has_second_factor
from qinqing.kernel.web.session_expiry import back_since

P = ParamSpec("P")
Owner = TypeVar("Owner")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
Method = Callable[Concatenate[Owner, HttpRequest, P], HttpResponseBase]

_KEPT: Final = "kept_for_step_up"
# What was kept is forgotten after a quarter of an hour.
KEPT_SECONDS: Final = 900


def has_fresh_second_factor(request: HttpRequest) -> bool:
    """Whether the person has just proved who it is, within `STEP_UP_SECONDS`."""
    return not missing_proofs(request, since=time.time() - settings.STEP_UP_SECONDS)


def has_fresh_proof_beside_password(request: HttpRequest) -> bool:
    """Whether the person has just given a proof that whoever only knows the password cannot give."""
    since = time.time() - settings.STEP_UP_SECONDS
    records = get_authentication_records(request, request.user)
    return any(each["method"] != "password" and each["at"] >= since for each in records)


def has_proved_since_return(request: HttpRequest) -> bool:
    """Whether the person has proved who it is since coming back from a longer absence; true for who never was away."""
    back = back_since(session=request.session, now=timezone.now())
    return back is None or not missing_proofs(request, since=back.timestamp())


def missing_proofs(request: HttpRequest, *, since: float) -> tuple[str, ...]:
    """The proofs (`mfa`, `password`, `code`, `socialaccount`) that the person has not given since then, in order."""
    user = request.user
    if not isinstance(user, AbstractUser):
        return ("password",)
    given = {each["method"] for each in get_authentication_records(request, user) if each["at"] >= since}
    if "mfa" in given:
        return ()
    return tuple(kind for kind in _list_proofs(user) if kind not in given)


def require_fresh_second_factor(view: View[P]) -> View[P]:
    """Call the view for who has just proved who it is; ask everybody else first."""

    @wraps(view)
    def asked(request: HttpRequest, /, *args: P.args, **named: P.kwargs) -> HttpResponseBase:
        return view(request, *args, **named) if has_fresh_second_factor(request) else ask_for_second_factor(request)

    return asked


def require_fresh_second_factor_in_admin(method: Method[Owner, P]) -> Method[Owner, P]:
    """The same for a page that is a method of the admin; stands below the admin's own decorators."""

    @wraps(method)
    def asked(page: Owner, request: HttpRequest, /, *args: P.args, **named: P.kwargs) -> HttpResponseBase:
        if not has_fresh_second_factor(request):
            return ask_for_second_factor(request)
        return method(page, request, *args, **named)

    return asked


def ask_for_second_factor(request: HttpRequest) -> HttpResponse:
    """Lead to the page that asks, keep what was sent, and lead back afterwards."""
    back = request.get_full_path()
    if request.method == "POST":
        _keep(request)
        back = reverse("step-up-resume")
    address = f"{first_method(request)}?{urlencode({'next': back})}"
    return HttpResponseClientRedirect(address) if is_fragment(request) else HttpResponseRedirect(address)


def first_method(request: HttpRequest) -> str:
    """The address of the page that asks for the first proof that is missing."""
    missing = missing_proofs(request, since=time.time() - settings.STEP_UP_SECONDS)
    methods = get_adapter().get_reauthentication_methods(request.user)
    kinds = {"reauthenticate": "password", "reauthenticate_by_code": "code"}
    fitting = [each["url"] for each in methods if kinds.get(each["id"], "mfa") in missing]
    return str(next(iter(fitting), None) or reverse(settings.STEP_UP_ELSEWHERE))


def read_kept(request: HttpRequest) -> tuple[str, QueryDict] | None:
    """The address and the fields of what was being sent; None if nothing is kept any more."""
    kept: dict[str, Any] = request.session.get(_KEPT, {})
    if not kept or kept["user_id"] != request.user.pk or time.time() - kept["at"] > KEPT_SECONDS:
        return None
    return kept["path"], QueryDict(open_text(kept["sealed"]))


def count_new_factor(*, request: HttpRequest, user: AbstractUser, authenticator: Any, **_signal: Any) -> None:
    """Take a new second factor for a proof: its first code, or its first signature, has just been checked."""
    if authenticator.type in FACTORS:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type, reauthenticated=True)


class AskWhoItIs:
    """Answers allauth's own question who it is, so that allauth keeps and sends nothing by itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on; `process_exception` looks at what the view raised."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The way to the page that asks; None for any other error."""
        if not isinstance(error, ReauthenticationRequired):
            return None
        if request.user.is_authenticated:
            return ask_for_second_factor(request)
        return HttpResponseRedirect(f"{reverse('sign-in')}?{urlencode({'next': request.path})}")


def _keep(request: HttpRequest) -> None:
    """Keep the fields of a form, sealed, because they may hold an account number."""
    fields = request.POST.copy()
    fields.pop("csrfmiddlewaretoken", None)
    if request.FILES:
        messages.warning(request, _("Choose your file again: files are not kept while we ask who you are."))
    request.session[_KEPT] = {
        "path": request.get_full_path(),
        "sealed": seal_text(fields.urlencode()),
        "user_id": request.user.pk,
        "at": time.time(),
    }


def _list_proofs(user: AbstractUser) -> tuple[str, ...]:
    """What proves that it is this person; an official who must have a second factor and has none gets no further."""
    if has_second_factor(user):
        return ("mfa",)
    if not user.has_usable_password():
        return ("socialaccount",)
    return ("password", "code") if _has_confirmed_mail(user) else ("password",)


def _has_confirmed_mail(user: AbstractUser) -> bool:
    has_one: bool = EmailAddress.objects.filter(user_id=user.pk, verified=True).exists()
    return has_one
