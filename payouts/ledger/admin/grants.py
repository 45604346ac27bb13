"""The admin of grants and of their approval."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from unfold.decorators import action, display

from companies.people.permissions import signed_in
from payouts.ledger.admin.four_eyes import FourEyesAdmin
from payouts.ledger.admin.funds import describe_waitlist
from payouts.ledger.grants import approve_grant, turn_down_grant
from payouts.models import Grant
from qinqing.kernel.admin.worklist_filter import WaitsForYou
from qinqing.kernel.labels import Colours, Labelled
from qinqing.kernel.money import yuan

D = Grant.Decision


@admin.register(Grant)
class GrantAdmin(FourEyesAdmin):
    """Grants of more money to funds: one person enters a grant, another approves it."""

    list_display = ("number", "fund_shown", "amount", "because", "standing", "entered_by", "entered_at", "decided_by")
    list_filter = (WaitsForYou, ("decision", admin.EmptyFieldListFilter), "decision")
    list_select_related = ("fund__version__policy", "entered_by", "decided_by")
    search_fields = ("fund__version__policy__code", "because__contains")
    search_help_text = gettext_lazy("The policy’s code, or what it rests on")
    fieldsets = (
        (None, {"fields": ("standing", "fund", "amount", "because")}),
        (gettext_lazy("Its way"), {"fields": (("entered_by", "entered_at"), ("decided_by", "decided_at"))}),
    )
    readonly_fields = ("standing", "amount")
    actions_detail = ("approve", "turn_down")
    author_field = "entered_by"

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """A fund's page leads to its grants."""
        return lookup == "fund__id__exact" or bool(super().lookup_allowed(lookup, value, request))

    @admin.display(description=gettext_lazy("number"), ordering="pk")
    def number(self, grant: Grant) -> str:
        """The grant's number."""
        return f"#{grant.pk}"

    @admin.display(description=gettext_lazy("fund"))
    def fund_shown(self, grant: Grant) -> str:
        """The version that the money is for."""
        return str(grant.fund.version)

    @admin.display(description=gettext_lazy("amount"), ordering="amount_cny")
    def amount(self, grant: Grant) -> str:
        """The amount of the grant."""
        return yuan(grant.amount_cny)

    @display(
        description=gettext_lazy("decision"),
        ordering="decision",
        label=Colours({"": "warning", D.APPROVED: "success", D.TURNED_DOWN: "danger"}),
    )
    def standing(self, grant: Grant) -> Labelled:
        """The decision as a coloured label."""
        return Labelled(grant.decision, grant.get_decision_display() if grant.decision else _("to be approved"))

    def has_approve_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Finance approves grants that another person entered."""
        return self.may_decide(request, object_id)

    @action(description=pgettext_lazy("grant", "Approve"), url_path="approve", permissions=["approve"])
    def approve(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Approve the grant, which puts the money into the fund."""
        grant = self._get_grant(object_id)

        def run(_given: dict[str, Any]) -> str:
            approve_grant(grant_id=grant.pk, actor=signed_in(request), now=timezone.now())
            return _("%(amount)s was granted.") % {"amount": yuan(grant.amount_cny)}

        consequences = [
            self._describe_grant(grant),
            describe_waitlist(grant.fund),
            _("A grant is posted with your name and cannot be taken back."),
        ]
        return self.step(request, grant, pgettext("grant", "Approve"), consequences, run)

    @action(description=gettext_lazy("Turn down"), url_path="turn-down", permissions=["turn_down"])
    def turn_down(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Turn the grant down, which leaves the fund as it is."""
        grant = self._get_grant(object_id)

        def run(_given: dict[str, Any]) -> str:
            turn_down_grant(grant_id=grant.pk, actor=signed_in(request), now=timezone.now())
            return _("The grant was turned down; the fund stays as it is.")

        return self.step(request, grant, _("Turn down"), [self._describe_grant(grant), _("Nothing is posted.")], run)

    def _get_grant(self, object_id: int) -> Grant:
        grant: Grant = get_object_or_404(Grant.objects.select_related(*self.list_select_related), pk=object_id)
        return grant

    def _describe_grant(self, grant: Grant) -> str:
        return f"{grant.fund.version}: {yuan(grant.amount_cny)} – {grant.because}"
