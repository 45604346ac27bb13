"""The admin of instructions, and of the bank's replies about them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.formats import localize
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display

from companies.people.permissions import signed_in
from payouts.desk import DecisionForm, FindingForm, ReadOnlyAdmin, payout_number
from payouts.exceptions.stuck import waiting_contradictions
from payouts.ledger.stored_text import describe_contradiction
from payouts.models import Clarification, Instruction, Outcome, Reply
from payouts.recovery.admin.stepped import SteppedAdmin
from payouts.replies.clarify import FINDING_KIND, clarify_contradiction, propose_finding
from qinqing.kernel.admin.admin_steps import is_pressed
from qinqing.kernel.labels import Colours, Labelled
from qinqing.kernel.money import yuan
from qinqing.proposals.admin import address_of
from qinqing.proposals.models import Proposal


@admin.register(Instruction)
class InstructionAdmin(ReadOnlyAdmin):
    """Instructions, each of which is one attempt to have a payout paid."""

    list_display = ("end_to_end_id", payout_number, "amount", "account", "stored_at", "batch")
    list_filter = (("batch", admin.EmptyFieldListFilter),)
    list_select_related = ("account", "batch")
    search_fields = ("=end_to_end_id",)
    search_help_text = gettext_lazy("End-to-end id")
    fields = ("end_to_end_id", "payout", "attempt", "amount_cny", "account", "stored_at", "valid_until", "batch")

    @admin.display(description=gettext_lazy("amount"), ordering="amount_cny")
    def amount(self, instruction: Instruction) -> str:
        """The amount of the instruction."""
        return yuan(instruction.amount_cny)


@admin.register(Reply)
class ReplyAdmin(SteppedAdmin):
    """Replies of the bank; a person clarifies those that contradict their payouts."""

    list_display = ("instruction", "outcome_shown", "bank_reference", "reason", "received_at", "contradiction_shown")
    list_filter = (
        "outcome",
        ("contradicted_status", admin.EmptyFieldListFilter),
        ("clarification", admin.EmptyFieldListFilter),
        ("applied_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("instruction",)
    search_fields = ("=instruction__end_to_end_id", "=bank_reference")
    search_help_text = gettext_lazy("End-to-end id or the bank’s reference")
    fields = (
        "instruction",
        "outcome",
        "bank_reference",
        "reason",
        "received_at",
        "applied_at",
        "contradiction_shown",
        "clarification_shown",
        "findings_shown",
    )
    readonly_fields = ("contradiction_shown", "clarification_shown", "findings_shown")
    actions_detail = ("clarify",)

    @display(
        description=gettext_lazy("outcome"),
        ordering="outcome",
        label=Colours(
            {
                Outcome.PAID: "success",
                Outcome.REFUSED: "danger",
                Outcome.RETURNED: "warning",
                Outcome.UNKNOWN: "warning",
            }
        ),
    )
    def outcome_shown(self, reply: Reply) -> Labelled:
        """The outcome as a coloured label."""
        return Labelled(reply.outcome, reply.get_outcome_display())

    @display(description=gettext_lazy("contradiction"), ordering="contradicted_status")
    def contradiction_shown(self, reply: Reply) -> str:
        """How the reply contradicts its payout."""
        return describe_contradiction(reply)

    @admin.display(description=gettext_lazy("what was found"))
    def clarification_shown(self, reply: Reply) -> str:
        """What the bank told, who asked it, and when."""
        clarification = Clarification.objects.filter(reply=reply).select_related("clarified_by").first()
        if clarification is None:
            return "—"
        at = localize(timezone.localtime(clarification.clarified_at))
        return f"{clarification.because} · {clarification.clarified_by} · {at}"

    @admin.display(description=gettext_lazy("findings about the payment"))
    def findings_shown(self, reply: Reply) -> SafeString | str:
        """Links to the findings about the payment, each with its decision."""
        proposals = Proposal.objects.filter(kind=FINDING_KIND, subject_id=reply.pk).order_by("pk")
        links = ((address_of(each), f"#{each.pk}", _describe_decision(each)) for each in proposals)
        return format_html_join(" ", '<a href="{}">{} {}</a>', links) or "—"

    def has_clarify_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Finance clarifies a contradiction, once."""
        may: bool = request.user.has_perms(("payouts.add_clarification", "payouts.add_finding"))
        if not may or object_id is None or is_pressed(request):
            return may
        return waiting_contradictions().filter(pk=object_id, is_found=False).exists()

    @action(description=gettext_lazy("Write down what was found"), url_path="clarify", permissions=["clarify"])
    def clarify(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Record what the bank told; if it is about a payment, somebody else has to confirm it."""
        reply = get_object_or_404(Reply.objects.select_related("instruction"), pk=object_id)
        is_payment = reply.outcome == Outcome.PAID

        def run(given: dict[str, Any]) -> str:
            arguments = given | {"reply_id": reply.pk, "actor": signed_in(request), "now": timezone.now()}
            if is_payment:
                propose_finding(**arguments)
                return _("It is written down; somebody else has to confirm it.")
            clarify_contradiction(**arguments)
            return _("It is written down, and the reply waits for nobody any more.")

        follows = _("Somebody else has to confirm it; then money follows.") if is_payment else _("Nothing moves by it.")
        consequences = [describe_contradiction(reply), follows, _("It is kept with your name.")]
        form: type[forms.Form] = FindingForm if is_payment else DecisionForm
        return self.step(request, reply, _("Write down what was found"), consequences, run, form)


def _describe_decision(proposal: Proposal) -> str:
    return str(proposal.get_decision_display() if proposal.decision else _("to be confirmed"))
