"""Pages and inlines that only show."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline


class ReadingAdmin(ModelAdmin):
    """A table that the departments' deliveries write, and nobody else."""

    # Counting a table of millions for each page of a search says nothing that anybody needs.
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Rows come by delivery."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows change by delivery."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows stay."""
        return False


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
