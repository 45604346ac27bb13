"""The provider's page to sign in: a list of the register's persons, each with a button."""

from __future__ import annotations

from django.contrib.auth import get_user_model, login
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_safe

from qinqing.identity_provider.register import read_register


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the persons; a POST signs one of them in and leads back to the portal's question."""
    register = read_register()
    wanted = request.GET.get("next", "")
    if request.method != "POST":
        return render(request, "identity/sign_in.html", {"persons": register.values()})
    subject = request.POST.get("person", "")
    if subject not in register or not url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
        return HttpResponseBadRequest("There is no such person, or nobody to lead back to.")
    user, _is_new = get_user_model().objects.get_or_create(username=subject)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return HttpResponseRedirect(wanted)


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Say that the provider is open."""
    return HttpResponse("open\n", content_type="text/plain")
