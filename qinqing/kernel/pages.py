"""What a page needs to know of how it was asked for."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a piece of a page rather than a browser for the whole of it."""
    return request.headers.get("HX-Request") == "true"


def sender_address(request: HttpRequest) -> str:
    """
    The address a request came from, for limits.

    In production every request comes through the proxy that ends TLS, which writes its client last; what stands
    before that was written by the client itself.
    """
    forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", "")) if settings.IS_PRODUCTION else ""
    return forwarded.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR", ""))
