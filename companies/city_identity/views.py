"""Signing in by the city's identity, and the first sign-in of a firm: bind it, authorise the use of data, invite."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from requests import RequestException

from companies.city_identity.identity import LegalPerson
from companies.city_identity.provider import PROVIDER_ID, CityAdapter, CityCallback
from companies.city_identity.session import KEY, forget_firm, unbound_firms
from companies.city_identity.settle import authorisation_text, bind_firm, unknown_firm
from companies.models import Capacity, Company
from companies.people.permissions import signed_in
from qinqing.kernel.refusals import Refusal


class IdentityAway(Refusal):
    """The provider of identity does not answer."""


@dataclass(frozen=True, slots=True)
class UnboundFirm:
    """A firm of the identity as the page shows it: to be bound by this text or, without one, why it cannot be bound."""

    credit_code: str
    name: str
    capacity: str
    text: str
    why_not: str

    @property
    def digest(self) -> str:
        """What the form sends back for the text that it showed."""
        return _digest(self.text)


@require_POST
@never_cache
def begin(request: HttpRequest) -> HttpResponse:
    """
    Lead to the city's provider of identity.

    Raises:
        IdentityAway: it does not answer.
    """
    _refuse_unset()
    # Of the request only the page to go on with counts: nothing in it chooses scopes, or joins accounts.
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # Who is signed in proves it once more, and stays signed in with what was being done.
    is_again = "again" in request.POST and request.user.is_authenticated
    process = AuthProcess.REDIRECT if is_again else AuthProcess.LOGIN
    provider = get_adapter().get_provider(request, PROVIDER_ID)
    try:
        response: HttpResponse = provider.redirect(request, process, next_url=wanted if is_ours else None)
    except (OAuth2Error, RequestException) as away:
        raise IdentityAway(
            _("The city’s identity service does not answer. Sign in with a password, or later.")
        ) from away
    return response


@require_safe
@never_cache
@login_required
def once_more(request: HttpRequest) -> HttpResponse:
    """Ask somebody who came by the city's identity to prove it once more, before an act on money."""
    return render(request, "account/by_city_identity.html", {"redirect_field_value": request.GET.get("next", "")})


@require_safe
@never_cache
def callback(request: HttpRequest) -> HttpResponse:
    """Take the provider's answer."""
    _refuse_unset()
    response: HttpResponse = CityCallback.adapter_view(CityAdapter(request, PROVIDER_ID))(request)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def first_sign_in(request: HttpRequest) -> HttpResponse:
    """Show the firms that the identity names and that are not bound; a POST binds one and authorises its data."""
    firms, refusal = unbound_firms(request.session, timezone.now()), ""
    if request.method == "POST":
        try:
            company = _bind(request, firms)
        except Refusal as refused:
            refusal = str(refused)
        else:
            return redirect(reverse("members", args=[company.credit_code]) + "?first=yes")
    if not firms:
        request.session.pop(KEY, None)
    context = {"firms": [_show(each) for each in firms], "refusal": refusal}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK
    return render(request, "companies/first_sign_in.html", context, status=status)


class NotTold(Refusal):
    """The form does not fit what the page showed."""


def _bind(request: HttpRequest, firms: Sequence[LegalPerson]) -> Company:
    asked = request.POST.get("credit_code", "")
    legal_person = next((each for each in firms if each.credit_code == asked), None)
    if legal_person is None:
        raise NotTold(_("Your city identity does not name this firm, or you signed in long ago. Sign in again."))
    shown = _show(legal_person)
    if shown.text and request.POST.get("is_accepted") != "on":
        raise NotTold(_("Tick that the firm authorises the use of its data."))
    if shown.text and not hmac.compare_digest(request.POST.get("digest", "").encode(), shown.digest.encode()):
        raise NotTold(_("The text changed since the page was shown. Read it once more."))
    company = bind_firm(user=signed_in(request), legal_person=legal_person, text=shown.text, now=timezone.now())
    forget_firm(request.session, company.credit_code)
    return company


def _show(legal_person: LegalPerson) -> UnboundFirm:
    company = Company.objects.filter(credit_code=legal_person.credit_code).first()
    is_representative = legal_person.capacity == Capacity.REPRESENTATIVE
    if company is None:
        text, why_not = "", unknown_firm(legal_person.credit_code)
    elif is_representative:
        text, why_not = authorisation_text(company), ""
    else:
        text, why_not = "", _("The firm’s legal representative signs in first, binds the firm and authorises its data.")
    return UnboundFirm(
        credit_code=legal_person.credit_code,
        name=company.name if company else legal_person.company_name,
        capacity=str(legal_person.capacity.label),
        text=text,
        why_not=why_not,
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _refuse_unset() -> None:
    if not settings.IDENTITY_URL:
        raise Http404
