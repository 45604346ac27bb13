"""Runs of matching over the whole city, with their progress; the pages refresh it while a run goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from unfold.views import ChangeList

from policies.matching.progress import Progress, last_run, measure_progress
from policies.models import MatchRun, PolicyVersion
from qinqing.kernel.admin.read_only import ReadingAdmin
from qinqing.kernel.text import number

# One request asks for the progress of at most the runs on one page.
ASKED_AT_MOST = 100


class RunsWithProgress(ChangeList):
    """A page of runs with their progress, which is read by one query."""

    def get_results(self, request: HttpRequest) -> None:
        """Read the runs of the page, and their progress."""
        super().get_results(request)
        runs: list[Any] = list(self.result_list)  # type: ignore[has-type]
        found = measure_progress(runs=runs)
        for run in runs:
            run.how_far = found[run.pk]
        self.result_list = runs
        self.running = ",".join(str(run.pk) for run in runs if found[run.pk].is_running)


@admin.register(MatchRun)
class MatchRunAdmin(ReadingAdmin):
    """The runs: their progress, and why a run stopped."""

    list_display = ("version", "asked_at", "done", "finished_at", "entitlement_count", "holds_claims", "stopped_for")
    list_filter = (("finished_at", admin.EmptyFieldListFilter), ("refusal", admin.EmptyFieldListFilter))
    list_select_related = ("version__policy",)
    list_before_template = "admin/policies/match_running.html"
    ordering = ("-pk",)
    fields = (
        ("version", "asked_at"),
        "looked_at",
        ("finished_at", "entitlement_count"),
        ("holds_claims", "stopped_for"),
        ("leader", "stale_datasets"),
    )
    readonly_fields = ("looked_at", "stopped_for")

    def get_changelist(self, _request: HttpRequest, **_options: Any) -> type[ChangeList]:
        """The list that knows the progress of its runs."""
        return RunsWithProgress

    def get_urls(self) -> list[URLPattern]:
        """The address from which pages refresh the progress, before the addresses of single runs."""
        view = self.admin_site.admin_view(require_safe(self.progress_of_runs))
        return [path("progress/", view, name="policies_match_progress"), *super().get_urls()]

    def progress_of_runs(self, request: HttpRequest) -> HttpResponse:
        """The progress of the runs on a page; once none of them goes on, the answer has the browser reload the page."""
        if not request.user.has_perm("policies.view_policyversion"):
            return HttpResponse(status=403)
        runs = self.get_queryset(request).filter(pk__in=_read_ids(request.GET.get("runs", ""))).order_by("-pk")
        found = list(measure_progress(runs=runs).values())
        if not any(each.is_running for each in found):
            return HttpResponse(headers={"HX-Refresh": "true"})
        return HttpResponse(
            _render_polling([each.run.pk for each in found]) + "".join(_render_bar(each, again=True) for each in found)
        )

    @admin.display(description=_("done"))
    def done(self, run: Any) -> SafeString:
        """The progress, as a bar and in numbers."""
        return _render_bar(run.how_far)

    @admin.display(description=_("why it stopped"), ordering="refusal")
    def stopped_for(self, run: MatchRun) -> str:
        """The reason why the run stopped, in the reader's language."""
        return str(run.why) or "—"

    @admin.display(description=_("progress"))
    def looked_at(self, run: MatchRun) -> SafeString:
        """The progress on the run's own page, which refreshes it."""
        return render_progress(run)


def render_progress(run: MatchRun) -> SafeString:
    """The progress of a run; the page refreshes it while the run goes on."""
    how_far = measure_progress(runs=[run])[run.pk]
    return mark_safe((_render_polling([run.pk]) if how_far.is_running else "") + _render_bar(how_far))  # noqa: S308 - our templates


def render_last_run(version: PolicyVersion) -> SafeString | str:
    """The progress of the newest run of a version."""
    run = last_run(version=version)
    return render_progress(run) if run else "—"


def _render_bar(how_far: Progress, *, again: bool = False) -> SafeString:
    return mark_safe(render_to_string("admin/policies/_match_progress.html", {"how_far": how_far, "again": again}))  # noqa: S308 - our template


def _render_polling(runs: Sequence[int]) -> SafeString:
    context = {"runs": ",".join(map(str, runs))}
    return mark_safe(render_to_string("admin/policies/_match_polling.html", context))  # noqa: S308 - our template


def _read_ids(asked: str) -> list[int]:
    """The ids in a text such as "3,5"; a text that is no id is left out."""
    given = asked.split(",")[:ASKED_AT_MOST]
    return [found for run in given if (found := number(run)) is not None]
