"""Reminders in the admin: the rounds of each version, the firms reminded, and a file for letters."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from unfold.decorators import action, display

from policies.deadlines.reminders import export_rows
from policies.models import Reminder, ReminderReason, ReminderRound
from qinqing.kernel.admin.keyset import KeysetLists
from qinqing.kernel.admin.read_only import ReadingAdmin
from qinqing.kernel.labels import Colours, Labelled
from qinqing.kernel.money import yuan
from qinqing.kernel.text import csv_lines

COLOURS = Colours({ReminderReason.UNCLAIMED: "info", ReminderReason.ACCOUNT: "warning", ReminderReason.FACTS: "danger"})


@admin.register(ReminderRound)
class ReminderRoundAdmin(ReadingAdmin):
    """
    The rounds in which versions reminded firms; officers export the reminders of a round for messages and letters.
    """

    list_display = ("version", "number", "moment", "due_on", "done_at", "reminded_count")
    list_filter = ("version__policy", "moment")
    list_select_related = ("version__policy",)
    ordering = ("-pk",)
    fields = (("version", "number"), ("moment", "due_on"), ("done_at", "reminded_count"))
    actions_detail = ("export",)

    def has_export_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """An officer who may see reminders can export them."""
        return request.user.has_perm("policies.view_reminder")

    @action(description=gettext_lazy("As CSV"), url_path="export", permissions=["export"])
    def export(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Export the reminders of the round as one file."""
        return require_safe(self._file)(request, object_id)

    def _file(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        done = get_object_or_404(ReminderRound.objects.select_related("version__policy"), pk=object_id)
        reminders = Reminder.objects.filter(version=done.version, number=done.number)
        self.log_change(request, done, _("As CSV"))
        name = f"{done.version.policy.code}-{done.number}.csv"
        return StreamingHttpResponse(
            csv_lines(export_rows(reminders=reminders)),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or ""},
        )


@admin.register(Reminder)
class ReminderAdmin(KeysetLists, ReadingAdmin):
    """The reminders of firms."""

    list_display = ("version", "number", "company", "reason_shown", "open_count", "amount", "waiting_count", "due_on")
    list_filter = ("reason", "number", "version__policy")
    list_select_related = ("version__policy", "company")
    search_fields = ("=company__credit_code",)
    search_help_text = gettext_lazy("Credit code")
    fields = (
        ("version", "company"),
        ("number", "due_on", "reminded_at"),
        "reason_shown",
        ("open_count", "amount", "waiting_count"),
        "missing",
    )
    readonly_fields = ("reason_shown", "amount")

    @display(description=gettext_lazy("reason"), ordering="reason", label=COLOURS)
    def reason_shown(self, reminder: Reminder) -> Labelled:
        """The reason as a coloured label."""
        return Labelled(reminder.reason, reminder.get_reason_display())

    @admin.display(description=gettext_lazy("amount"), ordering="open_cny")
    def amount(self, reminder: Reminder) -> str:
        """The sum of the open entitlements."""
        return yuan(reminder.open_cny)
