"""Pages of the admin that only show."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse

from qinqing.kernel.admin.model_admin import ModelAdmin


class FramedAdmin(ModelAdmin):
    """Rows with pages of their own inside the admin's frame."""

    def page(self, request: HttpRequest, template: str, title: str, context: dict[str, Any]) -> TemplateResponse:
        """A page of its own inside the admin's frame."""
        frame = {**self.admin_site.each_context(request), "opts": self.model._meta, "media": self.media}
        return TemplateResponse(request, template, {**frame, "title": title, **context})


class ReadingAdmin(FramedAdmin):
    """Rows that deliveries and operations write, and nobody by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes."""
        return False
