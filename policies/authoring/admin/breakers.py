"""The thresholds at which the platform pauses a policy by itself, in the admin."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from policies.models import Breaker
from qinqing.kernel.admin.model_admin import ModelAdmin


@admin.register(Breaker)
class BreakerAdmin(ModelAdmin):
    """The thresholds of one policy, or the row for all policies without thresholds of their own."""

    list_display = (
        "__str__",
        "refused_count",
        "refused_percent",
        "refused_minutes",
        "payees_per_account",
        "stops_when_stale",
    )
    fields = (
        "policy",
        ("refused_count", "refused_percent", "refused_minutes"),
        "payees_per_account",
        "stops_when_stale",
    )
    autocomplete_fields = ("policy",)
    list_select_related = ("policy",)
    ordering = ("policy__code", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Breaker]:
        """All thresholds."""
        breakers: QuerySet[Breaker] = super().get_queryset(request)
        return breakers
