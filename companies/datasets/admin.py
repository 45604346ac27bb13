"""The rows of every dataset, to be looked at."""

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
    """One dataset's rows; found by the company's credit code or the person's name."""

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
        """A company's page links to its rows."""
        return lookup == "company__id__exact" or bool(super().lookup_allowed(lookup, value, request))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """So many tables would crowd the menu; they are reached from the company and by their address."""
        return False


def _column(model: type[DatasetRow], name: str) -> Any:
    """A column under the dataset's own word for it, or under that of what it leads to; else under its name."""
    field = model._meta.get_field(name)
    title = _title(model, field)
    if title is None:
        return name

    @admin.display(description=title, ordering=name, boolean=isinstance(field, BooleanField))
    def shown(row: DatasetRow) -> Any:
        value = getattr(row, f"get_{name}_display")() if getattr(field, "choices", None) else getattr(row, name)
        # The admin would set off a year's thousands.
        return str(value) if name == "year" else value

    return shown


def _title(model: type[DatasetRow], field: Any) -> Any:
    if field.is_relation:
        return field.related_model._meta.verbose_name
    word = model.dataset.words.get(field.name.removesuffix("_cny"))
    return lazystr(Bilingual(word.zh, word.en)) if word else None


for dataset_model in dataset_models().values():
    admin.site.register(dataset_model, DatasetAdmin)
