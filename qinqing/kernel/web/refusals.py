"""Answers a refusal that no view caught: its status, and JSON for a machine."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from rest_framework.response import Response
from rest_framework.views import exception_handler

from qinqing.kernel.refusals import NotAllowed, NotFound, Refusal


def status_of(refusal: Refusal) -> HTTPStatus:
    """The HTTP status of the refusal; one about the state of things is a conflict (409)."""
    if isinstance(refusal, NotFound):
        return HTTPStatus.NOT_FOUND
    return HTTPStatus.FORBIDDEN if isinstance(refusal, NotAllowed) else HTTPStatus.CONFLICT


def answer_in_json(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Answer an error that a view of the API raised; None if it is neither a refusal nor the framework's."""
    if isinstance(error, Refusal):
        return Response({"detail": str(error)}, status=status_of(error))
    return exception_handler(error, dict(context))
