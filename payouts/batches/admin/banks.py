"""The admin of banks, and of downloads."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from payouts.batches.assemble import BatchUnderWay, save_bank
from payouts.desk import ReadOnlyAdmin
from payouts.models import Bank, Download
from qinqing.kernel.admin.model_admin import ModelAdmin
from qinqing.kernel.admin.optimistic_lock import UnchangedForm


class BankForm(UnchangedForm):
    """
    The form of a bank; cleaning the form saves the bank.

    Only the database can decide whether the channel may change, because others may make a batch at this moment.
    """

    class Meta:
        model = Bank
        fields = (
            *("name", "channel", "payer_name", "payer_account", "payer_bank_number"),
            *("template", "reply_template", "answer_days"),
        )

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            try:
                save_bank(bank=self.instance)
            except BatchUnderWay as refusal:
                self.add_error(None, str(refusal))


@admin.register(Bank)
class BankAdmin(ModelAdmin):
    """Banks with the account that they pay from, and the channel by which they take instructions."""

    form = BankForm
    change_form_before_template = "admin/_seen.html"
    list_display = ("name", "channel", "payer_name", "template", "reply_template", "answer_days")
    list_filter = ("channel",)
    list_select_related = ("template", "reply_template")
    search_fields = ("name",)
    ordering = ("name", "pk")
    fieldsets = (
        (None, {"fields": (("name", "channel"), "payer_name", ("payer_account", "payer_bank_number"))}),
        (None, {"fields": ("template", "reply_template", "answer_days")}),
    )

    def save_model(self, request: HttpRequest, obj: Bank, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Do nothing: the form has saved the bank."""

    def has_delete_permission(self, request: HttpRequest, obj: Bank | None = None) -> bool:
        """Banks are not deleted, because batches name them."""
        return False


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
