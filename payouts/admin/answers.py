"""Instructions, and what the bank said about each."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from payouts.admin.desk import ReadOnlyAdmin, payout_number, yuan
from payouts.models import Instruction, Outcome, Reply
from payouts.queries.wording import contradiction
from qinqing.kernel.labels import Labelled


@admin.register(Instruction)
class InstructionAdmin(ReadOnlyAdmin):
    """Every attempt to have a payout paid."""

    list_display = ("end_to_end_id", payout_number, "amount", "account", "stored_at", "batch")
    list_filter = (("batch", admin.EmptyFieldListFilter),)
    list_select_related = ("account", "batch")
    search_fields = ("=end_to_end_id",)
    search_help_text = gettext_lazy("End-to-end id")
    fields = ("end_to_end_id", "payout", "attempt", "amount_cny", "account", "stored_at", "valid_until", "batch")

    @admin.display(description=gettext_lazy("amount"), ordering="amount_cny")
    def amount(self, instruction: Instruction) -> str:
        """How much."""
        return yuan(instruction.amount_cny)


@admin.register(Reply)
class ReplyAdmin(ReadOnlyAdmin):
    """What the bank said; contradictions are for a person to look at."""

    list_display = ("instruction", "outcome_shown", "bank_reference", "reason", "received_at", "contradicts")
    list_filter = ("outcome", ("contradiction", admin.EmptyFieldListFilter), ("applied_at", admin.EmptyFieldListFilter))
    list_select_related = ("instruction",)
    search_fields = ("=instruction__end_to_end_id", "=bank_reference")
    search_help_text = gettext_lazy("End-to-end id or the bank’s reference")
    fields = ("instruction", "outcome", "bank_reference", "reason", "received_at", "applied_at", "contradicts")
    readonly_fields = ("contradicts",)

    @display(
        description=gettext_lazy("outcome"),
        ordering="outcome",
        label={
            Outcome.PAID: "success",
            Outcome.REFUSED: "danger",
            Outcome.RETURNED: "warning",
            Outcome.UNKNOWN: "warning",
        },
    )
    def outcome_shown(self, reply: Reply) -> Labelled:
        """The outcome as a coloured label."""
        return Labelled(reply.outcome, reply.get_outcome_display())

    @display(description=gettext_lazy("contradiction"), ordering="contradiction")
    def contradicts(self, reply: Reply) -> str:
        """Why it cannot be true, in the reader's language."""
        return contradiction(reply)
