"""
Limits how much somebody may send: a form anywhere, a file only to an address for files and with permission.

A form's reader stores its files on the disk, which may lie in memory. So we judge a request by the length that it
announces, before anything reads it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import resolve
from django.utils.translation import gettext as _

from companies.deliveries.staging.read_file import MAX_PACKED_BYTES
from companies.models import User
from payouts.formats.replies.answer import LARGEST_FILE_BYTES as LARGEST_REPLY_BYTES
from policies.white_lists.files import LARGEST_FILE_BYTES as LARGEST_LIST_BYTES
from qinqing.middleware import API, View

# Django itself takes no more than 2.5 MB of fields. The largest file of a policy fits in, too.
FORM_BYTES = 3 << 20


@dataclass(frozen=True, slots=True)
class UploadAddress:
    """An address that takes files of at most so many bytes from some people."""

    most_bytes: int
    is_open_to: Callable[[HttpRequest], bool]


def _officials(permission: str) -> Callable[[HttpRequest], bool]:
    return lambda request: (
        isinstance(request.user, User) and request.user.is_staff and request.user.has_perm(permission)
    )


def _departments(request: HttpRequest) -> bool:
    """Whether the account is a department's; if the request has a password or a token, the API itself checks it."""
    by_session = isinstance(request.user, User) and request.user.has_perm("companies.add_delivery")
    return by_session or "Authorization" in request.headers


UPLOAD_ADDRESSES = {
    "api-deliveries": UploadAddress(MAX_PACKED_BYTES, _departments),
    "admin:companies_delivery_add": UploadAddress(MAX_PACKED_BYTES, _officials("companies.add_delivery")),
    "admin:payouts_replyfile_upload": UploadAddress(LARGEST_REPLY_BYTES, _officials("payouts.add_replyfile")),
    "admin:policies_whitelist_bring": UploadAddress(LARGEST_LIST_BYTES, _officials("policies.add_whitelist")),
}


def limit_request_size(get_response: View) -> View:
    """
    Answer 413 to a request that is longer than its address takes from this person, and 411 to one without a length.

    It stands behind the middleware that knows the user. No form has been read by then: only the check of the form's
    token reads it, after all middleware has let the request in.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if "Transfer-Encoding" in request.headers:
            return _refuse(request, 411, _("Send it with its length (Content-Length); nothing was stored."))
        if (length := _announced_bytes(request)) > FORM_BYTES and length > _most_bytes(request):
            return _refuse(request, 413, _("This address takes less from you than was sent; nothing was stored."))
        return get_response(request)

    return middleware


def _announced_bytes(request: HttpRequest) -> int:
    """The announced length; 0 if it is no number, for Django then reads nothing."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _most_bytes(request: HttpRequest) -> int:
    try:
        door = UPLOAD_ADDRESSES.get(resolve(request.path_info).view_name)
    except Http404:
        return FORM_BYTES
    return door.most_bytes + FORM_BYTES if door and door.is_open_to(request) else FORM_BYTES


def _refuse(request: HttpRequest, status: int, sentence: str) -> HttpResponse:
    if request.path.startswith(API):
        return JsonResponse({"detail": sentence}, status=status)
    if status == 413:
        return render(request, "413.html", status=status)
    return HttpResponse(f"{sentence}\n", status=status, content_type="text/plain; charset=utf-8")
