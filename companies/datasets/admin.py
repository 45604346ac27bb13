"""The rows of every dataset in the admin, for reading."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import BooleanField
from django.http import HttpRequest
from django.utils.functional import lazystr

from companies.datasets.base import DatasetRow, PersonRow
from companies.datasets.facts import dataset_models
from companies.read_only_admin import GrowingAdmin
from qinqing.kernel.text import Bilingual


class DatasetAdmin(GrowingAdmin):
    """The rows of one dataset; they are found by the company's credit code or the person's name."""

    list_per_page = 50

    def __init__(self, model: type[DatasetRow], site: admin.AdminSite) -> None:
        is_about_people = issubclass(model, PersonRow)
        subject = "employee" if is_about_people else "company"
        named = [field.name for field in model._meta.concrete_fields if field.name not in ("id", "delivery", subject)]
        self.list_display = tuple(_column(model, name) for name in (subject, *named, "delivery"))
        related = [field.name for field in model._meta.concrete_fields if field.is_relation]
        self.list_select_related = tuple(related)
        self.search_fields = ("employee__name__startswith",) if is_about_people else ("=company__credit_code",)
        super().__init__(model, site)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Allow the lookup by company, because a company's page links to its rows."""
        return lookup == "company__id__exact" or bool(super().lookup_allowed(lookup, value, request))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Hide the table from the menu, which so many tables would crowd; a company's page links to its rows."""
        return False


def _column(model: type[DatasetRow], name: str) -> Any:
    """A column under the name that the dataset gives it, or under the name of the row that it refers to."""
    field = model._meta.get_field(name)
    title = _title(model, field)
    if title is None:
        return name

    @admin.display(description=title, ordering=name, boolean=isinstance(field, BooleanField))
    def shown(row: DatasetRow) -> Any:
        value = getattr(row, f"get_{name}_display")() if getattr(field, "choices", None) else getattr(row, name)
        # The admin would write a year with a thousands separator.
        return str(value) if name == "year" else value

    return shown


def _title(model: type[DatasetRow], field: Any) -> Any:
    if field.is_relation:
        return field.related_model._meta.verbose_name
    word = model.dataset.words.get(field.name.removesuffix("_cny"))
    return lazystr(Bilingual(word.zh, word.en)) if word else None


for dataset_model in dataset_models().values():
    admin.site.register(dataset_model, DatasetAdmin)
