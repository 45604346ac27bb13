"""What was found out about payments of which the bank says things that cannot all be true, and who confirms it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display

from companies.people.permissions import signed_in
from payouts.ledger.stored_text import contradiction
from payouts.models import Finding
from payouts.recovery.admin import SteppedAdmin
from payouts.replies.clarify import confirm_finding, turn_down_finding
from qinqing.kernel.admin.admin_steps import is_pressed
from qinqing.kernel.labels import Colours, Labelled
from qinqing.kernel.money import yuan

D = Finding.Decision


@admin.register(Finding)
class FindingAdmin(SteppedAdmin):
    """Whether the bank made a payment: one person asks the bank, another confirms what was told."""

    list_display = ("number", "instruction", "amount", "verdict", "because", "standing", "entered_by", "decided_by")
    list_filter = (("decision", admin.EmptyFieldListFilter), "decision", "was_paid")
    list_select_related = ("reply__instruction__payout", "entered_by", "decided_by")
    search_fields = ("=reply__instruction__end_to_end_id",)
    search_help_text = gettext_lazy("End-to-end id")
    fieldsets = (
        (None, {"fields": ("standing", "reply", "payout", "amount", "contradicts")}),
        (gettext_lazy("What was found"), {"fields": ("verdict", "because")}),
        (gettext_lazy("Its way"), {"fields": (("entered_by", "entered_at"), ("decided_by", "decided_at"))}),
    )
    readonly_fields = ("standing", "payout", "amount", "contradicts", "verdict")
    actions_detail = ("confirm", "turn_down")

    @admin.display(description=gettext_lazy("number"), ordering="pk")
    def number(self, finding: Finding) -> str:
        """The finding's number."""
        return f"#{finding.pk}"

    @admin.display(description=gettext_lazy("instruction"))
    def instruction(self, finding: Finding) -> str:
        """How the bank knows the payment."""
        return str(finding.reply.instruction)

    @admin.display(description=gettext_lazy("payout"))
    def payout(self, finding: Finding) -> str:
        """The number of the payout."""
        return f"#{finding.reply.instruction.payout_id}"

    @admin.display(description=gettext_lazy("amount"))
    def amount(self, finding: Finding) -> str:
        """How much was or was not paid."""
        return yuan(finding.reply.instruction.amount_cny)

    @admin.display(description=gettext_lazy("contradiction"))
    def contradicts(self, finding: Finding) -> str:
        """Why somebody had to ask."""
        return contradiction(finding.reply)

    @admin.display(description=gettext_lazy("what the bank says"), ordering="was_paid")
    def verdict(self, finding: Finding) -> str:
        """Whether the bank paid."""
        return _("The bank paid it.") if finding.was_paid else _("The bank did not pay it.")

    @display(
        description=gettext_lazy("decision"),
        ordering="decision",
        label=Colours({"": "warning", D.CONFIRMED: "success", D.TURNED_DOWN: "danger"}),
    )
    def standing(self, finding: Finding) -> Labelled:
        """The decision as a coloured label."""
        word = finding.get_decision_display() if finding.decision else _("to be confirmed")
        return Labelled(finding.decision, word)

    def has_confirm_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Finance confirms what somebody else has found out."""
        waiting = self._waiting(request, object_id).exclude(entered_by=signed_in(request))
        return self.may(request, "change") and (object_id is None or waiting.exists())

    def has_turn_down_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Whoever entered it may take it back, too."""
        waiting = self._waiting(request, object_id)
        return self.may(request, "change") and (object_id is None or waiting.exists())

    def _waiting(self, request: HttpRequest, object_id: int | str | None) -> QuerySet[Finding]:
        undecided = {} if is_pressed(request) else {"decision": ""}
        return Finding.objects.filter(pk=object_id or 0, **undecided)

    @action(description=gettext_lazy("Confirm"), url_path="confirm", permissions=["confirm"])
    def confirm(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Let money follow what was found out."""
        finding = self._finding(object_id)

        def run(_given: dict[str, Any]) -> str:
            confirm_finding(finding_id=finding.pk, actor=signed_in(request), now=timezone.now())
            return _("The finding is confirmed.")

        follows = _if_paid() if finding.was_paid else _if_not_paid()
        consequences = [*self._summed(finding), *follows, _("It is kept with your name and cannot be taken back.")]
        return self.step(request, finding, _("Confirm"), consequences, run)

    @action(description=gettext_lazy("Turn down"), url_path="turn-down", permissions=["turn_down"])
    def turn_down(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Leave the payout as it is."""
        finding = self._finding(object_id)

        def run(_given: dict[str, Any]) -> str:
            turn_down_finding(finding_id=finding.pk, actor=signed_in(request), now=timezone.now())
            return _("The finding was turned down; the reply waits as before.")

        consequences = [*self._summed(finding), _("Nothing moves; it may be found out anew.")]
        return self.step(request, finding, _("Turn down"), consequences, run)

    def _finding(self, object_id: int) -> Finding:
        finding: Finding = get_object_or_404(Finding.objects.select_related(*self.list_select_related), pk=object_id)
        return finding

    def _summed(self, finding: Finding) -> list[str]:
        payment = f"{finding.reply.instruction} · {yuan(finding.reply.instruction.amount_cny)}"
        return [payment, contradiction(finding.reply), f"{self.verdict(finding)} – {finding.because}"]


def _if_paid() -> list[str]:
    return [
        _("A payout that was refused, sent back or waits to be sent counts as paid, and is booked as paid."),
        _("So does one that was cancelled: its money is taken out of what its fund has available. If nobody is entitled"
          " to it, have the payout checked and demand the money back."),
    ]  # fmt: skip


def _if_not_paid() -> list[str]:
    return [
        _("The payout can be paid again or cancelled. If the bank did pay it after all, the money goes out twice:"
          " ask the bank yourself with the end-to-end id before you confirm."),
    ]  # fmt: skip
