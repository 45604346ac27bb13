"""The base of every page of the admin: its list answers each address, whatever lookups stand in it."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import FieldDoesNotExist
from django.db.models import BinaryField, Model, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest
from unfold.admin import ModelAdmin as ThemedAdmin

from qinqing.kernel.admin.changed_values import add_values
from qinqing.kernel.official_scope import scope

# PostgreSQL answers these for any value of the right type. A text may be no regular expression, and
# similarity needs an extension.
_LOOKUPS = frozenset(
    [
        "exact",
        "iexact",
        "in",
        "isnull",
        "isempty",
        "gt",
        "gte",
        "lt",
        "lte",
        "contains",
        "icontains",
        "startswith",
        "istartswith",
        "endswith",
        "iendswith",
        "date",
        "year",
        "month",
        "day",
    ]
)


class ModelAdmin(ThemedAdmin):
    """
    Rows of which each official sees those within the official's scope.

    The list refuses the lookups that the database cannot answer.
    """

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows within the official's scope, for lists, pages, searches and choices alike."""
        rows: QuerySet[Any] = scope().narrow(super().get_queryset(request), user=request.user)
        return rows

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether menus show the model; not to officials of whose scope no row can be."""
        return not scope().is_closed(self.model, user=request.user) and bool(super().has_module_permission(request))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Offer the rows within the official's scope."""
        field = super().formfield_for_foreignkey(db_field, request, **options)
        if field is not None and scope().is_declared(field.queryset.model):
            field.queryset = scope().narrow(field.queryset, user=request.user)
        return field

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Whether the address of the list may hold the lookup; Django answers 400 to one that it may not hold."""
        return _is_answerable(self.model, lookup) and bool(super().lookup_allowed(lookup, value, request))

    def construct_change_message(
        self,
        request: HttpRequest,
        form: Any,
        formsets: Any,
        add: bool = False,  # noqa: FBT001, FBT002 - Django's signature
    ) -> Any:
        """The record of what a form changed, with the values before and after."""
        return add_values(super().construct_change_message(request, form, formsets, add), form, formsets)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """
        Make the list.

        Raises:
            IncorrectLookupParameters: a value in the address is not one of the field's, such as the year 99999; Django
                then shows the list without filters.
        """
        try:
            return super().get_changelist_instance(request)
        except (ValueError, OverflowError) as fault:
            raise IncorrectLookupParameters(fault) from fault


def _is_answerable(model: type[Model], lookup: str) -> bool:
    """Follow the fields that a lookup names to its comparison; a binary column has none."""
    parts = lookup.split(LOOKUP_SEP)
    if parts[0] not in {"pk", *(field.name for field in model._meta.get_fields())}:
        # A list's own filter reads this parameter, or Django says that there is no such field.
        return True
    while parts:
        try:
            field = model._meta.pk if parts[0] == "pk" else model._meta.get_field(parts[0])
        except FieldDoesNotExist:
            break
        if isinstance(field, BinaryField):
            return False
        parts.pop(0)
        related = getattr(field, "related_model", None)
        if related is None or isinstance(related, str):
            break
        model = related
    return _LOOKUPS.issuperset(parts)
