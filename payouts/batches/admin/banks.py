"""The banks that the city pays through, and who took files to them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from payouts.batches.assemble import StillOnItsWay, save_bank
from payouts.desk import ReadOnlyAdmin
from payouts.models import Bank, Download
from qinqing.kernel.admin.model_admin import ModelAdmin
from qinqing.kernel.admin.optimistic_lock import UnchangedForm


class BankForm(UnchangedForm):
    """
    A bank; cleaning it writes it down.

    Whether its channel may change hangs on batches that others make at this moment, so the database says so.
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
            except StillOnItsWay as refusal:
                self.add_error(None, str(refusal))


@admin.register(Bank)
class BankAdmin(ModelAdmin):
    """Whose account the money comes from, and how the bank takes instructions."""

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
        """The form has written it down."""

    def has_delete_permission(self, request: HttpRequest, obj: Bank | None = None) -> bool:
        """A bank that was paid through is not forgotten."""
        return False


@admin.register(Download)
class DownloadAdmin(ReadOnlyAdmin):
    """Who took files with account numbers away."""

    list_display = ("downloaded_at", "downloaded_by", "batch", "file", "is_encrypted")
    list_filter = ("is_encrypted",)
    list_select_related = ("downloaded_by", "file__batch")
    search_fields = ("=file__batch__message_id", "=downloaded_by__username")
    fields = ("downloaded_at", "downloaded_by", "batch", "file", "is_encrypted")
    readonly_fields = ("batch",)

    @admin.display(description=gettext_lazy("batch"))
    def batch(self, download: Download) -> str:
        """The batch that the file is of."""
        return download.file.batch.message_id
