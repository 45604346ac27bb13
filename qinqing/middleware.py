"""What differs between the portal and the officials' admin."""

from __future__ import annotations

from collections.abc import Callable

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponseBase

ADMIN = "/admin/"
# The admin theme evaluates the expressions of its templates and sets styles from scripts; the portal does neither.
ADMIN_POLICY = {"script-src": "'unsafe-eval'", "style-src": "'unsafe-inline'"}

View = Callable[[HttpRequest], HttpResponseBase]


def admin_content_policy(get_response: View) -> View:
    """Loosen the Content-Security-Policy for the admin, and for nothing else."""
    loosened = csp_update(ADMIN_POLICY)(get_response)

    def middleware(request: HttpRequest) -> HttpResponseBase:
        return (loosened if request.path.startswith(ADMIN) else get_response)(request)

    return middleware
