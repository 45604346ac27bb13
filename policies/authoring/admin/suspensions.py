"""The suspensions of versions, for reading: why each was suspended, and who lifted it."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from policies.models import Suspension
from qinqing.kernel.admin.model_admin import ModelAdmin


@admin.register(Suspension)
class SuspensionAdmin(ModelAdmin):
    """The suspensions, the newest first; officers suspend and lift on the version's own page."""

    list_display = ("version", "kind", "why", "suspended_at", "suspended_by", "lifted_at", "lifted_by")
    list_filter = ("kind", ("lifted_at", admin.EmptyFieldListFilter))
    search_fields = ("version__policy__code", "reason", "reason_en", "lifted_because")
    list_select_related = ("version__policy", "suspended_by", "lifted_by")
    ordering = ("-suspended_at", "-pk")
    fields = ("version", "kind", "why", "suspended_at", "suspended_by", "lifted_at", "lifted_by", "lifted_because")
    readonly_fields = ("why",)

    @admin.display(description=gettext_lazy("reason"), ordering="reason")
    def why(self, suspension: Suspension) -> str:
        """The reason in the reader's language."""
        return str(suspension.why)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """An officer suspends a version on its own page; the platform suspends by itself."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Suspension | None = None) -> bool:
        """A suspension is a record; it can only be read."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Suspension | None = None) -> bool:
        """A suspension is a record; it stays."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Suspension]:
        """All suspensions."""
        suspensions: QuerySet[Suspension] = super().get_queryset(request)
        return suspensions
