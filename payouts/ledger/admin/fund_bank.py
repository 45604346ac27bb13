"""The part of the funds' admin that shows and changes the bank of a fund."""

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

from companies.people.permissions import signed_in
from payouts.batches.forms import BankChoiceForm
from payouts.batches.fund_banks import propose_bank
from payouts.desk import ReadOnlyAdmin
from payouts.models import Fund
from qinqing.kernel.admin.confirmed_steps import Step


class FundBankPage(ReadOnlyAdmin):
    """Shows and changes the bank of a fund."""

    @admin.display(description=gettext_lazy("paying bank"))
    def paid_by(self, fund: Fund) -> str:
        """The bank and its channel."""
        return f"{fund.bank} · {fund.bank.get_channel_display()}" if fund.bank else _("the bank’s interface")

    def has_choose_bank_permission(self, request: HttpRequest, _object_id: int | str | None = None) -> bool:
        """Finance chooses the bank."""
        return self.may(request, "change")

    @action(description=gettext_lazy("Choose the bank"), url_path="bank", permissions=["choose_bank"])
    def choose_bank(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Propose the bank that pays the fund from now on."""
        fund = get_object_or_404(Fund.objects.select_related("version__policy", "bank"), pk=object_id)

        def run(given: dict[str, Any]) -> str:
            propose_bank(fund=fund, **given, actor=signed_in(request), now=timezone.now())
            self.log_change(request, fund, _("Choose the bank"))
            return _("A colleague has to confirm it.")

        step = Step(
            verb=_("Choose the bank"),
            consequences=[
                _("Now: %(bank)s.") % {"bank": self.paid_by(fund)},
                _("A bank with an interface is paid through at once; for one that takes files, finance makes batches."),
                _("A colleague has to confirm it."),
            ],
            run=run,
            back=reverse("admin:payouts_fund_change", args=[fund.pk]),
            is_confirmed=request.method == "POST",
            form=BankChoiceForm,
        )
        return self.confirmed(request, step)
