"""Read-only pages and inlines of the admin."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from unfold.admin import TabularInline

from qinqing.kernel.admin.keyset import KeysetLists
from qinqing.kernel.admin.read_only import ReadingAdmin


class GrowingAdmin(KeysetLists, ReadingAdmin):
    """A table that deliveries fill, and that grows with the city."""


class ReadingInline(TabularInline):
    """Rows of another table, for reading."""

    extra = 0
    can_delete = False
    hide_title = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Deliveries add rows."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Deliveries change rows."""
        return False
