"""The admin of versions, from the first draft to the end."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display

from companies.people.permissions import signed_in
from policies.authoring.admin.forms import VersionForm
from policies.authoring.admin.part_inlines import (
    ClauseInline,
    ExampleInline,
    ParameterInline,
    TableInline,
    is_draft,
    render_table,
)
from policies.authoring.admin.review import ReviewPages
from policies.authoring.draft import next_number, note_writer
from policies.authoring.history import recorded_moves
from policies.authoring.lift import find_lifting
from policies.authoring.parts import write_parts
from policies.editor.admin.editor import EditorPages
from policies.matching.admin.match_runs import render_last_run
from policies.matching.entitlements import entitlement_counts
from policies.models import PolicyVersion
from policies.portable.admin import PortablePages
from policies.preview.admin.bars import money_bars, render_bars
from policies.preview.admin.desk import DeskPages
from qinqing.kernel.admin.model_admin import ModelAdmin
from qinqing.kernel.admin.worklist_filter import WaitsForYou
from qinqing.kernel.labels import Colours
from qinqing.kernel.money import yuan
from qinqing.proposals.admin import address_of, compare

_WRITTEN = (
    (None, {"fields": ("policy", ("subject", "payee"), "payee_feel", "period_label", "as_of_on")}),
    (
        gettext_lazy("Amount"),
        {"fields": ("amount_feel", ("minimum_cny", "cap_cny"), ("granted_cny", "pool"), "limit_feel")},
    ),
    (
        gettext_lazy("Claim"),
        {
            "fields": (
                "track",
                ("publicise_days", "counts_working_days"),
                "list_is_public",
                "reminders",
                "effective_on",
                ("opens_on", "closes_on"),
                "commitment_zh",
                "commitment_en",
            )
        },
    ),
)
_STAMPED = (
    gettext_lazy("In force"),
    {
        "fields": (
            ("status", "number"),
            "drafted_by",
            ("submitted_at", "submitted_by"),
            ("published_at", "published_by"),
            ("closed_at", "closed_by"),
            "matching",
            "standings",
            "history",
        )
    },
)
# A draft that came back from its reviewer.
_SENT_BACK = (gettext_lazy("Review"), {"fields": ("history",)})

# The colours of the theme's labels.
_LABELS = Colours(
    {
        "draft": "info",
        "submitted": "warning",
        "scheduled": "info",
        "published": "success",
        "suspended": "danger",
    }
)


# A proposal to lift the suspension of the version waits.
_WAITS = (gettext_lazy("Waits for a colleague"), {"fields": ("lifting",)})


@admin.register(PolicyVersion)
class PolicyVersionAdmin(EditorPages, DeskPages, ReviewPages, PortablePages, ModelAdmin):
    """One version of a policy; only a draft can be edited."""

    form = VersionForm
    inlines = (ClauseInline, ParameterInline, TableInline, ExampleInline)
    change_form_before_template = "admin/_seen.html"
    change_form_outer_after_template = "admin/policies/vocabulary.html"
    list_display = ("code", "title", "number", "status_shown", "track", "opens_on", "closes_on", "granted")
    list_display_links = ("code", "title")
    list_filter = (WaitsForYou, "status", "track", "subject")
    list_select_related = ("policy",)
    search_fields = ("policy__code", "policy__title_zh", "policy__title_en")
    ordering = ("policy__code", "-number")
    autocomplete_fields = ("policy",)
    # First what officers read, then the usual next step, last what is rarely needed.
    actions_detail = (
        {"title": gettext_lazy("Look closer"), "items": ["who_matches", "back_test", "changes", "examples"]},
        "submit",
        "publish",
        "send_back",
        "take_back",
        "suspend",
        "lift",
        {"title": gettext_lazy("More"), "items": ["copy", "export", "export_older", "match_again", "close"]},
    )
    actions_list = ("import_policy",)
    readonly_fields = (
        "status",
        "number",
        "drafted_by",
        "submitted_at",
        "submitted_by",
        "published_at",
        "published_by",
        "closed_at",
        "closed_by",
        "matching",
        "standings",
        "history",
        "lifting",
    )

    class Media:
        css = {"all": ("qinqing/editor.css",)}
        js = ("qinqing/officer.js", "qinqing/grid.js", "qinqing/suggest.js", "qinqing/desk.js")

    @admin.display(description=gettext_lazy("code"), ordering="policy__code")
    def code(self, version: PolicyVersion) -> str:
        """The policy's code."""
        return version.policy.code

    @admin.display(description=gettext_lazy("title"))
    def title(self, version: PolicyVersion) -> str:
        """The policy's title in the officer's language."""
        return str(version.policy.title)

    @display(description=gettext_lazy("status"), ordering="status", label=_LABELS)
    def status_shown(self, version: PolicyVersion) -> tuple[str, str]:
        """The status as a coloured label."""
        return version.status, version.get_status_display()

    @admin.display(description=gettext_lazy("money granted"), ordering="granted_cny")
    def granted(self, version: PolicyVersion) -> str:
        """The money granted, with thousands separators."""
        return yuan(version.granted_cny)

    def has_change_permission(self, request: HttpRequest, obj: PolicyVersion | None = None) -> bool:
        """Only a draft can be edited."""
        may: bool = super().has_change_permission(request, obj)
        return may and is_draft(obj)

    def has_delete_permission(self, request: HttpRequest, obj: PolicyVersion | None = None) -> bool:
        """Only a draft that was never submitted can be deleted, and only one at a time."""
        may: bool = super().has_delete_permission(request, obj)
        return may and obj is not None and is_draft(obj) and obj.sequence == 0

    def get_fieldsets(self, request: HttpRequest, obj: PolicyVersion | None = None) -> tuple[Any, ...]:
        """The fieldsets; a new draft has no history yet."""
        if obj is None or not is_draft(obj):
            waits = (_WAITS,) if obj and find_lifting(obj) else ()
            return _WRITTEN if obj is None else (*waits, _STAMPED, *_WRITTEN)
        return (_SENT_BACK, *_WRITTEN) if obj.sequence else _WRITTEN

    def get_readonly_fields(self, request: HttpRequest, obj: PolicyVersion | None = None) -> tuple[str, ...]:
        """
        The fields that cannot be edited. The policy is one of them, because the version's number counts within its
        policy.
        """
        fields = tuple(super().get_readonly_fields(request, obj))
        return fields if obj is None else (*fields, "policy")

    @admin.display(description=gettext_lazy("steps"))
    def history(self, version: PolicyVersion) -> SafeString:
        """The moves of the version: who, when and why; the newest first."""
        rows = [
            (
                date_format(timezone.localtime(step.at), "DATETIME_FORMAT"),
                f"{step.before} → {step.after}",
                step.by or _("the platform"),
                step.reason,
            )
            for step in recorded_moves(version=version)
        ]
        return render_table((_("at"), _("step"), _("by"), _("reason")), rows)

    @admin.display(description=gettext_lazy("suspension"))
    def lifting(self, version: PolicyVersion) -> SafeString:
        """The proposal to lift the suspension, which a colleague decides on its own page."""
        proposal = find_lifting(version)
        assert proposal is not None
        return compare(proposal, link=address_of(proposal))

    @admin.display(description=gettext_lazy("matching"))
    def matching(self, version: PolicyVersion) -> SafeString | str:
        """The progress of the newest run; the page refreshes it while the run goes on."""
        return render_last_run(version)

    @admin.display(description=gettext_lazy("entitlements"))
    def standings(self, version: PolicyVersion) -> SafeString | str:
        """How many entitlements are open, claimed and lapsed, with their sums."""
        words = [
            (
                label,
                ngettext("%(count)s entitlement", "%(count)s entitlements", count) % {"count": _number(count)},
                total,
            )
            for label, count, total in entitlement_counts(version=version)
        ]
        return render_bars(money_bars(words)) if words else "—"

    def get_queryset(self, request: HttpRequest) -> QuerySet[PolicyVersion]:
        """All versions with their policies."""
        versions: QuerySet[PolicyVersion] = super().get_queryset(request)
        return versions.select_related("policy")

    def save_model(self, request: HttpRequest, obj: PolicyVersion, form: ModelForm[PolicyVersion], change: Any) -> None:
        """Number a new draft, and note who wrote in it."""
        actor = signed_in(request)
        if not change:
            obj.number = next_number(policy=obj.policy)
            obj.drafted_by, obj.writer_ids = actor, [actor.pk]
        else:
            # The draft is locked first: the form writes every column, and a colleague may have saved the draft
            # meanwhile.
            note_writer(version=obj, actor=actor)
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: list[Any], change: Any) -> None:
        """Replace the parts of the draft, numbered in the officer's order."""
        for formset in formsets:
            # With commit=False nothing is saved; the form set only notes for the log what was added, changed and
            # deleted.
            formset.save(commit=False)
        texts = {formset.prefix: formset.texts() for formset in formsets}
        write_parts(version=form.instance, **texts)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the form; officers who may write see the list of facts beside it."""
        version = self.get_object(request, object_id) if object_id else None
        context = {**self.vocabulary_for(request, version), **(extra_context or {})}
        response: HttpResponse = super().changeform_view(request, object_id, form_url, context)
        return response


def _number(count: int) -> str:
    return str(number_format(count, force_grouping=True))
