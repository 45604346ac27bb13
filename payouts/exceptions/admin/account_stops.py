"""The admin of stops of changed accounts: the platform stops them by itself, two officials lift the stop."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from companies.firms.watch_accounts import propose_lifting
from companies.models import AccountStop
from companies.people.permissions import signed_in
from payouts.desk import ReadOnlyAdmin
from qinqing.kernel.admin.admin_steps import is_pressed
from qinqing.kernel.admin.confirmed_steps import Step
from qinqing.kernel.admin.worklist_filter import WaitsForYou
from qinqing.proposals.proposing_admin import WhyFields


@admin.register(AccountStop)
class AccountStopAdmin(ReadOnlyAdmin):
    """The stops of changed accounts, the newest first."""

    list_display = ("number", "kind", "account_count", "stopped_at", "lifted_at", "lifted_by")
    list_filter = (WaitsForYou, "kind")
    list_select_related = ("lifted_by",)
    fields = ("kind", "account_count", "stopped_at", "lifted_at", "lifted_by")
    actions_detail = ("propose",)

    @admin.display(description=gettext_lazy("number"), ordering="pk")
    def number(self, stop: AccountStop) -> str:
        """The stop's number."""
        return f"#{stop.pk}"

    def has_propose_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Clerks propose to lift an open stop."""
        wanted = {} if is_pressed(request) else {"lifted_at": None}
        found = object_id is None or AccountStop.objects.filter(pk=object_id, **wanted).exists()
        return self.may(request, "change") and found

    @action(description=gettext_lazy("Propose to lift it"), url_path="propose", permissions=["propose"])
    def propose(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Propose to lift the stop."""
        stop = get_object_or_404(AccountStop, pk=object_id)

        def run(given: dict[str, Any]) -> str:
            propose_lifting(stop_id=stop.pk, **given, actor=signed_in(request), now=timezone.now())
            return _("Proposed; changed accounts are paid again when a colleague has confirmed it.")

        step = Step(
            verb=_("Propose to lift it"),
            consequences=[
                _("Look at the changed accounts first, and stop those that are wrong."),
                _("A colleague confirms it; until then no money goes to accounts that were changed."),
            ],
            run=run,
            back=reverse("admin:companies_accountstop_change", args=[stop.pk]),
            is_confirmed=request.method == "POST",
            form=WhyFields,
        )
        return self.confirmed(request, step)
