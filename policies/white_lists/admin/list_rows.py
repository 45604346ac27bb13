"""The rows of departments' lists; an officer can withdraw a row that counts."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display

from companies.people.permissions import signed_in
from policies.models import EntryStatus, WhiteListEntry
from policies.white_lists.admin.list_pages import ListPages, own_department
from policies.white_lists.lists import withdraw_entry
from qinqing.kernel.admin.admin_steps import is_pressed
from qinqing.kernel.admin.confirmed_steps import Outcome, Step, make_reason_form
from qinqing.kernel.labels import Colours, Labelled
from qinqing.kernel.money import yuan

STANDINGS = Colours({EntryStatus.LIVE: "success", EntryStatus.WITHDRAWN: "danger", EntryStatus.WAITING: "info"})


class _OwnLists(admin.RelatedFieldListFilter):
    """The filter by list; a department can choose only among its own lists."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        """The lists by their titles."""
        own = own_department(signed_in(request))
        ordering = self.field_admin_ordering(field, request, model_admin)
        limit = None if own is None else {"department": own}
        return field.get_choices(include_blank=False, ordering=ordering, limit_choices_to=limit)


@admin.register(WhiteListEntry)
class WhiteListEntryAdmin(ListPages):
    """The rows of lists; an officer can withdraw a row that counts."""

    list_display = ("row", "named", "credit_code", "amount", "standing_shown", "white_list", "remark")
    list_display_links = ("row", "named")
    list_filter = ("standing", ("white_list", _OwnLists))
    list_select_related = ("white_list",)
    search_fields = ("=credit_code", "name")
    search_help_text = gettext_lazy("Credit code or name")
    show_full_result_count = False
    ordering = ("-white_list", "row")
    fields = (
        ("white_list", "row"),
        ("name", "credit_code", "id_number_masked"),
        ("amount", "remark"),
        ("standing_shown", "taken_back"),
    )
    readonly_fields = ("amount", "standing_shown", "taken_back")
    actions_detail = ("withdraw",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WhiteListEntry]:
        """A department sees the rows of its own lists."""
        rows: QuerySet[WhiteListEntry] = super().get_queryset(request)
        own = own_department(signed_in(request))
        return rows if own is None else rows.filter(white_list__department=own)

    @admin.display(description=gettext_lazy("name"), ordering="name")
    def named(self, entry: WhiteListEntry) -> str:
        """
        The name of a firm, or of a person with the masked number; a column of its own would leave no room for names.
        """
        return f"{entry.name} {entry.id_number_masked}".strip()

    @admin.display(description=gettext_lazy("amount"), ordering="amount_cny")
    def amount(self, entry: WhiteListEntry) -> str:
        """The amount of the row."""
        return yuan(entry.amount_cny)

    @display(description=gettext_lazy("standing"), ordering="standing", label=STANDINGS)
    def standing_shown(self, entry: WhiteListEntry) -> Labelled:
        """The state of the row as a coloured label."""
        return Labelled(entry.standing, entry.get_standing_display())

    @admin.display(description=gettext_lazy("why it was taken back"))
    def taken_back(self, entry: WhiteListEntry) -> str:
        """The reason of the withdrawal, by whom and when."""
        if entry.standing != EntryStatus.WITHDRAWN:
            return "—"
        withdrawal = entry.withdrawal
        by = withdrawal.withdrawn_by.get_full_name() or withdrawal.withdrawn_by.username
        at = date_format(timezone.localtime(withdrawal.withdrawn_at), "DATETIME_FORMAT")
        return f"{withdrawal.because} · {by} · {at}"

    def has_withdraw_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """An officer can withdraw a row that counts."""
        if object_id is None or is_pressed(request):
            return self.may_change(request)
        return (
            self.may_change(request) and WhiteListEntry.objects.filter(pk=object_id, standing=EntryStatus.LIVE).exists()
        )

    @action(description=gettext_lazy("Take back"), url_path="withdraw", permissions=["withdraw"])
    def withdraw(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Withdraw one row, with a reason."""
        entry = get_object_or_404(self.get_queryset(request).select_related("version__policy"), pk=object_id)

        def run(given: dict[str, Any]) -> Outcome:
            withdraw_entry(entry=entry, **given, actor=signed_in(request), now=timezone.now())
            return Outcome(entry, _("The row is taken back."))

        step = Step(
            verb=_("Take back"),
            consequences=[
                f"{entry}: {self.amount(entry)}",
                _("What is open cannot be claimed any more. What was claimed stays, and its payout is checked."),
                _("The firm reads your reason. A further list can name it again."),
            ],
            run=run,
            back=reverse("admin:policies_whitelistentry_change", args=[entry.pk]),
            is_confirmed=request.method == "POST",
            form=make_reason_form(_("Why is it taken back?")),
            subject=str(entry),
            about=str(entry.version.policy.title),
        )
        return self.confirmed(request, step)
