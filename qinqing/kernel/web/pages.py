"""What a page needs to know of how it was asked for."""

from __future__ import annotations

from django.http import HttpRequest


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a piece of a page rather than a browser for the whole of it."""
    return request.headers.get("HX-Request") == "true"
