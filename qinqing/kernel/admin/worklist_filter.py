"""The lists behind the numbers of the start page: the query that counts the rows also filters the list."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy

PARAMETER = "waits"


class WaitsForYou(admin.SimpleListFilter):
    """Filters a list to the rows that a work item counts for the official who looks."""

    title = gettext_lazy("waits for you")
    parameter_name = PARAMETER

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The work items whose rows stand in this list and whose permission the official has."""
        user: Any = request.user
        return [
            (item.name, str(item.title)) for item in _work_items(model_admin.model) if user.has_perm(item.permission)
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows of the chosen work item."""
        chosen = next((item for item in _work_items(queryset.model) if item.name == self.value()), None)
        if chosen is None:
            return queryset
        return queryset.filter(pk__in=chosen.find_rows(request.user, timezone.now()).order_by().values("pk"))


def _work_items(model: Any) -> list[Any]:
    # The site lists all work items and imports the apps, so a list of an app finds its items through the settings.
    url_name = f"{model._meta.app_label}_{model._meta.model_name}_changelist"
    return [item for item in import_string(settings.WORK_ITEMS) if item.name and item.url_name == url_name]
