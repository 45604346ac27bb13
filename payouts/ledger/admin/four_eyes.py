"""The base of admins in which one person enters a row, and another approves it or turns it down."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from companies.people.permissions import signed_in
from payouts.recovery.admin import SteppedAdmin
from qinqing.kernel.admin.admin_steps import is_pressed


class FourEyesAdmin(SteppedAdmin):
    """Rows that one person enters and another approves; both may turn a row down."""

    author_field: str

    def may_decide(self, request: HttpRequest, object_id: int | str | None) -> bool:
        """Whether the user is of finance, and another person entered the row."""
        others = self._find_waiting(request, object_id).exclude(**{self.author_field: signed_in(request)})
        return self.may(request, "change") and (object_id is None or others.exists())

    def has_turn_down_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Finance turns a row down, also the person who entered it."""
        waiting = self._find_waiting(request, object_id)
        return self.may(request, "change") and (object_id is None or waiting.exists())

    def _find_waiting(self, request: HttpRequest, object_id: int | str | None) -> QuerySet[Any]:
        undecided = {} if is_pressed(request) else {"decision": ""}
        waiting: QuerySet[Any] = self.model._default_manager.filter(pk=object_id or 0, **undecided)
        return waiting
