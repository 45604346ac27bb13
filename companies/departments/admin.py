"""The departments: read here, and added or renamed by proposal."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextInputWidget

from companies.contracts.registry import contracts
from companies.departments.propose import propose_department, propose_names
from companies.models import Department
from companies.people.permissions import signed_in
from qinqing.kernel.admin.confirmed_steps import Step, StepPages
from qinqing.kernel.admin.read_only import ReadingAdmin
from qinqing.kernel.web.step_up import require_fresh_second_factor_in_admin
from qinqing.proposals.proposing_admin import WhyFields

MAY_PROPOSE = "companies.add_department"
_WAITS = gettext_lazy("Nothing changes before another security administrator has confirmed it.")
_PROPOSED = gettext_lazy("Proposed; another security administrator has to confirm it.")


class NamesForm(WhyFields):
    """How a department is called."""

    name_zh = forms.CharField(
        label=gettext_lazy("Chinese name"), max_length=40, widget=UnfoldAdminTextInputWidget(attrs={"lang": "zh"})
    )
    name_en = forms.CharField(
        label=gettext_lazy("English name"), max_length=60, widget=UnfoldAdminTextInputWidget(attrs={"lang": "en"})
    )

    field_order: tuple[str, ...] = ("name_zh", "name_en", "because")


class DepartmentForm(NamesForm):
    """A department that the platform does not know yet."""

    code = forms.RegexField(
        label=gettext_lazy("code"),
        regex=r"^[a-z][a-z0-9_]{1,19}\Z",
        widget=UnfoldAdminTextInputWidget(attrs={"spellcheck": "false", "autocapitalize": "off"}),
        help_text=gettext_lazy("Small letters, digits and underscores, such as “transport”; it never changes."),
        error_messages={"invalid": gettext_lazy("Write 2 to 20 small letters, digits and underscores: “transport”.")},
    )

    field_order = ("code", "name_zh", "name_en", "because")


@admin.register(Department)
class DepartmentAdmin(StepPages, ReadingAdmin):
    """The departments, with the datasets that each declares."""

    list_display = ("__str__", "code", "datasets", "added_at")
    search_fields = ("code", "name_zh", "name_en")
    ordering = ("code",)
    fieldsets = ((None, {"fields": (("name_zh", "name_en"), ("code", "datasets"), ("added_at", "added_by"))}),)
    readonly_fields = ("datasets",)
    actions_detail = ("propose_names",)

    @admin.display(description=gettext_lazy("datasets"))
    def datasets(self, department: Department) -> str:
        """The datasets in force that are the department's, by their names."""
        own = [str(each.word) for each in contracts().values() if each.department == department.code]
        return pgettext("between words of a list", ", ").join(own) or "–"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Security administrators propose departments."""
        return request.user.has_perm(MAY_PROPOSE)

    def has_rename_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """They propose other names as well."""
        return request.user.has_perm(MAY_PROPOSE)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """Propose a department."""
        if self.has_add_permission(request):
            return self._propose_department(request)
        # Django's own page of a new row refuses.
        refused: HttpResponse = super().add_view(request, form_url, extra_context)
        return refused

    @require_fresh_second_factor_in_admin
    def _propose_department(self, request: HttpRequest) -> HttpResponse:
        def run(given: dict[str, Any]) -> str:
            propose_department(**given, actor=signed_in(request), now=timezone.now())
            return str(_PROPOSED)

        step = Step(
            verb=_("Propose a department"),
            consequences=[
                _("It can be in charge of policies and declare datasets; give its people their accounts next."),
                str(_WAITS),
            ],
            run=run,
            back=reverse("admin:companies_department_changelist"),
            is_confirmed=request.method == "POST",
            form=DepartmentForm,
        )
        return self.confirmed(request, step)

    @action(description=gettext_lazy("Propose other names"), url_path="propose-names", permissions=["rename"])
    @require_fresh_second_factor_in_admin
    def propose_names(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Propose other names for a department."""
        department = get_object_or_404(Department, pk=object_id)

        def run(given: dict[str, Any]) -> str:
            propose_names(department=department, **given, actor=signed_in(request), now=timezone.now())
            return str(_PROPOSED)

        step = Step(
            verb=_("Propose other names"),
            consequences=[_("All pages call the department by its new name; its code stays."), str(_WAITS)],
            run=run,
            back=reverse("admin:companies_department_change", args=[department.pk]),
            is_confirmed=request.method == "POST",
            form=NamesForm,
            subject=str(department),
        )
        return self.confirmed(request, step)
