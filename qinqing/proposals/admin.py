"""The admin of proposals: those that wait for a second person, and those that are decided."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from unfold.decorators import action, display

from qinqing.kernel.admin.admin_steps import is_pressed
from qinqing.kernel.admin.keyset import KeysetLists
from qinqing.kernel.admin.read_only import ReadingAdmin
from qinqing.kernel.admin.worklist_filter import WaitsForYou
from qinqing.kernel.labels import Colours, Labelled
from qinqing.kernel.refusals import Refusal
from qinqing.kernel.web.step_up import require_fresh_second_factor_in_admin
from qinqing.proposals.decide import confirm, turn_down
from qinqing.proposals.kinds import find_kind, list_kinds
from qinqing.proposals.models import Proposal
from qinqing.proposals.queries import find_readable, find_waiting, list_changes

D = Proposal.Decision


class KindFilter(admin.SimpleListFilter):
    """Filters the list to proposals of one kind."""

    title = gettext_lazy("what changes")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The kinds that the person may read."""
        user: Any = request.user
        return [(kind.name, capfirst(str(kind.title))) for kind in list_kinds() if user.has_perm(kind.reads)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Proposal]) -> QuerySet[Proposal]:
        """The proposals of the chosen kind."""
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Proposal)
class ProposalAdmin(KeysetLists, ReadingAdmin):
    """The proposals that one person made, and another confirmed or turned down."""

    list_display = (
        "number",
        "title",
        "subject_name",
        "because",
        "standing",
        "proposed_by",
        "proposed_at",
        "decided_by",
    )
    list_filter = (WaitsForYou, ("decision", admin.EmptyFieldListFilter), "decision", KindFilter)
    list_select_related = ("proposed_by", "decided_by")
    search_fields = ("subject_name", "because", "=document_number")
    search_help_text = gettext_lazy("What it is about, its reason, or the number of its document")
    ordering = ("-pk",)
    fieldsets = (
        (None, {"fields": ("standing", "title", "subject", "because", "document_number", "compared", "facts")}),
        (gettext_lazy("Its way"), {"fields": (("proposed_by", "proposed_at"), ("decided_by", "decided_at"))}),
    )
    readonly_fields = ("standing", "title", "subject", "compared", "facts")
    actions_detail = ("confirm", "turn_down", "take_back")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Proposal]:
        """The proposals of the kinds that the person may read."""
        readable: QuerySet[Proposal] = super().get_queryset(request) & find_readable(user=_person(request))
        return readable

    @admin.display(description=gettext_lazy("number"), ordering="pk")
    def number(self, proposal: Proposal) -> str:
        """The proposal's number."""
        return f"#{proposal.pk}"

    @admin.display(description=gettext_lazy("what changes"), ordering="kind")
    def title(self, proposal: Proposal) -> str:
        """What the proposal changes."""
        return capfirst(str(find_kind(proposal.kind).title))

    @admin.display(description=gettext_lazy("about"))
    def subject(self, proposal: Proposal) -> str | SafeString:
        """The subject's name, which leads to its page."""
        address = find_kind(proposal.kind).subject_address(proposal.subject_id)
        if not address:
            return proposal.subject_name
        return format_html('<a class="officer-link" href="{}">{}</a>', address, proposal.subject_name)

    @display(
        description=gettext_lazy("decision"),
        ordering="decision",
        label=Colours({"": "warning", D.CONFIRMED: "success", D.TURNED_DOWN: "danger"}),
    )
    def standing(self, proposal: Proposal) -> Labelled:
        """The decision as a coloured label."""
        words = proposal.get_decision_display() if proposal.decision else _("to be confirmed")
        if proposal.decision == D.TURNED_DOWN and proposal.decided_by_id == proposal.proposed_by_id:
            words = _("taken back")
        return Labelled(proposal.decision, words)

    @admin.display(description=gettext_lazy("What it changes"))
    def compared(self, proposal: Proposal) -> SafeString:
        """The values before and after."""
        return compare(proposal)

    @admin.display(description=gettext_lazy("Beside it"))
    def facts(self, proposal: Proposal) -> SafeString | str:
        """What else whoever decides should know, such as the answer of the firm that it is about."""
        return format_html_join(
            "",
            "<p><strong>{}</strong><br>{}</p>",
            ((capfirst(str(fact.label)), fact.text) for fact in find_kind(proposal.kind).facts(proposal)),
        ) or _("nothing")

    def has_confirm_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Whoever decides proposals of this kind can confirm another person's."""
        return self._may_decide(request, object_id)

    def has_turn_down_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Whoever decides proposals of this kind can turn another person's down."""
        return self._may_decide(request, object_id)

    def has_take_back_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Only the person who made a proposal takes it back."""
        own = Proposal.objects.filter(pk=object_id or 0, proposed_by=_person(request))
        return object_id is None or (own if is_pressed(request) else own.filter(decision="")).exists()

    def _may_decide(self, request: HttpRequest, object_id: int | str | None) -> bool:
        """
        Whether the person decides proposals of this kind; only the operation says that a pressed button came too late.
        """
        if object_id is None:
            return True
        if not is_pressed(request):
            return find_waiting(user=_person(request)).filter(pk=object_id).exists()
        proposal = Proposal.objects.filter(pk=object_id).first()
        return proposal is not None and _person(request).has_perm(find_kind(proposal.kind).decides)

    @action(description=pgettext_lazy("proposal", "Confirm"), url_path="confirm", permissions=["confirm"])
    @require_fresh_second_factor_in_admin
    def confirm(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Confirm the proposal: the database makes the change."""
        proposal = self._get_proposal(request, object_id)
        told = [
            *find_kind(proposal.kind).consequences(proposal),
            _("It becomes this at once; with your name it is kept that you confirmed it."),
        ]
        done = _("Confirmed: %(subject)s is now as proposed.") % {"subject": proposal.subject_name}
        return self._step(request, proposal, pgettext("proposal", "Confirm"), told, confirm, done)

    @action(description=gettext_lazy("Turn down"), url_path="turn-down", permissions=["turn_down"])
    def turn_down(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Turn the proposal down: nothing changes."""
        proposal, done = self._get_proposal(request, object_id), _("The proposal was turned down; nothing changed.")
        return self._step(request, proposal, _("Turn down"), [_("Nothing changes.")], turn_down, done)

    @action(description=gettext_lazy("Take back"), url_path="take-back", permissions=["take_back"])
    def take_back(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Take one's own proposal back: nothing changes."""
        proposal, done = self._get_proposal(request, object_id), _("The proposal was taken back; nothing changed.")
        return self._step(request, proposal, _("Take back"), [_("Nothing changes.")], turn_down, done)

    def _get_proposal(self, request: HttpRequest, object_id: int) -> Proposal:
        return get_object_or_404(self.get_queryset(request).select_related("proposed_by"), pk=object_id)

    def _step(
        self,
        request: HttpRequest,
        proposal: Proposal,
        verb: str,
        told: list[str],
        run: Callable[..., Proposal],
        done: str,
    ) -> HttpResponse:
        back = address_of(proposal)
        if request.method != "POST":
            context = {"proposal": proposal, "compared": compare(proposal), "told": told, "verb": verb, "back": back}
            title = f"{self.title(proposal)}: {verb}"
            return self.page(request, "admin/proposals/decide.html", title, context)
        try:
            run(proposal_id=proposal.pk, actor=_person(request), now=timezone.now())
        except Refusal as refusal:
            messages.error(request, str(refusal))
        else:
            self.log_change(request, proposal, verb)
            messages.success(request, done)
        return redirect(back)


def _person(request: HttpRequest) -> Any:
    return request.user


def address_of(proposal: Proposal) -> str:
    """The address of the proposal's own page."""
    return reverse("admin:proposals_proposal_change", args=[proposal.pk])


def compare(proposal: Proposal, *, link: str = "") -> SafeString:
    """The table of what a proposal changes; on other pages, with a link to the proposal's own page."""
    context = {"rows": list(list_changes(proposal=proposal)), "link": link}
    return SafeString(render_to_string("admin/proposals/_compared.html", context))
