"""Tells a page which kind of request it answers."""

from __future__ import annotations

from django.http import HttpRequest


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page, rather than a browser for the whole page."""
    return request.headers.get("HX-Request") == "true"
