"""The admin of shares, and of settlements between the levels of government."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from companies.people.permissions import signed_in
from companies.people.scope import is_district_within
from payouts.desk import ReadOnlyAdmin, SettlementForm, SharesForm
from payouts.ledger.admin.proposed import ProposedAdmin
from payouts.ledger.level_debts import Debt, find_unsettled_debts, name_district
from payouts.ledger.shares import SETTLEMENT_KIND, propose_settlement, set_shares
from payouts.models import Fund, Settlement, Share
from qinqing.kernel.admin.confirmed_steps import Step
from qinqing.kernel.money import yuan
from qinqing.kernel.text import number


@admin.register(Share)
class ShareAdmin(ReadOnlyAdmin):
    """The ratio in which levels share the money of a version."""

    list_display = ("version", "district_shown", "level", "ratio", "is_advance_payer")
    list_filter = ("level", "is_advance_payer")
    list_select_related = ("version__policy",)
    search_fields = ("version__policy__code",)
    fields = ("version", "district_shown", "level", "ratio", "is_advance_payer")
    readonly_fields = ("district_shown", "ratio")
    actions_list = ("write",)

    @admin.display(description=gettext_lazy("district"), ordering="district")
    def district_shown(self, share: Share) -> str:
        """The district in which the share counts, or everywhere."""
        return name_district(share.district) if share.district else _("everywhere")

    @admin.display(description=gettext_lazy("parts"), ordering="parts")
    def ratio(self, share: Share) -> str:
        """The level's part of the ratio, without trailing zeros."""
        return number_format(share.parts.normalize())

    def has_write_permission(self, request: HttpRequest, _object_id: int | str | None = None) -> bool:
        """Officers write shares, as they write versions."""
        return self.may(request, "change")

    @action(description=gettext_lazy("Write shares"), url_path="write", permissions=["write"])
    def write(self, request: HttpRequest) -> HttpResponse:
        """Set the shares of a draft's money."""

        def run(given: dict[str, Any]) -> str:
            levels = ("province", "city", "district")
            written = set_shares(
                version=given["version"],
                district=given["place"],
                parts={level: given[level] for level in levels if given[level]},
                advance_payer=given["advance_payer"],
                actor=signed_in(request),
            )
            return _("The shares of %(version)s are %(ratio)s.") % {
                "version": given["version"],
                "ratio": " : ".join(map(str, written)) or "—",
            }

        step = Step(
            verb=_("Write shares"),
            consequences=[
                _("Parts are a ratio: 1 and 3, 60 and 40, or 1 and 0.5 for a top-up. They replace what stood there."),
                _("Every posting is split to the fen; what remains is the city’s."),
                _("Once the draft is submitted its shares stay."),
            ],
            run=run,
            back=reverse("admin:payouts_share_changelist"),
            is_confirmed=request.method == "POST",
            form=SharesForm,
        )
        return self.confirmed(request, step)


@admin.register(Settlement)
class SettlementAdmin(ProposedAdmin):
    """Settlements between levels, which one person proposed and another confirmed, and the debts that remain."""

    list_display = (
        *("reference", "fund_shown", "district_shown", "debtor", "creditor", "amount", "settled_on"),
        *("proposed_by", "decided_by"),
    )
    list_filter = ("debtor", "creditor", "settled_on")
    list_select_related = ("fund__version__policy", "proposal__proposed_by", "proposal__decided_by")
    search_fields = ("=reference", "fund__version__policy__code")
    search_help_text = gettext_lazy("Voucher or the policy’s code")
    fieldsets = (
        (None, {"fields": ("reference", "fund_shown", "district_shown", "proposal_shown")}),
        (gettext_lazy("What was settled"), {"fields": (("debtor", "creditor"), "amount", "settled_on")}),
    )
    readonly_fields = ("fund_shown", "district_shown", "amount", "proposal_shown")
    actions_list = ("owed",)

    @admin.display(description=gettext_lazy("fund"))
    def fund_shown(self, settlement: Settlement) -> str:
        """The version that the money is for."""
        return str(settlement.fund.version)

    @admin.display(description=gettext_lazy("district"), ordering="district")
    def district_shown(self, settlement: Settlement) -> str:
        """The district whose firms were paid."""
        return name_district(settlement.district)

    @admin.display(description=gettext_lazy("amount"), ordering="amount_cny")
    def amount(self, settlement: Settlement) -> str:
        """The amount of the settlement."""
        return yuan(settlement.amount_cny)

    def has_owed_permission(self, request: HttpRequest, _object_id: int | str | None = None) -> bool:
        """Everybody who may see settlements may see the debts."""
        return self.may(request, "view")

    @action(description=gettext_lazy("Who owes whom"), url_path="owed", permissions=["owed"])
    def owed(self, request: HttpRequest) -> HttpResponse:
        """Show the debts between levels; a POST books a settlement."""
        if request.method == "POST" or "fund" in request.GET:
            return self._settle(request)
        context = {
            "rows": [debt for debt in find_unsettled_debts() if is_district_within(debt.district, request.user)],
            "waiting": f"{reverse('admin:proposals_proposal_changelist')}?kind={SETTLEMENT_KIND}&decision__isempty=1",
            "may_settle": self.may(request, "add"),
            "back": reverse("admin:payouts_settlement_changelist"),
        }
        return self.page(request, "admin/payouts/owed.html", _("Who owes whom"), context)

    def _settle(self, request: HttpRequest) -> HttpResponse:
        if not self.may(request, "add"):
            return HttpResponse(status=403)
        sent = request.POST if request.method == "POST" else request.GET
        fund = get_object_or_404(Fund.objects.select_related("version__policy"), pk=number(sent.get("fund", "")))
        wanted = {field: sent.get(field, "") for field in ("district", "debtor", "creditor")}
        debts = [
            debt
            for debt in find_unsettled_debts(fund=fund)
            if {field: getattr(debt, field) for field in wanted} == wanted
            and is_district_within(debt.district, request.user)
        ]
        back = reverse("admin:payouts_settlement_owed")
        consequences = [sentence for each in debts for sentence in _describe_debt(fund, each)] or [
            _("Nothing is owed here any more.")
        ]

        def run(given: dict[str, Any]) -> str:
            propose_settlement(fund=fund, **(wanted | given), actor=signed_in(request), now=timezone.now())
            return _("%(amount)s was booked; somebody else confirms it.") % {"amount": yuan(given["amount_cny"])}

        hidden = [("fund", str(fund.pk)), *wanted.items()]
        is_confirmed = request.method == "POST"
        return self.confirmed(
            request,
            Step(_("Book a settlement"), consequences, run, back, is_confirmed, SettlementForm, hidden),
        )


def _describe_debt(fund: Fund, debt: Debt) -> list[str]:
    """Describe the debt between two levels in sentences."""
    booked = (
        _("%(amount)s of it is booked and waits to be confirmed; %(rest)s is left to book.")
        if debt.bookable_cny >= 0
        else _(
            "%(amount)s is booked and waits to be confirmed, more than is owed by now: turn it down and book the rest."
        )
    )
    waiting = {"amount": yuan(debt.booked_cny), "rest": yuan(debt.bookable_cny)}
    return [
        f"{fund.version} {debt.district_name}: {debt.sentence}",
        *([booked % waiting] if debt.booked_cny else []),
        _("It is settled once a second person has compared it with the voucher."),
    ]
