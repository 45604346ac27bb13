"""The admin of findings: whether the bank made a payment of which its replies contradict each other or the payout."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from payouts.ledger.admin.proposed import ProposedAdmin
from payouts.ledger.stored_text import describe_contradiction
from payouts.models import Finding
from qinqing.kernel.money import yuan


@admin.register(Finding)
class FindingAdmin(ProposedAdmin):
    """Findings: one person asked the bank whether it made a payment, another confirmed the answer."""

    list_display = ("number", "instruction", "amount", "verdict", "because", "proposed_by", "decided_by")
    list_filter = ("was_paid",)
    list_select_related = ("reply__instruction__payout", "proposal__proposed_by", "proposal__decided_by")
    search_fields = ("=reply__instruction__end_to_end_id",)
    search_help_text = gettext_lazy("End-to-end id")
    fieldsets = (
        (None, {"fields": ("reply", "payout", "amount", "contradicts")}),
        (gettext_lazy("What was found"), {"fields": ("verdict", "because", "proposal_shown")}),
    )
    readonly_fields = ("payout", "amount", "contradicts", "verdict", "because", "proposal_shown")

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
