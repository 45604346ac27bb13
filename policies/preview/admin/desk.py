"""The desk beside a version: its preview, its back-test against the version in force, and its examples."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from unfold.decorators import action

from companies.people.permissions import signed_in
from companies.people.scope import scope_of
from policies.authoring import examples
from policies.authoring.admin.version_pages import VersionPages, get_version, version_address
from policies.authoring.draft import note_writer
from policies.editor.admin.editor import may_write
from policies.models import PolicyVersion, PreviewRun, VersionStatus
from policies.preview.admin.bars import MoneyBar, money_bars
from policies.preview.compared import estimated_back_test
from policies.preview.exact import TooSlow, estimate
from policies.preview.figures import BackTest, Preview
from policies.preview.presenter import forecast
from policies.preview.run import ask_for_preview
from policies.preview.serialise import from_json
from policies.rules.content_hash import content_hash
from policies.rules.list_join import has_list, lists_changed
from policies.rules.rules import RuleRefused
from policies.rules.versions import in_force_beside
from policies.trial.worked_examples import worked_examples
from qinqing.kernel.refusals import Refusal


class DeskPages(VersionPages):
    """A mixin of the versions' admin: the pages beside the form of a version."""

    def get_urls(self) -> list[URLPattern]:
        """The addresses of these pages, before those of the admin."""
        site = self.admin_site
        own = [
            path("<int:object_id>/preview-run/", site.admin_view(self.run_preview), name="policies_preview_run"),
            path(
                "<int:object_id>/preview-progress/",
                site.admin_view(self.preview_progress),
                name="policies_preview_progress",
            ),
        ]
        inherited: list[URLPattern] = super().get_urls()
        return [*own, *inherited]

    @action(description=gettext_lazy("Who matches?"), url_path="who-matches", permissions=["view"])
    def who_matches(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """
        Show whom the version would entitle today: at once by a sample of firms, and exactly once every firm is decided.
        """
        version = get_version(object_id)
        run, due = _last_run(version), _due_run(version)
        try:
            kept = run if run and _is_current(run) else None
            seen = _stored(kept) if kept else estimate(version=version, now=timezone.now())
            shown = forecast(version=version, preview=seen, names_firms=_may_see_firms(request))
        except (TooSlow, RuleRefused) as refusal:
            messages.error(request, str(refusal))
            return redirect(version_address(version))
        context = {
            "forecast": shown,
            "preview": seen,
            "has_list": has_list(version),
            "is_enough": seen.total_cny <= version.granted_cny,
            "decided_at": kept and kept.finished_at,
            "is_outdated": bool(run and not kept),
            "due": due,
            "may_run": may_write(request),
            "stopped": _why_stopped(version),
            "back_test_stopped": kept and str(kept.why_not_compared),
            "has_predecessor": in_force_beside(version=version) is not None,
        }
        return self.version_page(request, version, "admin/policies/desk_preview.html", _("Who matches?"), context)

    @method_decorator(require_POST)
    def run_preview(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask for a preview over every firm in the background."""
        version = get_version(object_id)
        if not may_write(request):
            return HttpResponse(status=403)
        due = ask_for_preview(version=version, actor=signed_in(request), now=timezone.now())
        if request.headers.get("HX-Request"):
            return render(request, "admin/policies/_desk_progress.html", {"due": due, "version": version})
        return redirect("admin:policies_policyversion_who_matches", version.pk)

    @method_decorator(require_safe)
    def preview_progress(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The progress of the preview; when it is done, the answer has the browser reload the page."""
        version = get_version(object_id)
        if not self.has_view_permission(request):
            return HttpResponse(status=403)
        due = _due_run(version)
        if due is None:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return render(request, "admin/policies/_desk_progress.html", {"due": due, "version": version})

    @action(description=gettext_lazy("Back-test"), url_path="back-test", permissions=["view"])
    def back_test(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Compare the version with the version in force, over the same firms."""
        version = get_version(object_id)
        before, run = in_force_beside(version=version), _last_run(version)
        last = run if run and _is_current(run) else None
        kept = last if last and before and _is_against(last, before) else None
        compared: BackTest | None = None
        try:
            if before:
                compared = (
                    from_json(BackTest, kept.back_test)
                    if kept and kept.back_test
                    else estimated_back_test(version=version, before=before, now=timezone.now())
                )
        except (TooSlow, RuleRefused) as refusal:
            messages.error(request, str(refusal))
            return redirect(version_address(version))
        context = {
            "compared": compared,
            "bars": _turns(compared) if compared else (),
            "before": before,
            "names_firms": _may_see_firms(request),
            "decided_at": kept and kept.finished_at,
            "stopped": last and str(last.why_not_compared),
        }
        return self.version_page(request, version, "admin/policies/desk_back_test.html", _("Back-test"), context)

    @action(description=gettext_lazy("Examples"), url_path="examples", permissions=["view"])
    def examples(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show all examples as both engines decide them; an officer may add one with the facts of a firm."""
        version = get_version(object_id)
        may_take = may_write(request) and version.status == VersionStatus.DRAFT and _may_see_firms(request)
        if request.method == "POST":
            return self._take_example(request, version) if may_take else HttpResponse(status=403)
        worked = worked_examples(version=version)
        passing = sum(one.passes for one in worked)
        context = {
            "worked": worked,
            "passing": passing,
            "are_all_right": passing == len(worked),
            "may_take": may_take,
        }
        return self.version_page(request, version, "admin/policies/desk_examples.html", _("Examples"), context)

    def _take_example(self, request: HttpRequest, version: PolicyVersion) -> HttpResponse:
        code = request.POST.get("credit_code", "").strip().upper()
        try:
            taken = examples.take_from_firm(version=version, credit_code=code, now=timezone.now())
            note_writer(version=version, actor=signed_in(request))
        except (Refusal, RuleRefused) as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(
                request,
                _("Example %(number)d was written; read whether it says what it should.") % {"number": taken.position},
            )
        return redirect("admin:policies_policyversion_examples", version.pk)


def _turns(compared: BackTest) -> tuple[MoneyBar, ...]:
    """The sums that some subjects gain and others lose, as bars."""
    rows = ((_("Get more"), compared.winners, compared.gained_cny), (_("Get less"), compared.losers, compared.lost_cny))
    words = ((label, number_format(count, force_grouping=True), total_cny) for label, count, total_cny in rows)
    return money_bars(words, colours=("desk-kept", "desk-removed"))


def _may_see_firms(request: HttpRequest) -> bool:
    # The figures are those of the whole city, and so are the firms that stand beside them.
    return request.user.has_perm("companies.view_company") and scope_of(request.user).is_whole


def _last_run(version: PolicyVersion) -> PreviewRun | None:
    return version.preview_runs.filter(result__isnull=False).order_by("-pk").first()


def _is_current(run: PreviewRun) -> bool:
    """Whether the content that the run previewed is still that of the version, and the same lists count."""
    is_worded_alike = run.content_hash == content_hash(version=run.version)
    return is_worded_alike and not lists_changed(run.version, since=run.started_at or run.asked_at)


def _is_against(run: PreviewRun, before: PolicyVersion) -> bool:
    """Whether the run compared the version with `before`; another version may have come into force since."""
    return run.back_test is not None and run.back_test.get("against") == before.pk


def _why_stopped(version: PolicyVersion) -> str:
    """The reason why the last run over every firm stopped; empty if the content has changed since."""
    run = version.preview_runs.filter(finished_at__isnull=False).order_by("-pk").first()
    return str(run.why) if run and _is_current(run) else ""


def _due_run(version: PolicyVersion) -> PreviewRun | None:
    return version.preview_runs.filter(finished_at=None).first()


def _stored(run: PreviewRun) -> Preview:
    assert run.result is not None
    return from_json(Preview, run.result)
