"""Read-only pages and inlines of the admin."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline

from companies.people.scope import is_declared, narrow
from qinqing.kernel.admin.keyset import KeysetLists
from qinqing.kernel.admin.read_only import ReadingAdmin


class GrowingAdmin(KeysetLists, ReadingAdmin):
    """A table that deliveries fill, and that grows with the city."""


class ReadingInline(TabularInline):
    """Rows of another table, for reading."""

    extra = 0
    can_delete = False
    hide_title = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows within the official's scope."""
        rows: QuerySet[Any] = super().get_queryset(request)
        return narrow(rows, user=request.user) if is_declared(self.model) else rows

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Deliveries add rows."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Deliveries change rows."""
        return False
