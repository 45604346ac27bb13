"""The admin of accounts that wait: two officials put one in use, by a proposal; each of them stops one alone."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display

from companies.firms.account_proposals import propose_account
from companies.firms.payee_accounts import stop_account
from companies.models import PayeeAccount
from companies.people.permissions import signed_in
from payouts.desk import ReadOnlyAdmin
from qinqing.kernel.admin.admin_steps import is_pressed
from qinqing.kernel.admin.confirmed_steps import NoForm, Step
from qinqing.kernel.admin.worklist_filter import WaitsForYou
from qinqing.kernel.labels import Colours, Labelled
from qinqing.proposals.proposing_admin import WhyFields

_LABELS = Colours({"waiting": "warning", "cool_off": "info", "in_use": "success", "stopped": "danger"})


@admin.register(PayeeAccount)
class WaitingAccountAdmin(ReadOnlyAdmin):
    """The accounts of payees, with those that wait for somebody to confirm them."""

    list_display = ("payee", "holder_name", "bank_name", "number_masked", "doubt", "standing", "entered_at")
    list_filter = (WaitsForYou, "doubt", "confirmation")
    list_select_related = ("company", "employee", "third_party")
    search_fields = ("=company__credit_code", "holder_name__contains")
    search_help_text = gettext_lazy("Credit code or account holder")
    fieldsets = (
        (
            None,
            {"fields": ("standing", "payee", "doubt", "holder_name", ("bank_name", "bank_number"), "number_masked")},
        ),
        (
            gettext_lazy("Its way"),
            {
                "fields": (
                    ("entered_by", "entered_at"),
                    ("confirmation", "confirmed_by", "confirmed_at"),
                    "usable_from",
                    ("stopped_by", "stopped_at"),
                )
            },
        ),
    )
    readonly_fields = ("standing", "payee")
    actions_detail = ("propose", "stop")

    @admin.display(description=gettext_lazy("payee"))
    def payee(self, account: PayeeAccount) -> str:
        """The payee as registered."""
        return str(account.company or account.employee or account.third_party)

    @display(description=gettext_lazy("state"), label=_LABELS)
    def standing(self, account: PayeeAccount) -> Labelled:
        """What becomes of the account, as a coloured label."""
        if account.stopped_at is not None:
            return Labelled("stopped", _("stopped"))
        if account.usable_from is None:
            return Labelled("waiting", _("waits"))
        if not account.is_active:
            return Labelled("replaced", _("replaced"))
        if account.usable_from > timezone.now():
            return Labelled("cool_off", _("in its cool-off"))
        return Labelled("in_use", _("in use"))

    def has_propose_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Clerks propose an account that waits."""
        waiting = {} if is_pressed(request) else {"usable_from": None, "stopped_at": None}
        return self._may(request, object_id, third_party=None, **waiting)

    def has_stop_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Clerks stop an account before its first use."""
        if not self._may(request, object_id, third_party=None):
            return False
        open_ones = PayeeAccount.objects.filter(pk=object_id or 0, stopped_at=None)
        return object_id is None or is_pressed(request) or open_ones.exclude(usable_from__lte=timezone.now()).exists()

    def _may(self, request: HttpRequest, object_id: int | str | None, **wanted: Any) -> bool:
        found = object_id is None or PayeeAccount.objects.filter(pk=object_id, **wanted).exists()
        return self.may(request, "change") and found

    @action(description=gettext_lazy("Propose to use it"), url_path="propose", permissions=["propose"])
    def propose(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Propose to put the account in use."""

        def run(given: dict[str, Any]) -> str:
            propose_account(account_id=object_id, **given, actor=signed_in(request), now=timezone.now())
            return _("Proposed; the account is used when a colleague has confirmed it.")

        consequences = [
            _("A colleague confirms it; until then the account in use until now stays in use."),
            _("After the confirmation a cool-off begins, in which any member of the firm may stop the account."),
        ]
        step = self._step(request, object_id, _("Propose to use it"), consequences, run)
        return self.confirmed(request, Step(**step, form=WhyFields))

    @action(description=gettext_lazy("Stop it"), url_path="stop", permissions=["stop"])
    def stop(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Stop the account before money goes there."""

        def run(_given: dict[str, Any]) -> str:
            stop_account(account_id=object_id, actor=signed_in(request), now=timezone.now())
            return _("Stopped; no money goes to this account.")

        consequences = [_("No money goes there, now or later. The account that was in use before is used again.")]
        step = self._step(request, object_id, _("Stop it"), consequences, run)
        return self.confirmed(request, Step(**step, form=NoForm))

    def _step(
        self, request: HttpRequest, object_id: int, verb: str, consequences: list[str], run: Any
    ) -> dict[str, Any]:
        account = get_object_or_404(self.get_queryset(request), pk=object_id)
        what = f"{account.holder_name}: {account.bank_name} {account.bank_number}, {account.number_masked}"
        return {
            "verb": verb,
            "consequences": [what, *consequences],
            "run": run,
            "back": reverse("admin:companies_payeeaccount_change", args=[account.pk]),
            "is_confirmed": request.method == "POST",
        }
