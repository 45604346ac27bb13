"""What the pages share on which one person decides what another has written down."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from companies.people.permissions import signed_in
from payouts.recovery.admin import SteppedAdmin
from qinqing.kernel.admin.admin_steps import is_pressed


class DecidedByAnother(SteppedAdmin):
    """Rows of money that one person writes down, and another approves or either turns down."""

    written_by: str

    def may_decide(self, request: HttpRequest, object_id: int | str | None) -> bool:
        """Whether this is finance, and somebody else has written the row down."""
        others = self._waiting(request, object_id).exclude(**{self.written_by: signed_in(request)})
        return self.may(request, "change") and (object_id is None or others.exists())

    def has_turn_down_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Whoever wrote it down may take it back, too."""
        waiting = self._waiting(request, object_id)
        return self.may(request, "change") and (object_id is None or waiting.exists())

    def _waiting(self, request: HttpRequest, object_id: int | str | None) -> QuerySet[Any]:
        undecided = {} if is_pressed(request) else {"decision": ""}
        waiting: QuerySet[Any] = self.model._default_manager.filter(pk=object_id or 0, **undecided)
        return waiting
