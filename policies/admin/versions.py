"""A version from its first draft to its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.admin import ModelAdmin, StackedInline
from unfold.decorators import action, display

from companies.permissions import signed_in
from policies import operations, queries
from policies.admin.desk import DeskPages
from policies.admin.forms import ClauseForm, ClauseFormSet, VersionForm
from policies.models import Clause, PolicyVersion, VersionStatus
from policies.operations import ClauseText
from policies.queries import Preview
from policies.wording import RuleRefused

_WRITTEN = (
    (None, {"fields": ("policy", ("subject", "payee"), "period_label", "as_of_on")}),
    (gettext_lazy("Amount"), {"fields": ("amount_feel", ("minimum_cny", "cap_cny"), "granted_cny")}),
    (gettext_lazy("Claim"), {"fields": ("track", "opens_on", "closes_on", "commitment_zh", "commitment_en")}),
)
_STAMPED = (
    gettext_lazy("In force"),
    {"fields": (("status", "number"), ("published_at", "published_by"), ("closed_at", "closed_by"))},
)


@dataclass(frozen=True, slots=True)
class Step:
    """A change of state that an officer confirms on a page of its own."""

    verb: str
    consequences: list[str]
    run: Callable[[], PolicyVersion]
    done: str
    hidden: dict[str, str] = field(default_factory=dict)


def _is_draft(version: PolicyVersion | None) -> bool:
    """Whether it can be written in; a version that is not there yet can."""
    return version is None or version.status == VersionStatus.DRAFT


class ClauseInline(StackedInline):
    """The conditions, all of which have to hold."""

    model = Clause
    form = ClauseForm
    formset = ClauseFormSet
    ordering = ("position",)
    extra = 0
    readonly_fields = ("rule",)

    @admin.display(description=gettext_lazy("condition (FEEL)"))
    def rule(self, clause: Clause) -> SafeString:
        """The rule to be read."""
        return format_html('<code class="feel">{}</code>', clause.feel)

    def get_fields(self, request: HttpRequest, obj: PolicyVersion | None = None) -> tuple[str, ...]:
        """What is written in a draft, and read in anything later."""
        last = ("feel", "place") if _is_draft(obj) else ("rule",)
        return ("title_zh", "title_en", *last)


@admin.register(PolicyVersion)
class PolicyVersionAdmin(DeskPages, ModelAdmin):
    """One wording of a policy; only a draft can be written in."""

    form = VersionForm
    inlines = (ClauseInline,)
    change_form_outer_after_template = "admin/policies/vocabulary.html"
    list_display = ("code", "title", "number", "status_shown", "track", "opens_on", "closes_on", "granted")
    list_display_links = ("code", "title")
    list_filter = ("status", "track", "subject")
    list_select_related = ("policy",)
    search_fields = ("policy__code", "policy__title_zh", "policy__title_en")
    ordering = ("policy__code", "-number")
    autocomplete_fields = ("policy",)
    actions_detail = ("who_matches", "back_test", "publish", "close", "match_again", "copy")
    readonly_fields = ("status", "number", "published_at", "published_by", "closed_at", "closed_by")

    class Media:
        css = {"all": ("qinqing/officer.css", "qinqing/desk.css")}
        js = ("qinqing/officer.js", "qinqing/desk.js")

    @admin.display(description=gettext_lazy("code"), ordering="policy__code")
    def code(self, version: PolicyVersion) -> str:
        """The policy's code."""
        return version.policy.code

    @admin.display(description=gettext_lazy("title"))
    def title(self, version: PolicyVersion) -> str:
        """The policy's title in the officer's language."""
        return str(version.policy.title)

    @display(description=gettext_lazy("status"), ordering="status", label={"draft": "info", "published": "success"})
    def status_shown(self, version: PolicyVersion) -> tuple[str, str]:
        """The status as a coloured label."""
        return version.status, version.get_status_display()

    @admin.display(description=gettext_lazy("money granted"), ordering="granted_cny")
    def granted(self, version: PolicyVersion) -> str:
        """The money granted, with its thousands apart."""
        return f"¥{number_format(version.granted_cny, decimal_pos=2, force_grouping=True)}"

    def has_change_permission(self, request: HttpRequest, obj: PolicyVersion | None = None) -> bool:
        """Only a draft can be written in."""
        may: bool = super().has_change_permission(request, obj)
        return may and _is_draft(obj)

    def has_delete_permission(self, request: HttpRequest, obj: PolicyVersion | None = None) -> bool:
        """Only a draft can be thrown away, one by one."""
        may: bool = super().has_delete_permission(request, obj)
        return may and obj is not None and _is_draft(obj)

    def has_publish_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Who may write policies may publish them."""
        return self._may_move(request, object_id, VersionStatus.DRAFT)

    def has_close_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Who may publish may close."""
        return self._may_move(request, object_id, VersionStatus.PUBLISHED)

    def has_copy_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Who may write a draft may start it from another version."""
        return bool(self.has_add_permission(request))

    def _may_move(self, request: HttpRequest, object_id: int | str | None, status: VersionStatus) -> bool:
        if not super().has_change_permission(request):
            return False
        return object_id is None or PolicyVersion.objects.filter(pk=object_id, status=status).exists()

    def get_fieldsets(self, request: HttpRequest, obj: PolicyVersion | None = None) -> tuple[Any, ...]:
        """A draft has no history yet."""
        return _WRITTEN if _is_draft(obj) else (_STAMPED, *_WRITTEN)

    def get_queryset(self, request: HttpRequest) -> QuerySet[PolicyVersion]:
        """All versions with their policies."""
        versions: QuerySet[PolicyVersion] = super().get_queryset(request)
        return versions.select_related("policy")

    def save_model(self, request: HttpRequest, obj: PolicyVersion, form: ModelForm[PolicyVersion], change: Any) -> None:
        """Give a new draft its number."""
        if not change:
            obj.number = operations.next_number(policy=obj.policy)
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: ClauseFormSet, change: Any) -> None:
        """Write the conditions as a whole, numbered in the officer's order."""
        # Unsaved, this only tells the history what was added, changed and deleted.
        formset.save(commit=False)
        clauses = [ClauseText(clause["title_zh"], clause["title_en"], clause["feel"]) for clause in formset.in_order()]
        operations.write_clauses(version=formset.instance, clauses=clauses)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The form, with the list of facts for who may write."""
        version = self.get_object(request, object_id) if object_id else None
        context = {**self.written_with(request, version), **(extra_context or {})}
        response: HttpResponse = super().changeform_view(request, object_id, form_url, context)
        return response

    @action(description=gettext_lazy("Publish"), url_path="publish", permissions=["publish"])
    def publish(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Bring a draft into force."""
        version, now = self._version(object_id), timezone.now()
        named = _named(version, request.POST.get("replaces", ""))
        in_force = version.policy.versions.filter(status=VersionStatus.PUBLISHED).first()
        step = Step(
            verb=_("Publish"),
            consequences=[*_forecast(version), *_replacing(in_force), _("Not a word of it can be changed afterwards.")],
            run=lambda: operations.publish(version=version, actor=signed_in(request), now=now, replaces=named),
            done=_("%(version)s is in force; matching has begun.") % {"version": version},
            hidden={"replaces": str(in_force.pk)} if in_force else {},
        )
        return self._confirmed(request, version, step)

    @action(description=gettext_lazy("Close this version"), url_path="close", permissions=["close"])
    def close(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Take a version out of force."""
        version, now = self._version(object_id), timezone.now()
        open_count = queries.open_count(version=version)
        step = Step(
            verb=_("Close this version"),
            consequences=[
                ngettext(
                    "%(count)s entitlement that nobody has claimed lapses.",
                    "%(count)s entitlements that nobody has claimed lapse.",
                    open_count,
                )
                % {"count": number_format(open_count, force_grouping=True)},
                _("What was claimed is paid all the same."),
                _("A closed version cannot be published again."),
            ],
            run=lambda: operations.close(version=version, actor=signed_in(request), now=now),
            done=_("%(version)s is closed.") % {"version": version},
        )
        return self._confirmed(request, version, step)

    @action(description=gettext_lazy("Match again"), url_path="match-again", permissions=["close"])
    def match_again(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask for another run over the whole city."""
        version, now = self._version(object_id), timezone.now()

        def run() -> PolicyVersion:
            operations.match_again(version=version, now=now)
            return version

        step = Step(
            verb=_("Match again"),
            consequences=[_("The whole city is decided again by the facts of today; what was claimed stays.")],
            run=run,
            done=_("Matching of %(version)s has begun.") % {"version": version},
        )
        return self._confirmed(request, version, step)

    @action(description=gettext_lazy("New version from this one"), url_path="copy", permissions=["copy"])
    def copy(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Start the next draft from this wording."""
        version = self._version(object_id)
        step = Step(
            verb=_("New version from this one"),
            consequences=[_("A draft with the same words is written; this version stays as it is.")],
            run=lambda: operations.copy_version(version=version),
            done=_("This is a new draft."),
        )
        return self._confirmed(request, version, step)

    def _version(self, object_id: int) -> PolicyVersion:
        return get_object_or_404(PolicyVersion.objects.select_related("policy"), pk=object_id)

    def _confirmed(self, request: HttpRequest, version: PolicyVersion, step: Step) -> HttpResponse:
        """Ask by a page, act by POST."""
        if request.method != "POST":
            return self._page(request, version, "admin/policies/confirm.html", step.verb, {"step": step})
        try:
            moved = step.run()
        except (operations.Refused, RuleRefused) as refusal:
            messages.error(request, str(refusal))
            return redirect(_address(version))
        self.log_change(request, moved, step.verb)
        messages.success(request, step.done)
        return redirect(_address(moved))

    def _page(
        self, request: HttpRequest, version: PolicyVersion, template: str, title: str, context: dict[str, Any]
    ) -> TemplateResponse:
        return TemplateResponse(
            request,
            template,
            {
                **self.admin_site.each_context(request),
                "opts": self.model._meta,
                "title": f"{version}: {title}",
                "version": version,
                "back": _address(version),
                "media": self.media,
                **context,
            },
        )


def _address(version: PolicyVersion) -> str:
    return reverse("admin:policies_policyversion_change", args=[version.pk])


def _named(version: PolicyVersion, replaces: str) -> PolicyVersion | None:
    """The version the officer saw in force on the page."""
    return version.policy.versions.filter(pk=replaces).first() if replaces.isdecimal() else None


def _forecast(version: PolicyVersion) -> list[str]:
    try:
        preview: Preview = queries.estimate(version=version, now=timezone.now())
    except (queries.TooSlow, RuleRefused) as refusal:
        return [str(refusal)]
    return [
        _("%(count)s subjects of %(firms)s firms are entitled to ¥%(total)s in all; ¥%(granted)s is granted.")
        % {
            "count": number_format(preview.count, force_grouping=True),
            "firms": number_format(preview.firm_count, force_grouping=True),
            "total": number_format(preview.total_cny, decimal_pos=2, force_grouping=True),
            "granted": number_format(version.granted_cny, decimal_pos=2, force_grouping=True),
        }
    ]


def _replacing(in_force: PolicyVersion | None) -> list[str]:
    if in_force is None:
        return []
    return [
        _("%(version)s is closed; what nobody has claimed under it passes to this version, or is withdrawn.")
        % {"version": in_force}
    ]
