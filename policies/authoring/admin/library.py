"""The library of conditions that many policies share, in the admin."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.views import ChangeList

from policies.authoring.admin.forms import refusal_error, rule_widget
from policies.authoring.library import check_library_clause, drafts_by_clause, drafts_that_mention
from policies.editor.admin.editor import vocabulary_context
from policies.models import NamedClause
from policies.rules.rules import RuleRefused
from qinqing.kernel.admin.model_admin import ModelAdmin


class NamedClauseForm(forms.ModelForm):  # type: ignore[type-arg]
    """A condition with the names by which rules call it; it has to be a condition for at least one kind of subject."""

    class Meta:
        model = NamedClause
        fields = ("name", "name_zh", "title_zh", "title_en", "feel")
        widgets = {"feel": rule_widget(rows=3)}

    def clean(self) -> dict[str, Any]:
        """Check the condition with its names, and check the drafts that call it."""
        given: dict[str, Any] = super().clean() or {}
        if self.errors:
            return given
        try:
            check_library_clause(clause=NamedClause(pk=self.instance.pk, **given))
        except RuleRefused as refused:
            self.add_error("feel", refusal_error(refused))
        if self.instance.pk and (renamed := [name for name in ("name", "name_zh") if name in self.changed_data]):
            self._keep_called(NamedClause.objects.get(pk=self.instance.pk), renamed)
        return given

    def _keep_called(self, before: NamedClause, renamed: Sequence[str]) -> None:
        drafts = drafts_that_mention(clause=before)
        for name in renamed if drafts else ():
            named = {"drafts": ", ".join(str(draft) for draft in drafts)}
            self.add_error(name, _("%(drafts)s call it by its old name; change them first.") % named)


class Library(ChangeList):
    """A page of clauses; the drafts that call them are read by one query."""

    result_list: Iterable[NamedClause]

    def get_results(self, request: HttpRequest) -> None:
        """Find the page's clauses, then the drafts."""
        super().get_results(request)
        clauses = list(self.result_list)
        drafts = drafts_by_clause(clauses=clauses)
        for clause in clauses:
            clause.drafts = drafts[clause.pk]  # type: ignore[attr-defined]
        self.result_list = clauses


@admin.register(NamedClause)
class NamedClauseAdmin(ModelAdmin):
    """A condition that many policies share; drafts use its newest text, published versions keep their own copy."""

    form = NamedClauseForm
    list_display = ("name", "name_zh", "title_zh", "title_en", "used_by")
    search_fields = ("name", "name_zh", "title_zh", "title_en", "feel")
    ordering = ("name",)
    readonly_fields = ("used_by",)

    change_form_outer_after_template = "admin/policies/vocabulary.html"

    class Media:
        css = {"all": ("qinqing/editor.css",)}
        js = ("qinqing/suggest.js", "qinqing/desk.js")

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the form with the list of facts beside it."""
        context = {**vocabulary_context(None, query="?library=1"), **(extra_context or {})}
        response: HttpResponse = super().changeform_view(request, object_id, form_url, context)
        return response

    @admin.display(description=gettext_lazy("drafts that use it"))
    def used_by(self, clause: NamedClause) -> str:
        """The drafts that would change with the clause."""
        drafts = clause.drafts if hasattr(clause, "drafts") else drafts_that_mention(clause=clause)
        return ", ".join(str(draft) for draft in drafts) or "—"

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[Library]:
        """The list that knows the drafts of each clause."""
        return Library

    def has_delete_permission(self, request: HttpRequest, obj: NamedClause | None = None) -> bool:
        """Only a clause that no draft uses can be deleted, and only one at a time."""
        may: bool = super().has_delete_permission(request, obj)
        return may and obj is not None and not drafts_that_mention(clause=obj)
