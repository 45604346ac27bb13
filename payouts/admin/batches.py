"""Batches and their files, instructions and replies."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import action, display

from companies.permissions import signed_in
from payouts.admin.desk import ReadOnlyAdmin, Step, yuan
from payouts.models import Batch, BatchFile, Instruction, Outcome, Reply
from payouts.operations import open_file, seal_batches

MEDIA_TYPES = {
    BatchFile.Format.PAIN001: "application/xml",
    BatchFile.Format.WORKBOOK: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
ENDINGS = {BatchFile.Format.PAIN001: "xml", BatchFile.Format.WORKBOOK: "xlsx"}


@admin.register(Batch)
class BatchAdmin(ReadOnlyAdmin):
    """What was sealed, and its files."""

    list_display = ("message_id", "policy", "line_count", "control_sum", "sealed_at", "sealed_by")
    list_select_related = ("fund__version__policy", "sealed_by")
    search_fields = ("=message_id",)
    search_help_text = gettext_lazy("Message id")
    fields = ("message_id", "policy", "line_count", "control_sum", "sealed_at", "sealed_by", "sha256")
    readonly_fields = ("policy", "control_sum")
    actions_list = ("seal",)
    actions_detail = ("files",)

    @admin.display(description=gettext_lazy("policy"))
    def policy(self, batch: Batch) -> str:
        """The version that the batch pays."""
        return str(batch.fund.version)

    @admin.display(description=gettext_lazy("control sum"), ordering="control_sum_cny")
    def control_sum(self, batch: Batch) -> str:
        """The sum of its lines."""
        return yuan(batch.control_sum_cny)

    def has_seal_permission(self, request: HttpRequest, _object_id: int | str | None = None) -> bool:
        """Finance seals."""
        return self.may(request, "add")

    def has_files_permission(self, request: HttpRequest, _object_id: int | str | None = None) -> bool:
        """Finance takes the files away; account numbers stand in them."""
        return self.may(request, "change")

    @action(description=gettext_lazy("Seal what was sent"), url_path="seal", permissions=["seal"])
    def seal(self, request: HttpRequest) -> HttpResponse:
        """Seal every instruction that stands in no batch."""

        def run(_given: dict[str, Any]) -> str:
            sealed = len(seal_batches(actor=signed_in(request), now=timezone.now()))
            if not sealed:
                return _("There was nothing to seal.")
            return ngettext("%(count)s batch was sealed.", "%(count)s batches were sealed.", sealed) % {"count": sealed}

        step = Step(
            verb=_("Seal what was sent"),
            consequences=[
                _("Every instruction that is with the bank or was paid, and stands in no batch, is sealed."),
                _("A sealed batch never changes: neither its lines nor their sum."),
            ],
            run=run,
            back=reverse("admin:payouts_batch_changelist"),
            is_confirmed=request.method == "POST",
        )
        return self.confirmed(request, step)

    @action(description=gettext_lazy("Files"), url_path="files", permissions=["files"])
    def files(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show the batch's files; a POST takes one away, and is logged."""
        batch = get_object_or_404(Batch, pk=object_id)
        if request.method == "POST":
            return self._download(request, batch, request.POST.get("format", ""))
        written = {file.format: file for file in batch.files.defer("content")}
        rows = [(choice, written.get(choice)) for choice in BatchFile.Format]
        back = reverse("admin:payouts_batch_change", args=[batch.pk])
        context = {"batch": batch, "total": yuan(batch.control_sum_cny), "rows": rows, "back": back}
        return self.page(request, "admin/payouts/files.html", _("Files"), context)

    def _download(self, request: HttpRequest, batch: Batch, wanted: str) -> HttpResponse:
        if not self.has_files_permission(request):
            raise PermissionDenied
        if wanted not in BatchFile.Format:
            raise Http404
        choice = BatchFile.Format(wanted)
        file = open_file(batch=batch, format=choice, actor=signed_in(request), now=timezone.now())
        self.log_change(request, batch, f"{choice} {file.sha256}")
        answer = HttpResponse(bytes(file.content), content_type=MEDIA_TYPES[choice])
        answer["Content-Disposition"] = f'attachment; filename="{batch.message_id}.{ENDINGS[choice]}"'
        answer["Cache-Control"] = "no-store"
        return answer


@admin.register(Instruction)
class InstructionAdmin(ReadOnlyAdmin):
    """Every attempt to have a payout paid."""

    list_display = ("end_to_end_id", "payout_id", "amount", "account", "stored_at", "batch")
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

    list_display = ("instruction", "outcome_shown", "bank_reference", "reason", "received_at", "contradiction")
    list_filter = ("outcome", ("contradiction", admin.EmptyFieldListFilter), ("applied_at", admin.EmptyFieldListFilter))
    list_select_related = ("instruction",)
    search_fields = ("=instruction__end_to_end_id", "=bank_reference")
    search_help_text = gettext_lazy("End-to-end id or the bank’s reference")
    fields = ("instruction", "outcome", "bank_reference", "reason", "received_at", "applied_at", "contradiction")

    @display(
        description=gettext_lazy("outcome"),
        ordering="outcome",
        label={Outcome.PAID: "success", Outcome.REFUSED: "danger", Outcome.UNKNOWN: "warning"},
    )
    def outcome_shown(self, reply: Reply) -> tuple[str, str]:
        """The outcome as a coloured label."""
        return reply.outcome, reply.get_outcome_display()
