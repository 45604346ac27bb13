"""Steps that are offered on one page of the admin and taken on another."""

from __future__ import annotations

from django.http import HttpRequest

# Where the admin's own forms lie; they are sent there too, and no step is taken by that.
_FORMS = ("_add", "_change", "_changelist")


def is_pressed(request: HttpRequest) -> bool:
    """
    Whether a step is taken, and not only offered.

    Where it cannot be taken any more, as when it was pressed twice, its operation says why; who may take it at all is
    not told that the page is closed to him.
    """
    page = request.resolver_match.url_name if request.resolver_match else None
    return request.method == "POST" and page is not None and not page.endswith(_FORMS)
