"""How a refusal is answered that no view caught: its status, and JSON for a machine."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from rest_framework.response import Response
from rest_framework.views import exception_handler

from qinqing.kernel.refusals import NotAllowed, NotFound, Refusal


def status_of(refusal: Refusal) -> HTTPStatus:
    """What HTTP calls the refusal; one that is about the state of things is a conflict with it."""
    if isinstance(refusal, NotFound):
        return HTTPStatus.NOT_FOUND
    return HTTPStatus.FORBIDDEN if isinstance(refusal, NotAllowed) else HTTPStatus.CONFLICT


def answer_in_json(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Answer what a view of the API raised; None for what is no refusal and no error of the framework's own."""
    if isinstance(error, Refusal):
        return Response({"detail": str(error)}, status=status_of(error))
    return exception_handler(error, dict(context))
