"""Sources in the desk: their terms, and the steps that people take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display

from companies.deliveries.access import datasets_open_to
from companies.models import DataSource, PullOutcome, SourcePull
from companies.people.permissions import signed_in
from companies.sources.admin.forms import NewSourceForm, TermsForm
from companies.sources.propose import KIND, WRITTEN, propose_resuming, propose_source, propose_terms
from companies.sources.steps import ask_for_pull, pause
from qinqing.kernel.admin.admin_steps import is_pressed
from qinqing.kernel.admin.confirmed_steps import Outcome, Step, StepPages
from qinqing.kernel.admin.read_only import ReadingAdmin
from qinqing.kernel.admin.worklist_filter import WaitsForYou
from qinqing.kernel.labels import Colours, Labelled
from qinqing.kernel.text import Bilingual
from qinqing.proposals.models import Proposal
from qinqing.proposals.proposing_admin import Proposing, ProposingAdmin, WhyFields

MAY_PROPOSE, MAY_STEP = "companies.add_datasource", "companies.change_datasource"


@admin.register(DataSource)
class DataSourceAdmin(ProposingAdmin, StepPages, ReadingAdmin):
    """Where the platform fetches rows itself, with what came last."""

    proposal_kind = KIND
    list_display = ("dataset", "name", "kind", "address", "standing", "last_pull", "next_pull_at")
    list_filter = (WaitsForYou, "kind", "dataset")
    search_fields = ("name", "dataset")
    ordering = ("dataset", "name", "pk")
    fieldsets = (
        (None, {"fields": (("dataset", "name"), ("standing", "next_pull_at", "failure_count"), "history")}),
        (
            gettext_lazy("Where"),
            {"fields": (("kind", "address"), ("username", "secret_kept"), "trusted", "file_pattern", "query")},
        ),
        (
            gettext_lazy("From which day, and from where on"),
            {"fields": (("as_of_from", "as_of_name"), ("bookmark_from", "bookmark_name"), ("begins_at", "bookmark"))},
        ),
        (gettext_lazy("How often, how much"), {"fields": (("every_minutes", "largest_mib"),)}),
        (gettext_lazy("Paused"), {"fields": (("paused_at", "paused_by"),)}),
    )
    readonly_fields = ("standing", "history", "secret_kept")
    actions_list = ("propose_new",)
    actions_detail = ("pull_now", "pause", "propose_resuming", "propose_terms")

    def get_queryset(self, request: HttpRequest) -> QuerySet[DataSource]:
        """The sources within the person's scope, each with what came of its last pull."""
        pulls = SourcePull.objects.filter(source=OuterRef("pk")).order_by("-pk")
        found: QuerySet[DataSource] = super().get_queryset(request)
        return found.annotate(last_outcome=Subquery(pulls.values("outcome")[:1]))

    @display(
        description=gettext_lazy("state"),
        label=Colours({"runs": "success", "fails": "danger", "paused": "warning", "new": "info"}),
    )
    def standing(self, source: DataSource) -> Labelled:
        """Whether it runs."""
        if source.confirmed_at is None:
            return Labelled("new", _("waits for a colleague"))
        if source.paused_at:
            return Labelled("paused", _("paused"))
        return Labelled("fails", _("fails")) if source.failure_count else Labelled("runs", _("runs"))

    @display(description=gettext_lazy("last pull"))
    def last_pull(self, source: DataSource) -> str:
        """What came of the last pull."""
        return str(dict(PullOutcome.choices).get(getattr(source, "last_outcome", None) or "", "—"))

    @display(description=gettext_lazy("history"))
    def history(self, source: DataSource) -> SafeString:
        """The list of all pulls."""
        address = f"{reverse('admin:companies_sourcepull_changelist')}?source__id__exact={source.pk}"
        return format_html('<a class="officer-link" href="{}">{}</a>', address, _("All pulls of this source"))

    @display(description=gettext_lazy("secret"))
    def secret_kept(self, source: DataSource) -> str:
        """Whether a secret was entered; nobody sees it again."""
        return _("entered, sealed as #{number}").format(number=source.secret_id) if source.secret_id else "—"

    def has_propose_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """A person of the department proposes its sources and their terms."""
        return request.user.has_perm(MAY_PROPOSE) and self._is_there(request, object_id)

    def has_propose_resuming_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """The same, for a source that is paused."""
        return request.user.has_perm(MAY_PROPOSE) and self._is_there(request, object_id, paused_at__isnull=False)

    def has_step_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """A person of the department pauses a source that runs, and has it pulled."""
        runs = {"confirmed_at__isnull": False, "paused_at": None}
        return request.user.has_perm(MAY_STEP) and self._is_there(request, object_id, **runs)

    def _is_there(self, request: HttpRequest, object_id: int | str | None, **state: Any) -> bool:
        """Whether the source is the person's and, where its page asks which steps it offers, in this state."""
        if object_id is None:
            return True
        asked = {} if is_pressed(request) else state
        return bool(self.get_queryset(request).filter(pk=object_id, **asked).exists())

    @action(description=gettext_lazy("Propose a source"), url_path="propose-new", permissions=["propose"])
    def propose_new(self, request: HttpRequest) -> HttpResponse:
        """Propose a source of one of the person's datasets."""
        actor = signed_in(request)

        def run(given: dict[str, Any]) -> Proposal:
            return propose_source(dataset=given["dataset_name"], **_as_asked(given), actor=actor, now=timezone.now())

        form = NewSourceForm(request.POST if request.method == "POST" else None)
        offered = datasets_open_to(user=actor).values()
        form.offer([(each.name, f"{Bilingual(each.word.zh, each.word.en)} · {each.name}") for each in offered])
        back = reverse("admin:companies_datasource_changelist")
        proposing = Proposing(verb=_("Propose a source"), told=_told(), run=run, back=back)
        return self.proposing_page(request, proposing, form)

    @action(description=gettext_lazy("Propose other terms"), url_path="propose", permissions=["propose"])
    def propose_terms(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Propose other terms of a source."""
        source, actor = self._find(request, object_id), signed_in(request)

        def run(given: dict[str, Any]) -> Proposal:
            return propose_terms(source=source, **_as_asked(given), actor=actor, now=timezone.now())

        held = {name: getattr(source, name) for name in WRITTEN} if source.confirmed_at else {"name": source.name}
        form = TermsForm(request.POST if request.method == "POST" else None, initial=held)
        proposing = Proposing(verb=_("Propose other terms"), told=_told(), run=run, back=_page(source))
        return self.proposing_page(request, proposing, form)

    @action(description=gettext_lazy("Propose to go on"), url_path="propose-resuming", permissions=["propose_resuming"])
    def propose_resuming(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Propose that a paused source goes on."""
        source, actor = self._find(request, object_id), signed_in(request)

        def run(given: dict[str, Any]) -> Proposal:
            return propose_resuming(source=source, **given, actor=actor, now=timezone.now())

        told = [_("The platform fetches rows from there again, at once and then on the schedule of the source.")]
        form = WhyFields(request.POST if request.method == "POST" else None)
        proposing = Proposing(verb=_("Propose to go on"), told=told, run=run, back=_page(source))
        return self.proposing_page(request, proposing, form)

    @action(description=gettext_lazy("Pull now"), url_path="pull-now", permissions=["step"])
    def pull_now(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Have the source pulled now."""
        told = [_("A worker fetches what is there, whatever the schedule says; the history tells what came.")]
        done = _("A worker pulls it in a moment; the history tells what came.")
        return self._step(request, object_id, _("Pull now"), told, ask_for_pull, done)

    @action(description=gettext_lazy("Pause"), url_path="pause", permissions=["step"])
    def pause(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Pause the source."""
        told = [
            _("Nothing is fetched from there any more, and what is being fetched at this moment does not land."),
            _("What has landed stays. Two people let it go on."),
        ]
        return self._step(request, object_id, _("Pause"), told, pause, _("It is paused."))

    def _step(
        self, request: HttpRequest, object_id: int, verb: str, told: list[str], run: Callable[..., None], done: str
    ) -> HttpResponse:
        source = self._find(request, object_id)

        def take(_given: dict[str, Any]) -> Outcome:
            run(source=source, actor=signed_in(request), now=timezone.now())
            return Outcome(source, done)

        step = Step(verb, told, take, _page(source), request.method == "POST", subject=str(source))
        return self.confirmed(request, step)

    def _find(self, request: HttpRequest, object_id: int) -> DataSource:
        source: DataSource = get_object_or_404(self.get_queryset(request), pk=object_id)
        return source


def _page(source: DataSource) -> str:
    return reverse("admin:companies_datasource_change", args=[source.pk])


def _as_asked(given: dict[str, Any]) -> dict[str, Any]:
    return {
        "terms": {name: given[name] for name in WRITTEN},
        **{name: given[name] for name in ("secret", "because", "document_number")},
    }


def _told() -> list[str]:
    return [
        _("The platform fetches rows from this address on its own, and what comes lands as a delivery of yours."),
        _("The secret goes nowhere but to this server; the proposal says only that there is one."),
    ]


@admin.register(SourcePull)
class SourcePullAdmin(ReadingAdmin):
    """What came of each pull, the newest first."""

    list_display = (
        "began_at",
        "source",
        "outcome_shown",
        "what",
        "byte_count",
        "as_of_on",
        "delivery_shown",
        "refused",
    )
    list_filter = ("outcome", ("source", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("source", "delivery")
    ordering = ("-pk",)
    fieldsets = (
        (None, {"fields": (("source", "outcome"), ("began_at", "ended_at", "asked_by"), "refused")}),
        (
            gettext_lazy("What came"),
            {"fields": (("what", "byte_count"), "sha256", ("as_of_on", "bookmark"), "delivery_shown")},
        ),
    )
    readonly_fields = ("refused", "delivery_shown")

    @display(
        description=gettext_lazy("outcome"),
        ordering="outcome",
        label=Colours({"landed": "success", "nothing_new": "info", "refused": "danger"}),
    )
    def outcome_shown(self, pull: SourcePull) -> Labelled:
        """The outcome as a coloured label."""
        return Labelled(pull.outcome, pull.get_outcome_display())

    @display(description=gettext_lazy("refusal"))
    def refused(self, pull: SourcePull) -> str:
        """The sentence of the refusal."""
        return str(pull.why) or "—"

    @display(description=gettext_lazy("delivery"))
    def delivery_shown(self, pull: SourcePull) -> str | SafeString:
        """The delivery that it became."""
        if pull.delivery is None:
            return "—"
        address = reverse("admin:companies_delivery_change", args=[pull.delivery_id])
        return format_html('<a class="officer-link" href="{}">{}</a>', address, pull.delivery.delivery_id)
