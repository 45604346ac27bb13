"""Datasets in the desk: the contract of each, its versions and its rows."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display

from companies.contracts.admin.declaring import MAY_DECLARE, DeclarePages
from companies.contracts.admin.describe import describe_contract
from companies.contracts.admin.dictionary import DictionaryPages
from companies.contracts.admin.rows import MAY_READ_ROWS, RowPages
from companies.contracts.admin.words import ABSENCES
from companies.contracts.change import list_reliances, propose_retirement
from companies.contracts.declare import may_declare
from companies.contracts.departments import department_name
from companies.contracts.read import read_contract
from companies.models import DatasetContract
from companies.people.permissions import signed_in
from companies.people.scope import narrow
from qinqing.kernel.admin.confirmed_steps import Outcome, Step, StepPages, make_reason_form
from qinqing.kernel.admin.read_only import ReadingAdmin
from qinqing.kernel.labels import Colours
from qinqing.kernel.text import Bilingual


@admin.register(DatasetContract)
class ContractAdmin(RowPages, DeclarePages, DictionaryPages, StepPages, ReadingAdmin):
    """The datasets, each with its contract in force."""

    list_display = ("title", "department", "version", "column_count", "freshness", "state", "declared_at")
    search_fields = ("name", "text")
    ordering = ("name",)
    fieldsets = (
        (None, {"fields": (("title", "version"), ("department", "absence", "freshness"), "unread")}),
        (gettext_lazy("Declared"), {"fields": (("declared_by", "declared_at"), "sha256", "retired_at")}),
    )
    readonly_fields = ("title", "department", "absence", "freshness", "unread")
    change_form_outer_after_template = "admin/companies/contract.html"
    actions_list = ("declare", "dictionary")
    actions_detail = ("show_rows", "download", "write_next", "retire")

    def get_queryset(self, request: HttpRequest) -> QuerySet[DatasetContract]:
        """The contracts within the person's scope, of which the list shows the newest of each name."""
        rows = narrow(super().get_queryset(request), user=request.user).select_related("declared_by")
        if request.resolver_match and str(request.resolver_match.url_name).endswith("_changelist"):
            newest = DatasetContract.objects.values("name").annotate(newest=Max("pk")).values("newest")
            return rows.filter(pk__in=newest)
        return rows

    @display(description=gettext_lazy("dataset"), ordering="name")
    def title(self, row: DatasetContract) -> str:
        """The name for people, and the one in rules."""
        word = read_contract(row.text).word
        return f"{Bilingual(word.zh, word.en)} · {row.name}"

    @display(description=gettext_lazy("department"))
    def department(self, row: DatasetContract) -> str:
        """Who delivers it."""
        return str(department_name(read_contract(row.text).department))

    @display(description=gettext_lazy("columns"))
    def column_count(self, row: DatasetContract) -> int:
        """The number of columns that a file has."""
        return len(read_contract(row.text).delivered)

    @display(description=gettext_lazy("counts for"))
    def freshness(self, row: DatasetContract) -> str:
        """For how many days the data counts."""
        days = read_contract(row.text).freshness_days
        return _("{days} days").format(days=days) if days else _("always; it is history")

    @display(description=gettext_lazy("a missing row"))
    def absence(self, row: DatasetContract) -> str:
        """What it means that there is no row about somebody."""
        return str(ABSENCES[read_contract(row.text).absence])

    @display(description=gettext_lazy("kept and not used"))
    def unread(self, row: DatasetContract) -> str:
        """What the contract says beside what the platform reads."""
        return ", ".join(read_contract(row.text).unread) or "—"

    @display(description=gettext_lazy("state"), label=Colours({"in force": "success", "retired": "warning"}))
    def state(self, row: DatasetContract) -> tuple[str, str]:
        """Whether it is delivered."""
        return ("retired", _("retired")) if row.retired_at else ("in force", _("in force"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The contract with its columns, its versions and what relies on it."""
        row = self.get_object(request, object_id)
        shown = _describe(row) if row else {}
        answer: HttpResponse = super().change_view(request, object_id, form_url, (extra_context or {}) | shown)
        return answer

    def has_show_rows_permission(self, request: HttpRequest, _object_id: int | str | None = None) -> bool:
        """Whoever may see rows of datasets."""
        return request.user.has_perm(MAY_READ_ROWS)

    @action(description=gettext_lazy("See the rows"), url_path="rows", permissions=["show_rows"])
    def show_rows(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Lead to the rows of the dataset."""
        row = self._find(request, object_id)
        return redirect("admin:companies_datasetcontract_rows", row.name)

    @action(description=gettext_lazy("Contract as a file"), url_path="contract.yaml", permissions=["view"])
    def download(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The contract as it was declared, as YAML."""
        row = self._find(request, object_id)
        headers = {"Content-Disposition": f'attachment; filename="{row.name}-{row.version}.yaml"'}
        return HttpResponse(row.text, content_type="application/yaml; charset=utf-8", headers=headers)

    @action(description=gettext_lazy("Write the next version"), url_path="next", permissions=["retire"])
    def write_next(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Lead to the form with the contract filled in."""
        row = self._find(request, object_id)
        return redirect(f"{reverse('admin:companies_datasetcontract_declare')}?of={row.pk}")

    def has_retire_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """A person of the dataset's department proposes to retire it, once."""
        may = request.user.has_perm(MAY_DECLARE)
        row = DatasetContract.objects.filter(pk=object_id, retired_at=None).first() if object_id else None
        return may and row is not None and _is_own(row, request)

    @action(description=gettext_lazy("Propose to retire it"), url_path="retire", permissions=["retire"])
    def retire(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Propose to retire the dataset."""
        row = self._find(request, object_id)

        def run(given: dict[str, Any]) -> Outcome:
            actor = signed_in(request)
            propose_retirement(name=row.name, because=given["because"], actor=actor, now=timezone.now())
            return Outcome(row, _("A colleague has to confirm that %(name)s is retired.") % {"name": row.name})

        reliances = list_reliances(contract=read_contract(row.text))
        step = Step(
            verb=_("Propose to retire it"),
            consequences=[
                _("Nobody delivers the dataset any more, and no new rule mentions it; its rows stay."),
                _("A colleague of your department has to confirm it."),
                *(_("%(name)s mentions it.") % {"name": each.name} for each in reliances),
            ],
            run=run,
            back=reverse("admin:companies_datasetcontract_change", args=[row.pk]),
            is_confirmed=request.method == "POST",
            form=make_reason_form(_("Why?")),
            subject=str(row),
        )
        return self.confirmed(request, step)

    def _find(self, request: HttpRequest, object_id: int) -> DatasetContract:
        return get_object_or_404(self.get_queryset(request), pk=object_id)


def _is_own(row: DatasetContract, request: HttpRequest) -> bool:
    return may_declare(department=read_contract(row.text).department, actor=signed_in(request))


def _describe(row: DatasetContract) -> dict[str, Any]:
    """What the page shows below the contract's terms."""
    contract = read_contract(row.text)
    versions = DatasetContract.objects.filter(name=row.name).select_related("declared_by").order_by("-pk")
    return {
        **describe_contract(contract),
        "versions": versions,
        "reliances": list_reliances(contract=contract),
    }
