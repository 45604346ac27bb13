"""Which level carries which part, and what the levels owe each other."""

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

from companies.permissions import signed_in
from payouts.admin.desk import ReadOnlyAdmin, SettlementForm, SharesForm, Step, yuan
from payouts.models import Fund, Settlement, Share
from payouts.operations import set_shares, settle
from payouts.queries.shares import owed


@admin.register(Share)
class ShareAdmin(ReadOnlyAdmin):
    """The ratio by which levels carry a version's money."""

    list_display = ("version", "place", "level", "parts", "is_advance_payer")
    list_filter = ("level", "is_advance_payer")
    list_select_related = ("version__policy",)
    search_fields = ("version__policy__code",)
    fields = ("version", "district", "level", "parts", "is_advance_payer")
    actions_list = ("write",)

    @admin.display(description=gettext_lazy("district"), ordering="district")
    def place(self, share: Share) -> str:
        """Where it counts."""
        return share.district or _("everywhere")

    def has_write_permission(self, request: HttpRequest, _object_id: int | str | None = None) -> bool:
        """Officers write shares, as they write versions."""
        return self.may(request, "change")

    @action(description=gettext_lazy("Write shares"), url_path="write", permissions=["write"])
    def write(self, request: HttpRequest) -> HttpResponse:
        """Say who carries which part of a draft's money."""

        def run(given: dict[str, Any]) -> str:
            levels = ("province", "city", "district")
            written = set_shares(
                version=given["version"],
                district=given["place"],
                parts={level: given[level] for level in levels if given[level]},
                advance_payer=given["advance_payer"],
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
class SettlementAdmin(ReadOnlyAdmin):
    """What levels have paid each other, and what they still owe."""

    list_display = ("reference", "fund_shown", "district", "debtor", "creditor", "amount", "settled_on", "booked_by")
    list_filter = ("debtor", "creditor", "settled_on")
    list_select_related = ("fund__version__policy", "booked_by")
    search_fields = ("=reference", "fund__version__policy__code")
    search_help_text = gettext_lazy("Voucher or the policy’s code")
    fields = (
        "reference",
        "fund",
        "district",
        "debtor",
        "creditor",
        "amount_cny",
        "settled_on",
        "booked_by",
        "booked_at",
    )
    actions_list = ("owed",)

    @admin.display(description=gettext_lazy("fund"))
    def fund_shown(self, settlement: Settlement) -> str:
        """The version that the money is for."""
        return str(settlement.fund.version)

    @admin.display(description=gettext_lazy("amount"), ordering="amount_cny")
    def amount(self, settlement: Settlement) -> str:
        """How much."""
        return yuan(settlement.amount_cny)

    def has_owed_permission(self, request: HttpRequest, _object_id: int | str | None = None) -> bool:
        """Who sees settlements sees what is owed."""
        return self.may(request, "view")

    @action(description=gettext_lazy("Who owes whom"), url_path="owed", permissions=["owed"])
    def owed(self, request: HttpRequest) -> HttpResponse:
        """Show what is owed, and book what was settled."""
        if request.method == "POST" or "fund" in request.GET:
            return self._settle(request)
        context = {
            "rows": owed(),
            "may_settle": self.may(request, "add"),
            "back": reverse("admin:payouts_settlement_changelist"),
        }
        return self.page(request, "admin/payouts/owed.html", _("Who owes whom"), context)

    def _settle(self, request: HttpRequest) -> HttpResponse:
        if not self.may(request, "add"):
            return HttpResponse(status=403)
        given = request.POST if request.method == "POST" else request.GET
        fund = get_object_or_404(Fund.objects.select_related("version__policy"), pk=_number(given.get("fund", "")))
        wanted = (given.get("district", ""), given.get("debtor", ""))
        debts = [each for each in owed(fund=fund) if (each.district, each.debtor) == wanted]
        back = reverse("admin:payouts_settlement_owed")
        consequences = [
            f"{fund.version} {each.district}: {each.debtor_word} → {each.creditor_word} {yuan(each.owed_cny)}"
            for each in debts
        ] or [_("Nothing is owed here any more.")]

        def run(said: dict[str, Any]) -> str:
            booked = settle(
                fund=fund,
                district=wanted[0],
                debtor=wanted[1],
                creditor=debts[0].creditor if debts else wanted[1],
                **said,
                actor=signed_in(request),
                now=timezone.now(),
            )
            return _("%(amount)s was settled.") % {"amount": yuan(booked.amount_cny)}

        hidden = [("fund", str(fund.pk)), ("district", wanted[0]), ("debtor", wanted[1])]
        is_confirmed = request.method == "POST"
        return self.confirmed(
            request,
            Step(_("Book a settlement"), consequences, run, back, is_confirmed, SettlementForm, hidden),
        )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0
