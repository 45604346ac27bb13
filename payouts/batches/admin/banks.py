"""The admin of banks, and of downloads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from companies.people.permissions import signed_in
from payouts.batches.terms import accounts
from payouts.desk import ReadOnlyAdmin
from payouts.models import Bank, Download
from payouts.models.banks.layout_life import LayoutStatus
from qinqing.kernel.admin.optimistic_lock import UnchangedForm
from qinqing.kernel.admin.read_only import ReadingAdmin
from qinqing.proposals.models import Proposal
from qinqing.proposals.proposing_admin import Proposing, ProposingAdmin, WhyFields


class BankForm(WhyFields, UnchangedForm):
    """The terms that a person proposes for a bank; it offers layouts in use."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("template", "reply_template"):
            layouts: Any = self.fields[name]
            layouts.queryset = layouts.queryset.filter(status=LayoutStatus.IN_USE)


@admin.register(Bank)
class BankAdmin(ProposingAdmin, ReadingAdmin):
    """Banks with the account that they pay from, and the channel by which they take instructions."""

    proposal_kind = accounts.KIND
    list_display = ("name", "channel", "payer_name", "template", "reply_template", "answer_days")
    list_filter = ("channel",)
    list_select_related = ("template", "reply_template")
    search_fields = ("name",)
    ordering = ("name", "pk")
    fieldsets = (
        (None, {"fields": (("name", "channel"), "payer_name", ("payer_account", "payer_bank_number"))}),
        (None, {"fields": ("template", "reply_template", "answer_days")}),
    )
    actions_list = ("propose_new",)
    actions_detail = ("propose_terms",)

    def has_propose_new_permission(self, request: HttpRequest) -> bool:
        """Finance proposes new banks."""
        return request.user.has_perm("payouts.add_bank")

    def has_propose_terms_permission(self, request: HttpRequest, _object_id: int | str | None = None) -> bool:
        """Finance proposes other terms of a bank."""
        return request.user.has_perm("payouts.change_bank")

    @action(description=gettext_lazy("Propose a new bank"), url_path="propose-new", permissions=["propose_new"])
    def propose_new(self, request: HttpRequest) -> HttpResponse:
        """Propose a bank; it is entered once a colleague confirms it."""
        return self._propose(request, None, _("Propose a new bank"))

    @action(description=gettext_lazy("Propose other terms"), url_path="propose", permissions=["propose_terms"])
    def propose_terms(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Propose other terms of a bank."""
        bank = get_object_or_404(self.get_queryset(request), pk=object_id)
        return self._propose(request, bank, _("Propose other terms"))

    def _propose(self, request: HttpRequest, bank: Bank | None, verb: str) -> HttpResponse:
        def run(given: Mapping[str, Any]) -> Proposal:
            return accounts.propose_bank_terms(
                bank=bank and Bank.objects.get(pk=bank.pk),
                terms={name: given[name] for name in accounts.TERMS},
                because=given["because"],
                document_number=given["document_number"],
                actor=signed_in(request),
                now=timezone.now(),
            )

        back = (
            reverse("admin:payouts_bank_change", args=[bank.pk]) if bank else reverse("admin:payouts_bank_changelist")
        )
        told = [_("Files and instructions over this bank take the money from this account.")]
        make = self.make_model_form(request, BankForm, accounts.TERMS)
        form = make(request.POST if request.method == "POST" else None, instance=bank)
        return self.proposing_page(request, Proposing(verb=verb, told=told, run=run, back=back), form)


@admin.register(Download)
class DownloadAdmin(ReadOnlyAdmin):
    """Downloads of files with account numbers."""

    list_display = ("downloaded_at", "downloaded_by", "batch", "file", "is_encrypted")
    list_filter = ("is_encrypted",)
    list_select_related = ("downloaded_by", "file__batch")
    search_fields = ("=file__batch__message_id", "=downloaded_by__username")
    fields = ("downloaded_at", "downloaded_by", "batch", "file", "is_encrypted")
    readonly_fields = ("batch",)

    @admin.display(description=gettext_lazy("batch"))
    def batch(self, download: Download) -> str:
        """The batch of the file."""
        return download.file.batch.message_id
