"""Pages and inlines that only show."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from qinqing.kernel.keyset import KeysetLists


class ReadingAdmin(ModelAdmin):
    """A table that the departments' deliveries write, and nobody else."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Rows come by delivery."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows change by delivery."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows stay."""
        return False


class GrowingAdmin(KeysetLists, ReadingAdmin):
    """The same for a table that grows with the city."""


class ReadingInline(TabularInline):
    """Rows of another table, to be looked at."""

    extra = 0
    can_delete = False
    hide_title = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows come by delivery."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows change by delivery."""
        return False
