"""The admin of findings: whether the bank made a payment of which its replies contradict each other or the payout."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display

from companies.people.permissions import signed_in
from payouts.ledger.admin.four_eyes import FourEyesAdmin
from payouts.ledger.stored_text import describe_contradiction
from payouts.models import Finding
from payouts.replies.clarify import confirm_finding, turn_down_finding
from qinqing.kernel.labels import Colours, Labelled
from qinqing.kernel.money import yuan

D = Finding.Decision


@admin.register(Finding)
class FindingAdmin(FourEyesAdmin):
    """Findings: one person asks the bank whether it made a payment, another confirms the answer."""

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
    author_field = "entered_by"

    @admin.display(description=gettext_lazy("number"), ordering="pk")
    def number(self, finding: Finding) -> str:
        """The finding's number."""
        return f"#{finding.pk}"

    @admin.display(description=gettext_lazy("instruction"))
    def instruction(self, finding: Finding) -> str:
        """The end-to-end id by which the bank knows the payment."""
        return str(finding.reply.instruction)

    @admin.display(description=gettext_lazy("payout"))
    def payout(self, finding: Finding) -> str:
        """The number of the payout."""
        return f"#{finding.reply.instruction.payout_id}"

    @admin.display(description=gettext_lazy("amount"))
    def amount(self, finding: Finding) -> str:
        """The amount that the bank paid or did not pay."""
        return yuan(finding.reply.instruction.amount_cny)

    @admin.display(description=gettext_lazy("contradiction"))
    def contradicts(self, finding: Finding) -> str:
        """How the reply contradicts its payout, which is why somebody asked the bank."""
        return describe_contradiction(finding.reply)

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
        """Finance confirms a finding that another person entered."""
        return self.may_decide(request, object_id)

    @action(description=gettext_lazy("Confirm"), url_path="confirm", permissions=["confirm"])
    def confirm(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Confirm the finding, after which the platform settles the payout, or may pay it again."""
        finding = self._get_finding(object_id)

        def run(_given: dict[str, Any]) -> str:
            confirm_finding(finding_id=finding.pk, actor=signed_in(request), now=timezone.now())
            return _("The finding is confirmed.")

        follows = _describe_payment() if finding.was_paid else _describe_non_payment()
        consequences = [
            *self._describe_finding(finding),
            *follows,
            _("It is kept with your name and cannot be taken back."),
        ]
        return self.step(request, finding, _("Confirm"), consequences, run)

    @action(description=gettext_lazy("Turn down"), url_path="turn-down", permissions=["turn_down"])
    def turn_down(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Turn the finding down, which leaves the payout as it is."""
        finding = self._get_finding(object_id)

        def run(_given: dict[str, Any]) -> str:
            turn_down_finding(finding_id=finding.pk, actor=signed_in(request), now=timezone.now())
            return _("The finding was turned down; the reply waits as before.")

        consequences = [*self._describe_finding(finding), _("Nothing moves; it may be found out anew.")]
        return self.step(request, finding, _("Turn down"), consequences, run)

    def _get_finding(self, object_id: int) -> Finding:
        finding: Finding = get_object_or_404(Finding.objects.select_related(*self.list_select_related), pk=object_id)
        return finding

    def _describe_finding(self, finding: Finding) -> list[str]:
        payment = f"{finding.reply.instruction} · {yuan(finding.reply.instruction.amount_cny)}"
        return [payment, describe_contradiction(finding.reply), f"{self.verdict(finding)} – {finding.because}"]


def _describe_payment() -> list[str]:
    return [
        _("A payout that was refused, sent back or waits to be sent counts as paid, and is booked as paid."),
        _("So does one that was cancelled: its money is taken out of what its fund has available. If nobody is entitled"
          " to it, have the payout checked and demand the money back."),
    ]  # fmt: skip


def _describe_non_payment() -> list[str]:
    return [
        _("The payout can be paid again or cancelled. If the bank did pay it after all, the money goes out twice:"
          " ask the bank yourself with the end-to-end id before you confirm."),
    ]  # fmt: skip
