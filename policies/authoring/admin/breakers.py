"""
The thresholds at which the platform pauses a policy by itself, in the admin.

What an officer makes stricter holds when the form is saved; what would loosen a breaker becomes a proposal.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextareaWidget

from companies.people.permissions import signed_in
from policies.authoring.breaker_terms import KIND, propose_deletion, save_breaker
from policies.models import Breaker
from qinqing.kernel.admin.confirmed_steps import Outcome, Step, StepPages, make_reason_form
from qinqing.kernel.refusals import Refusal
from qinqing.kernel.web.step_up import ask_for_second_factor, has_fresh_second_factor
from qinqing.proposals.admin import address_of, compare
from qinqing.proposals.models import Proposal
from qinqing.proposals.queries import find_open


class BreakerForm(forms.ModelForm):  # type: ignore[type-arg]
    """
    The terms of a breaker, and why they change.

    After the form is saved, `proposal` is what a colleague has to confirm, if somebody has to.
    """

    proposal: Proposal | None = None
    because = forms.CharField(
        label=gettext_lazy("Why it changes"),
        max_length=300,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text=gettext_lazy(
            "What is stricter holds at once. What is looser, or counts over other minutes, a colleague has to confirm."
        ),
    )

    class Meta:
        model = Breaker
        fields = (
            "policy",
            "refused_count",
            "refused_percent",
            "refused_minutes",
            "payees_per_account",
            "stops_when_stale",
        )


@admin.register(Breaker)
class BreakerAdmin(StepPages):
    """The thresholds of one policy, or the row for all policies without thresholds of their own."""

    form = BreakerForm
    list_display = (
        "__str__",
        "refused_count",
        "refused_percent",
        "refused_minutes",
        "payees_per_account",
        "stops_when_stale",
    )
    autocomplete_fields = ("policy",)
    list_select_related = ("policy",)
    ordering = ("policy__code", "pk")

    def get_fields(self, request: HttpRequest, obj: Breaker | None = None) -> list[Any]:
        """The fields; an open proposal comes first, and a reader is not asked for a reason."""
        waiting = ["waiting"] if obj and find_open(kind=KIND, subject_id=obj.pk) else []
        terms = [
            "policy",
            ("refused_count", "refused_percent", "refused_minutes"),
            "payees_per_account",
            "stops_when_stale",
        ]
        return [*waiting, *terms, *(["because"] if may_change(request) else [])]

    def get_readonly_fields(self, request: HttpRequest, obj: Breaker | None = None) -> tuple[str, ...]:
        """Which policy it watches stays; officers decide an open proposal on its own page."""
        return ("waiting", "policy") if obj else ()

    @admin.display(description=gettext_lazy("Waits for a colleague"))
    def waiting(self, breaker: Breaker) -> SafeString:
        """The terms that wait for a colleague."""
        proposal = find_open(kind=KIND, subject_id=breaker.pk)
        assert proposal is not None
        return compare(proposal, link=address_of(proposal))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show or save the form; whoever saves proves first who it is, and reads why nothing was saved."""
        if request.method == "POST" and may_change(request) and not has_fresh_second_factor(request):
            return ask_for_second_factor(request)
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Refusal as refusal:
            messages.error(request, str(refusal))
            return redirect(request.get_full_path())

    def save_model(
        self,
        request: HttpRequest,
        obj: Breaker,
        form: Any,
        change: bool,  # noqa: FBT001 - Django's signature
    ) -> None:
        """Save what is stricter, and propose what is looser."""
        asked = {"because": form.cleaned_data["because"], "actor": signed_in(request), "now": timezone.now()}
        form.proposal = obj.proposed = save_breaker(breaker=obj, **asked)  # type: ignore[attr-defined]

    def construct_change_message(
        self,
        request: HttpRequest,
        form: Any,
        formsets: Any,
        add: bool = False,  # noqa: FBT001, FBT002 - Django's signature
    ) -> Any:
        """The log's message; a change that is only proposed is not logged as made."""
        if form.proposal is not None:
            return _("Proposed a change: %(reason)s") % {"reason": form.cleaned_data["because"]}
        return super().construct_change_message(request, form, formsets, add)

    def response_add(self, request: HttpRequest, obj: Breaker, post_url_continue: str | None = None) -> Any:
        """Show the proposal, if the terms need one."""
        return self._redirect_to_proposal(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Breaker) -> Any:
        """Show the proposal, if the terms need one."""
        return self._redirect_to_proposal(request, obj) or super().response_change(request, obj)

    def _redirect_to_proposal(self, request: HttpRequest, breaker: Breaker) -> HttpResponse | None:
        proposal: Proposal | None = getattr(breaker, "proposed", None)
        if proposal is None:
            return None
        messages.success(request, _("Nothing is looser yet: a colleague has to confirm this proposal."))
        return redirect(address_of(proposal))

    def has_delete_permission(self, request: HttpRequest, obj: Breaker | None = None) -> bool:
        """Officers propose to delete a breaker on its own page; none is deleted from the list."""
        return obj is not None and bool(super().has_delete_permission(request, obj))

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        """Propose to delete the breaker."""
        breaker = self.get_object(request, object_id)
        if breaker is None:
            raise Http404
        if not self.has_delete_permission(request, breaker):
            raise PermissionDenied
        if not has_fresh_second_factor(request):
            return ask_for_second_factor(request)
        return self._ask_to_delete(request, breaker)

    def _ask_to_delete(self, request: HttpRequest, breaker: Breaker) -> HttpResponse:
        def run(given: dict[str, Any]) -> Outcome:
            propose_deletion(breaker=breaker, **given, actor=signed_in(request), now=timezone.now())
            return Outcome(breaker, _("Nothing has changed yet: a colleague has to confirm this proposal."))

        step = Step(
            verb=_("Propose to delete it"),
            consequences=[
                _("Once a colleague confirms it, the breaker for all policies or the usual thresholds watch.")
            ],
            run=run,
            back=reverse("admin:policies_breaker_change", args=[breaker.pk]),
            is_confirmed=request.method == "POST",
            form=make_reason_form(_("Why is it deleted?")),
            subject=str(breaker),
        )
        return self.confirmed(request, step)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Breaker]:
        """All thresholds."""
        breakers: QuerySet[Breaker] = super().get_queryset(request)
        return breakers


def may_change(request: HttpRequest) -> bool:
    """Whether the person may write circuit breakers."""
    return request.user.has_perm("policies.change_breaker")
