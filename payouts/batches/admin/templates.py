"""The admin of layouts: of batch files, beside a live sample, and of replies. Drafts alone are edited."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.forms.models import BaseInlineFormSet, model_to_dict
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.admin import TabularInline

from payouts.batches.admin.layout_life import LayoutLifeAdmin, is_edited
from payouts.batches.layouts import build_layout
from payouts.batches.terms.lives import KINDS
from payouts.formats.exports.layout import Kind, LayoutRefused
from payouts.formats.exports.trial import render_sample
from payouts.models import BankTemplate, ReplyTemplate, TemplateColumn
from qinqing.kernel.admin.optimistic_lock import UnchangedForm
from qinqing.kernel.text import number


class ColumnFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    """The columns of a layout; before they are saved, the layout is tried on invented lines."""

    def clean(self) -> None:
        """Refuse a layout in which no batch could be written."""
        super().clean()
        if any(form.errors for form in self.forms) or not isinstance(self.instance, BankTemplate):
            return
        if self.instance.kind in Kind:
            try:
                render_sample(
                    build_layout(template=self.instance, columns=self.columns()), pattern=self.instance.batch_number
                )
            except LayoutRefused as refusal:
                raise forms.ValidationError(str(refusal)) from refusal

    def columns(self) -> list[TemplateColumn]:
        """The columns on the page, without those that are marked for deletion."""
        return [
            TemplateColumn(**{name: form.cleaned_data.get(name) for name in _COLUMN_FIELDS})
            for form in self.forms
            if form.cleaned_data.get("content") and not form.cleaned_data.get("DELETE")
        ]


_COLUMN_FIELDS = ("part", "position", "title", "content", "text", "longest")


class ColumnInline(TabularInline):
    """The cells of the head, of each line and of the foot."""

    model = TemplateColumn
    formset = ColumnFormSet
    fields = _COLUMN_FIELDS
    ordering = ("part", "position", "pk")
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: BankTemplate | None = None) -> bool:
        """A draft gets columns."""
        return is_edited(obj) and bool(super().has_add_permission(request, obj))

    def has_change_permission(self, request: HttpRequest, obj: BankTemplate | None = None) -> bool:
        """A draft changes its columns."""
        return is_edited(obj) and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: BankTemplate | None = None) -> bool:
        """A draft loses columns."""
        return is_edited(obj) and bool(super().has_delete_permission(request, obj))


class LayoutForm(UnchangedForm):
    """The form of a layout with its columns."""

    def saved_state(self, row: BankTemplate) -> Any:
        """The layout and its columns."""
        return [model_to_dict(each) for each in (row, *row.columns.order_by("pk"))]


@admin.register(BankTemplate)
class BankTemplateAdmin(LayoutLifeAdmin):
    """Layouts of batch files."""

    proposal_kind = KINDS[BankTemplate]
    form = LayoutForm
    inlines = (ColumnInline,)
    list_display = ("name", "status_shown", "kind", "encoding", "row_limit", "reason_from_cny")
    list_filter = ("status", "kind")
    search_fields = ("name",)
    ordering = ("name", "pk")
    change_form_before_template = "admin/_seen.html"
    change_form_outer_after_template = "admin/payouts/sample_frame.html"
    fieldsets = (
        (None, {"fields": (("status_shown", "copied_from"), "name", ("kind", "row_limit"), "batch_number")}),
        (
            gettext_lazy("Writing"),
            {
                "fields": (
                    "encoding",
                    ("delimiter", "line_end"),
                    ("amount_form", "date_form"),
                    ("has_titles", "is_guarded"),
                    "reason_from_cny",
                )
            },
        ),
    )

    class Media:
        js = ("qinqing/finance.js",)

    def get_urls(self) -> list[URLPattern]:
        """The address of the sample, before those of the admin."""
        sample = path("sample/", self.admin_site.admin_view(self.sample), name="payouts_banktemplate_sample")
        inherited: list[URLPattern] = super().get_urls()
        return [sample, *inherited]

    @method_decorator(require_POST)
    def sample(self, request: HttpRequest) -> HttpResponse:
        """Show what the layout on the page would write; nothing is stored."""
        if not (self.has_add_permission(request) or self.has_change_permission(request)):
            return HttpResponse(status=403)
        context: dict[str, Any] = {}
        form = self.get_form(request)(request.POST)
        form.full_clean()
        template = form.instance
        columns, faults = _read_columns(request)
        # The name does not matter for a sample; it only has to be new when the layout is saved.
        faults += [
            str(error) for name, errors in form.errors.items() if name not in ("name", "__all__") for error in errors
        ]
        if not faults:
            try:
                context["trial"] = render_sample(
                    build_layout(template=template, columns=columns), pattern=template.batch_number
                )
            except LayoutRefused as refusal:
                faults.append(str(refusal))
        return TemplateResponse(request, "admin/payouts/_sample.html", {**context, "faults": faults})


def _read_columns(request: HttpRequest) -> tuple[list[TemplateColumn], list[str]]:
    """Read the valid columns on the page, and a sentence for each fault of the others."""
    make = forms.modelform_factory(TemplateColumn, fields=_COLUMN_FIELDS)
    count = number(request.POST.get("columns-TOTAL_FORMS", "0")) or 0
    columns, faults = [], []
    for row in range(min(count, 200)):
        if request.POST.get(f"columns-{row}-DELETE"):
            continue
        form = make(request.POST, prefix=f"columns-{row}")
        if not request.POST.get(f"columns-{row}-content"):
            continue
        if form.is_valid():
            columns.append(form.instance)
        else:
            faults += [str(error) for errors in form.errors.values() for error in errors]
    return columns, faults


@admin.register(ReplyTemplate)
class ReplyTemplateAdmin(LayoutLifeAdmin):
    """Layouts of reply tables."""

    proposal_kind = KINDS[ReplyTemplate]
    form = UnchangedForm
    change_form_before_template = "admin/_seen.html"
    list_display = ("name", "status_shown", "id_title", "result_title", "paid_words", "refused_words")
    list_filter = ("status",)
    search_fields = ("name",)
    ordering = ("name", "pk")
    fieldsets = (
        (None, {"fields": (("status_shown", "copied_from"), ("name", "delimiter"))}),
        (
            gettext_lazy("Columns"),
            {"fields": (("id_title", "result_title"), ("amount_title", "reference_title"), "reason_title")},
        ),
        (
            gettext_lazy("The bank’s words"),
            {"fields": ("paid_words", "refused_words", "returned_words", "pending_words")},
        ),
    )
