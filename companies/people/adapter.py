"""What allauth asks us about accounts: whose address a request comes from, and where a person goes after signing in."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.utils import get_next_redirect_url
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from companies.models import User
from qinqing.kernel.web.rate_limit import visitor_address

# Where a server listens on a socket of the machine itself, a request has no address.
NO_ADDRESS = "0.0.0.0"  # noqa: S104 - nothing listens here


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Our answers to allauth's questions about accounts."""

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address by which we count visitors everywhere."""
        return visitor_address(request) or NO_ADDRESS

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count nothing here: django-axes and our own throttles count, and a right password never counts."""

    def post_login(self, request: HttpRequest, user: User, **asked: Any) -> HttpResponse:
        """Lead on to the page that was asked for, if the account may open it."""
        address = asked.pop("redirect_url") or get_next_redirect_url(request) or ""
        redirect_url = address_after_sign_in(asked=address, user=user)
        response: HttpResponse = super().post_login(request, user, redirect_url=redirect_url, **asked)
        return response


def address_after_sign_in(*, asked: str, user: User | AnonymousUser) -> str:
    """The address that was asked for; the user's own desk, if the user may not open it or it is the sign-in itself."""
    path = urlsplit(asked).path
    is_closed = user.is_authenticated and not user.is_staff and path.startswith(reverse("admin:index"))
    return reverse("desk") if not asked or is_closed or path == reverse("sign-in") else asked
