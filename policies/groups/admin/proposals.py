"""Proposals to change stacking groups: those that wait for a second officer, and those that are decided."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from unfold.decorators import action, display

from companies.people.permissions import signed_in
from policies.authoring.admin.steps import Confirmation
from policies.groups.regroup import confirm_group, turn_down_group
from policies.models import GroupProposal, Policy, StackingGroup
from policies.white_lists.admin.list_pages import ConfirmedPages
from qinqing.kernel.admin.admin_steps import is_pressed
from qinqing.kernel.admin.read_only import ReadingAdmin
from qinqing.kernel.admin.worklist_filter import WaitsForYou
from qinqing.kernel.labels import Colours, Labelled
from qinqing.kernel.money import yuan

D = GroupProposal.Decision
_RULE = ("rule", "holder", "span", "pays_difference", "cap_cny")


class ChangedTerm(NamedTuple):
    """One term of a group before and after the change."""

    label: str
    before: str
    after: str

    @property
    def is_other(self) -> bool:
        """Whether the term changes."""
        return self.before != self.after


@admin.register(GroupProposal)
class GroupProposalAdmin(ConfirmedPages, ReadingAdmin):
    """The proposals that one officer made, and another confirmed or turned down."""

    list_display = ("number", "code", "because", "standing", "entered_by", "entered_at", "decided_by", "decided_at")
    list_filter = (WaitsForYou, ("decision", admin.EmptyFieldListFilter), "decision")
    list_select_related = ("entered_by", "decided_by")
    search_fields = ("code", "because")
    ordering = ("-pk",)
    fieldsets = (
        (None, {"fields": ("standing", "group_shown", "because", "compared")}),
        (gettext_lazy("Its way"), {"fields": (("entered_by", "entered_at"), ("decided_by", "decided_at"))}),
    )
    readonly_fields = ("standing", "group_shown", "compared")
    actions_detail = ("confirm", "turn_down", "take_back")

    @admin.display(description=gettext_lazy("number"), ordering="pk")
    def number(self, proposal: GroupProposal) -> str:
        """The proposal's number."""
        return f"#{proposal.pk}"

    @display(
        description=gettext_lazy("decision"),
        ordering="decision",
        label=Colours({"": "warning", D.CONFIRMED: "success", D.TURNED_DOWN: "danger"}),
    )
    def standing(self, proposal: GroupProposal) -> Labelled:
        """The decision as a coloured label."""
        words = proposal.get_decision_display() if proposal.decision else _("to be confirmed")
        if proposal.decision == D.TURNED_DOWN and proposal.decided_by_id == proposal.entered_by_id:
            words = _("taken back")
        return Labelled(proposal.decision, words)

    @admin.display(description=gettext_lazy("stacking group"))
    def group_shown(self, proposal: GroupProposal) -> str:
        """The group's code, and its title while it is there."""
        group = StackingGroup.objects.filter(pk=proposal.group_id).first()
        return str(group or proposal.code)

    @admin.display(description=gettext_lazy("What it changes"))
    def compared(self, proposal: GroupProposal) -> SafeString:
        """The terms of the group before and after."""
        return comparison(proposal)

    def has_confirm_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """An officer can confirm the proposal of another officer."""
        return self._may(request, object_id, is_own=False)

    def has_turn_down_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """An officer can turn down the proposal of another officer."""
        return self._may(request, object_id, is_own=False)

    def has_take_back_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Only the officer who made a proposal takes it back."""
        return self._may(request, object_id, is_own=True)

    def _may(self, request: HttpRequest, object_id: int | str | None, *, is_own: bool) -> bool:
        if not may_change(request):
            return False
        if object_id is None or is_pressed(request):
            return True
        waiting = GroupProposal.objects.filter(pk=object_id, decision="")
        own = {"entered_by": signed_in(request)}
        return (waiting.filter(**own) if is_own else waiting.exclude(**own)).exists()

    @action(description=pgettext_lazy("proposal", "Confirm"), url_path="confirm", permissions=["confirm"])
    def confirm(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Confirm the proposal: the group changes."""
        told = [
            _("The group becomes this at once; with your name it is kept that you confirmed it."),
            _("Where something was claimed under it, its policies are decided anew, and what is free is paid."),
        ]
        done = _("The group is as proposed now; where it was claimed under, its policies are decided anew.")
        return self._step(request, object_id, pgettext("proposal", "Confirm"), told, confirm_group, done)

    @action(description=gettext_lazy("Turn down"), url_path="turn-down", permissions=["turn_down"])
    def turn_down(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Turn the proposal down: the group stays as it is."""
        done = _("The proposal was turned down; the group stays as it is.")
        return self._step(request, object_id, _("Turn down"), [_("The group stays as it is.")], turn_down_group, done)

    @action(description=gettext_lazy("Take back"), url_path="take-back", permissions=["take_back"])
    def take_back(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Take one's own proposal back."""
        done = _("The proposal was taken back; the group stays as it is.")
        return self._step(request, object_id, _("Take back"), [_("The group stays as it is.")], turn_down_group, done)

    def _step(
        self,
        request: HttpRequest,
        object_id: int,
        verb: str,
        told: list[str],
        run: Callable[..., GroupProposal],
        done: str,
    ) -> HttpResponse:
        proposal = get_object_or_404(GroupProposal, pk=object_id)

        def taken(_why: str) -> GroupProposal:
            return run(proposal_id=proposal.pk, actor=signed_in(request), now=timezone.now())

        step = Confirmation(verb=verb, consequences=[*summarise_proposal(proposal), *told], run=taken, done=done)
        return self.confirmed(request, proposal, None, step, address_of(proposal))


def may_change(request: HttpRequest) -> bool:
    """Whether the person may write stacking groups, and so decide about their proposals."""
    return request.user.has_perm("policies.change_stackinggroup")


def address_of(proposal: GroupProposal) -> str:
    """The address of the proposal's own page."""
    return reverse("admin:policies_groupproposal_change", args=[proposal.pk])


def comparison(proposal: GroupProposal, *, link: str = "") -> SafeString:
    """The table of what a proposal changes; on other pages, with a link to the proposal's own page."""
    context = {"rows": list(_changed_terms(proposal)), "link": link}
    return SafeString(render_to_string("admin/policies/_regrouped.html", context))


def summarise_proposal(proposal: GroupProposal) -> list[str]:
    """A sentence for each term that a proposal changes, and its reason."""
    changes = [
        _("%(part)s: %(before)s → %(after)s") % {"part": row.label, "before": row.before, "after": row.after}
        for row in _changed_terms(proposal)
        if row.is_other
    ]
    why = _("%(person)s says why: %(reason)s") % {"person": proposal.entered_by, "reason": proposal.because}
    return [*changes, why]


def _changed_terms(proposal: GroupProposal) -> Iterator[ChangedTerm]:
    before, after = proposal.before, proposal.after
    if after is None:
        yield ChangedTerm(str(StackingGroup._meta.verbose_name), proposal.code, _("is deleted"))
    for name in _RULE:
        label = str(StackingGroup._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
        yield ChangedTerm(label, _term_as_text(name, before), _term_as_text(name, after))
    known = Policy.objects.in_bulk({*before["policies"], *(after or before)["policies"]})
    yield ChangedTerm(_("policies of the group"), _names_of_policies(before, known), _names_of_policies(after, known))


def _term_as_text(name: str, terms: dict[str, Any] | None) -> str:
    """One term of a group as its form shows it."""
    if terms is None:
        return "–"
    value = terms[name]
    if name == "cap_cny":
        return "–" if value is None else yuan(Decimal(value))
    if name == "pays_difference":
        return _("yes") if value else _("no")
    return str(getattr(StackingGroup(**{name: value}), f"get_{name}_display")())


def _names_of_policies(terms: dict[str, Any] | None, known: dict[int, Policy]) -> str:
    policies = [known[number] for number in (terms or {"policies": []})["policies"] if number in known]
    return "; ".join(sorted(str(policy) for policy in policies)) or "–"
