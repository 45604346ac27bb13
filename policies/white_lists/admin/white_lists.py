"""Departments' lists in the admin: one officer uploads and checks a list, another publishes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from companies.contracts.departments import department_name, departments
from companies.models import User
from companies.people.permissions import signed_in
from policies.models import (
    EntitlementStatus,
    ListStatus,
    PolicyVersion,
    Track,
    VersionStatus,
    WhiteList,
)
from policies.preview.admin.bars import money_bars
from policies.white_lists.admin.list_pages import ListPages, own_department
from policies.white_lists.lists import BadList, check_list, close_list, publish_list, reopen_list, upload_list
from policies.white_lists.queries import list_preview, outcomes
from qinqing.kernel.admin.admin_steps import is_pressed
from qinqing.kernel.admin.confirmed_steps import NoForm, Outcome, Step, make_reason_form
from qinqing.kernel.admin.worklist_filter import WaitsForYou
from qinqing.kernel.labels import Colours
from qinqing.kernel.money import yuan
from qinqing.kernel.refusals import Refusal
from qinqing.kernel.tables.refusals import UnreadableTable

COLOURS = Colours(
    {
        ListStatus.DRAFT: "info",
        ListStatus.CHECKED: "warning",
        ListStatus.PUBLISHED: "success",
    }
)
FAULTS_SHOWN, NAMES_SHOWN = 30, 5


class ListForm(forms.Form):
    """A department's file, and the document on which it rests."""

    version = forms.ModelChoiceField(
        label=gettext_lazy("Policy version"),
        queryset=PolicyVersion.objects.none(),
        widget=UnfoldAdminSelectWidget,
        help_text=gettext_lazy("Those that pay by a department’s list and are submitted or in force."),
    )
    department = forms.ChoiceField(label=gettext_lazy("Department"), widget=UnfoldAdminSelectWidget)
    title = forms.CharField(label=gettext_lazy("Title of the list"), max_length=120, widget=UnfoldAdminTextInputWidget)
    document_number = forms.CharField(
        label=gettext_lazy("Document number"), max_length=60, widget=UnfoldAdminTextInputWidget
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx", "class": "officer-file"}),
        help_text=gettext_lazy(
            "xlsx or CSV with the titles 统一社会信用代码, 企业名称, 金额 and, if wanted, 备注;"
            " for employees also 姓名 and 身份证号."
        ),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        takes = [VersionStatus.SUBMITTED, VersionStatus.SCHEDULED, VersionStatus.PUBLISHED, VersionStatus.SUSPENDED]
        versions = PolicyVersion.objects.filter(track=Track.WHITELIST, status__in=takes).select_related("policy")
        self.fields["version"].queryset = versions.order_by("policy__code", "pk")  # type: ignore[attr-defined]
        own = own_department(user)
        choices = [(key, str(name)) for key, name in departments().items() if own in (None, key)]
        self.fields["department"].choices = choices  # type: ignore[attr-defined]


@admin.register(WhiteList)
class WhiteListAdmin(ListPages):
    """The lists of departments."""

    list_display = ("title", "document_number", "version", "department_shown", "status_shown", "rows_shown", "total")
    list_filter = (WaitsForYou, "status", "version__policy")
    list_select_related = ("version__policy",)
    search_fields = ("title", "document_number", "version__policy__code")
    ordering = ("-pk",)
    fieldsets = (
        (None, {"fields": ("looked_at",)}),
        (
            gettext_lazy("Belongs to"),
            {
                "fields": (
                    ("version", "department_shown"),
                    ("title", "document_number"),
                    "file_name",
                    "sha256",
                    ("uploaded_at", "uploaded_by"),
                    ("checked_at", "checked_by"),
                    ("published_at", "published_by"),
                    ("closed_at", "closed_by", "closed_because"),
                )
            },
        ),
    )
    readonly_fields = ("looked_at", "department_shown")
    actions_list = ("bring",)
    actions_detail = ("examine", "publish", "reopen", "put_away")

    def get_queryset(self, request: HttpRequest) -> QuerySet[WhiteList]:
        """The lists; a department sees only its own."""
        lists: QuerySet[WhiteList] = super().get_queryset(request)
        own = own_department(signed_in(request))
        return lists if own is None else lists.filter(department=own)

    @admin.display(description=gettext_lazy("department"), ordering="department")
    def department_shown(self, white_list: WhiteList) -> str:
        """The department by its name."""
        return str(department_name(white_list.department))

    @display(description=gettext_lazy("status"), ordering="status", label=COLOURS)
    def status_shown(self, white_list: WhiteList) -> tuple[str, str]:
        """The status as a coloured label."""
        return white_list.status, white_list.get_status_display()

    @admin.display(description=gettext_lazy("rows"), ordering="row_count")
    def rows_shown(self, white_list: WhiteList) -> str:
        """The number of rows."""
        return number_format(white_list.row_count, force_grouping=True)

    @admin.display(description=gettext_lazy("sum"), ordering="total_cny")
    def total(self, white_list: WhiteList) -> str:
        """The sum of the rows."""
        return yuan(white_list.total_cny)

    @admin.display(description=gettext_lazy("What it changes"))
    def looked_at(self, white_list: WhiteList) -> SafeString:
        """The list compared with the register of now, and the entitlements of its rows by status."""
        labels = {str(status): status.label for status in EntitlementStatus}
        shown = [
            (
                str(labels.get(each.status, _("not entitled, or not decided yet"))),
                ngettext("%(count)s row", "%(count)s rows", each.row_count)
                % {"count": number_format(each.row_count, force_grouping=True)},
                each.amount_cny,
            )
            for each in outcomes(white_list=white_list)
        ]
        context = {"list": white_list, "preview": list_preview(white_list=white_list), "outcomes": money_bars(shown)}
        return mark_safe(render_to_string("admin/policies/_list_preview.html", context))  # noqa: S308

    def has_bring_permission(self, request: HttpRequest, _object_id: int | str | None = None) -> bool:
        """Officers and departments can upload lists."""
        return request.user.has_perm("policies.add_whitelist")

    def has_check_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """An officer can check a draft."""
        return self.may_change(request) and _has_status(request, object_id, ListStatus.DRAFT)

    def has_publish_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """An officer can publish a list that others have uploaded and checked."""
        if not self.may_change(request) or not _has_status(request, object_id, ListStatus.CHECKED):
            return False
        own = WhiteList.objects.filter(pk=object_id or 0)
        user = signed_in(request)
        return not (own.filter(uploaded_by=user) | own.filter(checked_by=user)).exists()

    def has_reopen_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """An officer can have a checked list checked again."""
        return self.may_change(request) and _has_status(request, object_id, ListStatus.CHECKED)

    def has_put_away_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """An officer can close a list."""
        return self.may_change(request) and _has_status(
            request, object_id, ListStatus.DRAFT, ListStatus.CHECKED, ListStatus.PUBLISHED
        )

    @action(description=gettext_lazy("Bring a list"), url_path="bring", permissions=["bring"])
    def bring(self, request: HttpRequest) -> HttpResponse:
        """Upload a file as a draft; if rows have faults, show each fault and write nothing."""
        form = ListForm(request.POST or None, request.FILES or None, user=signed_in(request))
        faults: list[str] = []
        if request.method == "POST" and form.is_valid():
            try:
                return self._upload(request, form.cleaned_data)
            except BadList as bad:
                form.add_error("file", str(bad))
                faults = [str(fault) for fault in bad.faults[:FAULTS_SHOWN]]
            except (Refusal, UnreadableTable) as refusal:
                form.add_error("file", str(refusal))
        back = reverse("admin:policies_whitelist_changelist")
        context = {"form": form, "back": back, "faults": faults}
        answer = self.page(request, "admin/policies/list_bring.html", _("Bring a list"), context)
        answer.status_code = 422 if form.errors else 200
        return answer

    def _upload(self, request: HttpRequest, given: dict[str, Any]) -> HttpResponse:
        file = given.pop("file")
        brought = upload_list(
            **given, file_name=file.name, content=file.file, actor=signed_in(request), now=timezone.now()
        )
        if brought.is_known:
            messages.info(request, _("This very file came before; here is what became of it."))
        else:
            self.log_addition(request, brought.white_list, _("Bring a list"))
            messages.success(request, _("It is a draft: look at what it changes, then check it."))
        return redirect("admin:policies_whitelist_change", brought.white_list.pk)

    @action(description=gettext_lazy("Check"), url_path="check", permissions=["check"])
    def examine(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Confirm that the list is what the department decided."""
        return self._step(
            request,
            object_id,
            _("Check"),
            [_("You compared it with the department’s document. Another officer publishes it.")],
            lambda one: check_list(white_list=one, actor=signed_in(request), now=timezone.now()),
            _("The list waits for another officer to publish it."),
        )

    @action(description=gettext_lazy("Publish"), url_path="publish", permissions=["publish"])
    def publish(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Publish the list, so that its rows count."""
        white_list = get_object_or_404(self.get_queryset(request).select_related("version"), pk=object_id)
        later = _say_claimed_later(white_list.version)
        return self._step(
            request,
            object_id,
            _("Publish"),
            [later or _("Whom it names can claim from now on, as far as the conditions of the policy hold.")],
            lambda one: publish_list(white_list=one, actor=signed_in(request), now=timezone.now()),
            _("The list is published.") if later else _("The list is published; whom it names can claim in a moment."),
        )

    @action(description=gettext_lazy("Back to draft"), url_path="reopen", permissions=["reopen"])
    def reopen(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Make a checked list a draft again."""
        return self._step(
            request,
            object_id,
            _("Back to draft"),
            [_("It has to be checked again before anybody publishes it.")],
            lambda one: reopen_list(white_list=one, actor=signed_in(request)),
            _("The list is a draft again."),
        )

    @action(description=gettext_lazy("Put away"), url_path="put-away", permissions=["put_away"])
    def put_away(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Discard a draft, or close a published list."""

        def run(one: WhiteList, because: str) -> WhiteList:
            return close_list(white_list=one, because=because, actor=signed_in(request), now=timezone.now())

        counts = WhiteList.objects.filter(pk=object_id, status=ListStatus.PUBLISHED).exists()
        consequences = [
            _("Nothing more can be claimed by it; what was claimed stays.")
            if counts
            else _("Nobody is entitled by it yet; it is discarded."),
            _("It cannot be published again; the same file can be brought again."),
        ]
        form = make_reason_form(_("Why is it put away?"))
        return self._step(request, object_id, _("Put away"), consequences, run, _("The list is put away."), form)

    def _step(
        self,
        request: HttpRequest,
        object_id: int,
        verb: str,
        consequences: list[str],
        run: Callable[..., WhiteList],
        done: str,
        form: type[forms.Form] = NoForm,
    ) -> HttpResponse:
        lists = self.get_queryset(request).select_related("version__policy")
        white_list = get_object_or_404(lists, pk=object_id)
        step = Step(
            verb=verb,
            consequences=[*_summarise_list(white_list), *consequences],
            run=lambda given: Outcome(run(white_list, **given), done),
            back=reverse("admin:policies_whitelist_change", args=[white_list.pk]),
            is_confirmed=request.method == "POST",
            form=form,
            subject=str(white_list),
            about=str(white_list.version.policy.title),
        )
        return self.confirmed(request, step)


def _has_status(request: HttpRequest, object_id: int | str | None, *statuses: ListStatus) -> bool:
    if object_id is None or is_pressed(request):
        return True
    return WhiteList.objects.filter(pk=object_id, status__in=statuses).exists()


def _summarise_list(white_list: WhiteList) -> list[str]:
    """The sentences that a person should read before taking a step."""
    preview = list_preview(white_list=white_list)
    counted = {
        "rows": number_format(preview.row_count, force_grouping=True),
        "sum": yuan(preview.total_cny),
        "known": number_format(preview.known_count, force_grouping=True),
    }
    told = [_("Rows: %(rows)s, together %(sum)s; known to the register: %(known)s.") % counted]
    if preview.unlike_count:
        named = _("; ").join(
            _("row %(row)d “%(name)s”, registered as “%(registered)s”") % one._asdict()
            for one in preview.unlike[:NAMES_SHOWN]
        )
        told.append(
            _("Rows with another name than in the register: %(count)d. Read them first: %(named)s.")
            % {"count": preview.unlike_count, "named": named}
        )
    if preview.short_cny:
        told.append(
            _("All lists together come to %(amount)s more than is granted; the last to claim would wait.")
            % {"amount": yuan(preview.short_cny)}
        )
    return told


def _say_claimed_later(version: PolicyVersion) -> str:
    """Why, and until when, nobody can claim yet by a list of the version; empty if firms can claim at once."""
    today = timezone.localdate()
    if version.closes_on and version.closes_on < today:
        sentence = _("The last day of claims was %(day)s: nobody can claim by it any more.")
        return sentence % {"day": date_format(version.closes_on)}
    if version.status == VersionStatus.SUSPENDED:
        return _("Its version is suspended: whom it names can claim once that is lifted, if the conditions hold then.")
    begins = max(version.opens_on, version.effective_on or today) if version.status == VersionStatus.SCHEDULED else None
    if day := begins or (version.opens_on if version.opens_on > today else None):
        return _("Whom it names can claim from %(day)s on, if the conditions hold then.") % {"day": date_format(day)}
    return ""
