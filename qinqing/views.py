"""The front page, the health check, and what is said when something is wrong."""

from __future__ import annotations

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import defaults
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from policies.deadlines.notices import list_notices
from qinqing.cockpit.queries import figures
from qinqing.middleware import API


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Say what this is, which policies are in force, and what they have paid."""
    now = timezone.now()
    policies = list_notices(on=timezone.localdate(now))
    return render(request, "home.html", {"policies": policies, "figures": figures(now=now)})


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 while this process reaches its database, 503 otherwise; for load balancers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("database unreachable\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")


def redirect_admin_login(request: HttpRequest) -> HttpResponse:
    """
    Officials come through the same door as everybody, with its lock.

    Raises:
        PermissionDenied: the person has come through it, and the admin is not open to the account.
    """
    if request.user.is_authenticated and not admin.site.has_permission(request):
        raise PermissionDenied
    query = request.META["QUERY_STRING"]
    return redirect(reverse("sign-in") + (f"?{query}" if query else ""))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Explain a form that came without its token: mostly an old page, or cookies that are switched off."""
    return render(request, "403_csrf.html", status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Say that a request cannot be read; a department's machine reads JSON."""
    sentence = _("The request cannot be read: look at its address, its headers and its form. Nothing was stored.")
    return _answer_machine(request, sentence, 400) or defaults.bad_request(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Say that nothing is there."""
    sentence = _("There is no such address; %(schema)s describes those that there are.") % {
        "schema": reverse("api-schema")
    }
    return _answer_machine(request, sentence, 404) or defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Say that it is our fault."""
    sentence = _("Something went wrong on our side; it was recorded. Send the same again later: nothing lands twice.")
    return _answer_machine(request, sentence, 500) or defaults.server_error(request)


def _answer_machine(request: HttpRequest, sentence: str, status: int) -> HttpResponse | None:
    """The sentence as the API says all of its own; None for who asked for a page."""
    return JsonResponse({"detail": sentence}, status=status) if request.path.startswith(API) else None
