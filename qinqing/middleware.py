"""Middleware of the portal and the officials' admin."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus

import structlog
from csp.decorators import csp_update
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import BadRequest
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.people import scope
from qinqing.kernel.refusals import Refusal
from qinqing.kernel.text import number
from qinqing.kernel.web.refusals import status_of
from qinqing.kernel.web.session_expiry import prolong

log = structlog.get_logger()

ADMIN, API = "/admin/", "/api/"
# The admin theme evaluates the expressions of its templates and sets styles from scripts; the portal does neither.
ADMIN_POLICY = {"script-src": "'unsafe-eval'", "style-src": "'unsafe-inline'"}

# Passkeys are the one thing of the device that a page asks for.
PERMISSIONS = (
    "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), serial=(), usb=(),"
    " publickey-credentials-create=(self), publickey-credentials-get=(self)"
)

View = Callable[[HttpRequest], HttpResponseBase]


def loosen_admin_content_policy(get_response: View) -> View:
    """Loosen the Content-Security-Policy for the admin, and for nothing else."""
    loosened = csp_update(ADMIN_POLICY)(get_response)

    def middleware(request: HttpRequest) -> HttpResponseBase:
        return (loosened if request.path.startswith(ADMIN) else get_response)(request)

    return middleware


def state_privacy(get_response: View) -> View:
    """
    Tell browsers to keep no page of somebody who is signed in, to offer pages none of the device's senses, and to give
    no other site anything of ours.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        is_known = settings.SESSION_COOKIE_NAME in request.COOKIES or settings.SESSION_COOKIE_NAME in response.cookies
        if is_known and "no-store" not in response.headers.get("Cache-Control", ""):
            response.headers["Cache-Control"] = "no-store"
        return response

    return middleware


def refuse_null_characters(get_response: View) -> View:
    """Answer 400 to a NUL in the address or in a header: PostgreSQL accepts none, so the request would fail later."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        headers = (value for name, value in request.META.items() if name.startswith("HTTP_"))
        is_readable = not any("\0" in text for text in (request.path_info, *headers))
        if is_readable and "%00" not in request.META.get("QUERY_STRING", ""):
            return get_response(request)
        if request.path.startswith(API):
            return JsonResponse(
                {"detail": _("A NUL character is in the address or in a header; leave it out.")}, status=400
            )
        raise BadRequest

    return middleware


def prolong_official_sessions(get_response: View) -> View:
    """Prolong an official's session with each page; a page that does not read the session costs nothing."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if request.session.accessed:
            prolong(session=request.session, now=timezone.now())
        return response

    return middleware


class NumericObjectIds:
    """Answer 404 for an address of the admin whose object id is no number: the pages would look it up as one."""

    def __init__(self, get_response: View) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on; `process_view` looks at the view."""
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: View, arguments: Sequence[object], named: Mapping[str, object]
    ) -> None:
        """
        Refuse before the view is called.

        Raises:
            Http404: the address has an object that is no number.
        """
        if request.path.startswith(ADMIN) and number(str(named.get("object_id", 0))) is None:
            raise Http404


class ConfineOfficials:
    """Answer 404 for an address of the admin whose rows are out of the official's scope, whatever the page does."""

    def __init__(self, get_response: View) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on; `process_view` looks at the address."""
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: View, arguments: Sequence[object], named: Mapping[str, object]
    ) -> None:
        """
        Refuse before the view is called.

        Raises:
            Http404: the address names a kind of row, or a row, that the official does not see.
        """
        if not request.path.startswith(ADMIN) or scope.scope_of(request.user).is_whole:
            return
        model = _find_model(request.path)
        if model is None:
            return
        rows = [named["object_id"]] if "object_id" in named else []
        if scope.is_closed(model, user=request.user) or not scope.is_within(model, rows, user=request.user):
            raise Http404


def _find_model(path: str) -> type[Model] | None:
    """The model of an address such as /admin/payouts/batch/7/release/; None for pages that belong to no model."""
    app_label, _slash, rest = path.removeprefix(ADMIN).partition("/")
    model = apps.all_models.get(app_label, {}).get(rest.partition("/")[0])
    return model if model in admin.site._registry else None


class AnswerRefusals:
    """Answer a refusal that no view caught with its sentence: on a page of the portal or the admin, or in JSON."""

    def __init__(self, get_response: View) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on; `process_exception` looks at what the view raised."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        """The answer to a refusal; None for any other error, which is a mistake of ours."""
        if not isinstance(error, Refusal):
            return None
        sentence, status = str(error), status_of(error)
        log.info("refusal_answered", refusal=type(error).__name__, path=request.path, status=int(status))
        if request.path.startswith(API):
            return JsonResponse({"detail": sentence}, status=status)
        headline = _headline(status)
        context = {"headline": headline, "title": headline, "sentence": sentence, "code": status.value}
        if request.path.startswith(ADMIN) and admin.site.has_permission(request):
            return render(request, "admin/refused.html", {**admin.site.each_context(request), **context}, status=status)
        return render(request, "refused.html", context, status=status)


def _headline(status: HTTPStatus) -> str:
    if status == HTTPStatus.NOT_FOUND:
        return _("There is no such page")
    return _("This is not open to you") if status == HTTPStatus.FORBIDDEN else _("This cannot be done now")
