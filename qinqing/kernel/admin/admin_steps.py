"""Steps that one page of the admin offers and another page takes."""

from __future__ import annotations

from django.http import HttpRequest

# The endings of the addresses to which the admin sends its own forms; such a form takes no step.
_FORMS = ("_add", "_change", "_changelist")


def is_pressed(request: HttpRequest) -> bool:
    """
    Whether the request takes a step, rather than asks which steps the page offers.

    If the step is not possible any more, for example after a second click, its operation says why. An official who may
    take the step would otherwise read that the page is closed to them.
    """
    page = request.resolver_match.url_name if request.resolver_match else None
    return request.method == "POST" and page is not None and not page.endswith(_FORMS)
