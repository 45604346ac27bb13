"""The manual on the deliveries' pages: the age of each dataset, its columns, and an empty template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
from django.views.decorators.http import require_safe

from companies.datasets.catalogue import unit_name
from companies.deliveries.access import datasets_open_to
from companies.deliveries.freshness import Age, DatasetAge, dataset_ages, find_newest_signers
from companies.deliveries.registry.columns import Column
from companies.deliveries.registry.targets import Deliverable
from companies.deliveries.signatures.words import describe_signer
from companies.models import DeliveryKey
from companies.people.permissions import signed_in
from qinqing.kernel.labels import Labelled
from qinqing.kernel.tables.written import csv_file
from qinqing.kernel.text import Bilingual

# The types of columns, by their names in the API.
KINDS: dict[str, Promise | str] = {
    "account number": pgettext_lazy("kind of value", "account number"),
    "choice": pgettext_lazy("kind of value", "one of"),
    "credit code": pgettext_lazy("kind of value", "credit code"),
    "date": pgettext_lazy("kind of value", "date"),
    "ID number": pgettext_lazy("kind of value", "ID number"),
    "number": pgettext_lazy("kind of value", "number"),
    "text": pgettext_lazy("kind of value", "text"),
    "whole number": pgettext_lazy("kind of value", "whole number"),
    "yes or no": pgettext_lazy("kind of value", "yes or no"),
}
COLOURS = {Age.FRESH: "good", Age.SOON: "soon", Age.STALE: "bad", Age.MISSING: "bad", Age.HISTORY: "good"}


@dataclass(frozen=True, slots=True)
class ColumnShown:
    """A column in the manual; `options` are the words that a column of choices may hold."""

    title: str
    other_title: str
    kind: Promise | str
    options: str
    unit: str
    example: str
    is_required: bool
    may_be_left_out: bool


@dataclass(frozen=True, slots=True)
class DatasetShown:
    """A dataset in the manual: age and signature of its newest data, its columns, and the address of its template."""

    title: str
    ageing: DatasetAge
    age: Labelled
    signed: str
    columns: tuple[ColumnShown, ...]
    template: str


class ManualPages:
    """A mixin of the deliveries' admin: the manual of the datasets."""

    change_form_outer_after_template = "admin/companies/datasets.html"

    def get_urls(self) -> list[URLPattern]:
        """The addresses of the templates, before the addresses of single deliveries."""
        view = self.admin_site.admin_view(require_safe(self.template))  # type: ignore[attr-defined]
        own = path("template/<str:dataset>/", view, name="companies_delivery_template")
        return [own, *super().get_urls()]  # type: ignore[misc]

    def template(self, request: HttpRequest, dataset: str) -> HttpResponseBase:
        """An empty CSV file with the titles of the columns, in the reader's language."""
        deliverable = datasets_open_to(user=signed_in(request)).get(dataset)
        if deliverable is None or not self.has_add_permission(request):  # type: ignore[attr-defined]
            raise Http404
        return csv_file(name=f"{dataset}.csv", rows=[[_titles(column)[0] for column in deliverable.columns]])

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The form with the manual below it, and a single button, which delivers."""
        buttons = {"show_save_and_add_another": False, "show_save_and_continue": False}
        found = dataset_ages(user=signed_in(request), today=timezone.localdate())
        signers = find_newest_signers()
        # The name “datasets” in the context belongs to the admin theme.
        shown = {"manual": [_describe_dataset(each, signers) for each in found]}
        context = (extra_context or {}) | buttons | shown
        answer: HttpResponse = super().add_view(request, form_url, context)  # type: ignore[misc]
        return answer


def _describe_dataset(found: DatasetAge, signers: Mapping[str, DeliveryKey | None]) -> DatasetShown:
    deliverable: Deliverable = found.deliverable
    return DatasetShown(
        title=f"{Bilingual(deliverable.word.zh, deliverable.word.en)} · {deliverable.name}",
        ageing=found,
        age=Labelled(COLOURS[found.age], str(found.age.label)),
        signed=describe_signer(signers[deliverable.name]) if deliverable.name in signers else "",
        columns=tuple(_describe_column(column) for column in deliverable.columns),
        template=reverse("admin:companies_delivery_template", args=[deliverable.name]),
    )


def _describe_column(column: Column) -> ColumnShown:
    title, other = _titles(column)
    return ColumnShown(
        title=title,
        other_title=other,
        kind=KINDS[column.kind.type],
        options=", ".join(getattr(column.kind, "options", ())),
        unit=str(unit_name(column.word.unit)),
        example=column.kind.example(),
        is_required=column.is_required,
        may_be_left_out=column.may_be_left_out,
    )


def _titles(column: Column) -> tuple[str, str]:
    """The title of a column in the reader's language, and the title in the other; a file may use either."""
    is_english = (get_language() or "").startswith("en")
    return (column.name, column.word.zh) if is_english else (column.word.zh, column.name)
