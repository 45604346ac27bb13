"""The lists behind the numbers of the start page: the same question that counts the rows filters them."""

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
    """The rows of a list that a duty counts, for the official who looks."""

    title = gettext_lazy("waits for you")
    parameter_name = PARAMETER

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The duties that have their rows in this list and that the official has."""
        user: Any = request.user
        return [(duty.name, str(duty.title)) for duty in _duties(model_admin.model) if user.has_perm(duty.right)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows of one duty."""
        asked = next((duty for duty in _duties(queryset.model) if duty.name == self.value()), None)
        if asked is None:
            return queryset
        return queryset.filter(pk__in=asked.found(request.user, timezone.now()).order_by().values("pk"))


def _duties(model: Any) -> list[Any]:
    # The site knows all duties and imports the apps; so the apps' lists find them by their address.
    place = f"{model._meta.app_label}_{model._meta.model_name}_changelist"
    return [duty for duty in import_string(settings.DUTIES) if duty.name and duty.place == place]
