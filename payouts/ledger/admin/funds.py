"""The admin of funds and postings, for finance and the auditors."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import action, display

from companies.people.permissions import signed_in
from payouts.desk import GrantForm, ReadOnlyAdmin, payout_number
from payouts.ledger.admin.fund_bank import FundBankPage
from payouts.ledger.alerts import ALARMS_AT
from payouts.ledger.curve import compute_curve
from payouts.ledger.grants import propose_grant
from payouts.ledger.kinds import describe_waitlist
from payouts.ledger.level_debts import find_unsettled_debts, read_level_balances
from payouts.ledger.pools import divide_pool, explain_undivided_pool
from payouts.ledger.undivided_pools import PoolBasis, sum_pool_basis
from payouts.models import Fund, Posting
from policies.models import Pool, PoolDivision
from qinqing.kernel.admin.admin_steps import is_pressed
from qinqing.kernel.admin.confirmed_steps import Step
from qinqing.kernel.admin.worklist_filter import WaitsForYou
from qinqing.kernel.labels import Colours, Labelled
from qinqing.kernel.money import yuan


def _describe_division(basis: PoolBasis, fund: Fund) -> str:
    """Say which entitlements would divide the pool, or why nobody can divide it now."""
    if why := explain_undivided_pool(fund=fund):
        return why
    words = ngettext(
        "%(count)s entitlement with a base of %(bases)s has %(amount)s to itself.",
        "%(count)s entitlements with bases of %(bases)s divide %(amount)s among them.",
        basis.entitlement_count,
    )
    return words % {
        "count": number_format(basis.entitlement_count, force_grouping=True),
        "bases": yuan(basis.base_total_cny),
        "amount": yuan(fund.available_cny),
    }


def _describe_due_day(fund: Fund) -> str:
    """Say on which day the platform will divide a pool, or why it did not on that day."""
    day = date_format(fund.version.opens_on)
    if fund.version.opens_on > timezone.localdate():
        return _("on %(day)s, when claims open") % {"day": day}
    why = explain_undivided_pool(fund=fund) or _("The platform divides it in a moment.")
    return _("due since %(day)s. %(why)s") % {"day": day, "why": why}


class AlarmFilter(admin.SimpleListFilter):
    """The filter that lists the funds with an alarm."""

    title = gettext_lazy("alarm")
    parameter_name = "alarm"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The marks at which an alarm is raised."""
        return [(str(mark), f"≥ {mark} %") for mark in ALARMS_AT]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Fund]) -> QuerySet[Fund]:
        """The funds that have reached the mark since their last grant."""
        if self.value() not in {str(mark) for mark in ALARMS_AT}:
            return queryset
        return queryset.filter(alarms__percentage=int(str(self.value())), alarms__granted_cny=F("granted_cny"))


@admin.register(Fund)
class FundAdmin(FundBankPage, ReadOnlyAdmin):
    """Funds of versions, with their balances."""

    list_display = ("policy", "granted", "available", "reserved", "disbursed", "recovered", "used", "alarm")
    list_filter = (WaitsForYou, AlarmFilter)
    list_select_related = ("version__policy",)
    search_fields = ("version__policy__code", "version__policy__title_zh")
    fields = (
        "policy",
        "used",
        "granted",
        "available",
        "reserved",
        "disbursed",
        "recovered",
        "division",
        "paid_by",
        "ways",
    )
    readonly_fields = fields
    actions_detail = ("course", "grant", "choose_bank", "divide")

    @admin.display(description=gettext_lazy("policy"), ordering="version__policy__code")
    def policy(self, fund: Fund) -> str:
        """The version that the money is for."""
        return f"{fund.version} {fund.version.policy.title}"

    @admin.display(description=gettext_lazy("granted"), ordering="granted_cny")
    def granted(self, fund: Fund) -> str:
        """The sum of all grants."""
        return yuan(fund.granted_cny)

    @admin.display(description=gettext_lazy("available"), ordering="available_cny")
    def available(self, fund: Fund) -> str:
        """The money that nobody has claimed."""
        return yuan(fund.available_cny)

    @admin.display(description=gettext_lazy("reserved"), ordering="reserved_cny")
    def reserved(self, fund: Fund) -> str:
        """The money that is claimed and not yet paid."""
        return yuan(fund.reserved_cny)

    @admin.display(description=gettext_lazy("disbursed"), ordering="disbursed_cny")
    def disbursed(self, fund: Fund) -> str:
        """The money that the bank has paid."""
        return yuan(fund.disbursed_cny)

    @admin.display(description=gettext_lazy("recovered"), ordering="recovered_cny")
    def recovered(self, fund: Fund) -> str:
        """The money that was repaid."""
        return yuan(fund.recovered_cny)

    @admin.display(description=gettext_lazy("used"))
    def used(self, fund: Fund) -> SafeString:
        """The claimed part of the money, as a bar and as a number."""
        claimed = fund.granted_cny - fund.available_cny
        share = round(100 * claimed / fund.granted_cny) if fund.granted_cny else 0
        return format_html('<progress class="fund-bar" max="100" value="{}">{} %</progress> {} %', share, share, share)

    @display(description=gettext_lazy("alarm"), label=Colours({"80": "warning", "95": "danger"}))
    def alarm(self, fund: Fund) -> Labelled | str:
        """The highest alarm since the last grant."""
        raised = [each.percentage for each in fund.alarms.all() if each.granted_cny == fund.granted_cny]
        return Labelled(str(max(raised)), f"{max(raised)} %") if raised else ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Fund]:
        """The funds with their alarms, so that a list needs one query for them."""
        funds: QuerySet[Fund] = super().get_queryset(request).prefetch_related("alarms")
        return funds

    def has_course_permission(self, request: HttpRequest, _object_id: int | str | None = None) -> bool:
        """Everybody who may see the fund may see its curve."""
        return self.may(request, "view")

    @action(description=gettext_lazy("Day by day"), url_path="course", permissions=["course"])
    def course(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show the curve of the fund day by day, and the day on which it will be used up."""
        fund = get_object_or_404(self.get_queryset(request).select_related("version__policy"), pk=object_id)
        context = {
            "fund": fund,
            "figures": [
                (_("granted"), self.granted(fund)),
                (_("available"), self.available(fund)),
                (_("reserved"), self.reserved(fund)),
                (_("disbursed"), self.disbursed(fund)),
                (_("recovered"), self.recovered(fund)),
            ],
            "curve": compute_curve(fund=fund, today=timezone.localdate()),
            "alarms": fund.alarms.order_by("pk"),
            "level_balances": read_level_balances(fund=fund),
            "debts": find_unsettled_debts(fund=fund),
            "back": reverse("admin:payouts_fund_change", args=[fund.pk]),
        }
        return self.page(request, "admin/payouts/fund_course.html", self.policy(fund), context)

    @admin.display(description=gettext_lazy("division"))
    def division(self, fund: Fund) -> str:
        """How a proportional pool was divided, or when it will be."""
        if fund.version.pool != Pool.PROPORTIONAL:
            return _("none: first come, first served")
        divided = PoolDivision.objects.filter(version=fund.version).first()
        if divided is None:
            return _describe_due_day(fund)
        return _("on %(day)s: %(pool)s among bases of %(bases)s; portions of %(portions)s") % {
            "day": date_format(localtime(divided.divided_at)),
            "pool": yuan(divided.pool_cny),
            "bases": yuan(divided.base_total_cny),
            "portions": yuan(divided.divided_cny),
        }

    @admin.display(description=gettext_lazy("more"))
    def ways(self, fund: Fund) -> SafeString:
        """The fund's grants, postings and payouts."""
        return format_html(
            '<a class="officer-link" href="{}?fund__id__exact={}">{}</a>'
            ' · <a class="officer-link" href="{}?fund__id__exact={}">{}</a>'
            ' · <a class="officer-link" href="{}?fund__id__exact={}">{}</a>',
            reverse("admin:payouts_grant_changelist"),
            fund.pk,
            _("grants"),
            reverse("admin:payouts_posting_changelist"),
            fund.pk,
            _("postings"),
            reverse("admin:payouts_payout_changelist"),
            fund.pk,
            _("payouts"),
        )

    def has_grant_permission(self, request: HttpRequest, _object_id: int | str | None = None) -> bool:
        """Finance enters money."""
        return request.user.has_perm("payouts.add_grant")

    @action(description=gettext_lazy("Grant more money"), url_path="grant", permissions=["grant"])
    def grant(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Enter a grant for the fund; after its approval, the payouts that wait for money are served."""
        fund = get_object_or_404(Fund.objects.select_related("version__policy"), pk=object_id)

        def run(given: dict[str, Any]) -> str:
            propose_grant(version=fund.version, **given, actor=signed_in(request), now=timezone.now())
            return _("%(amount)s was entered; somebody else has to approve it.") % {"amount": yuan(given["amount_cny"])}

        step = Step(
            verb=_("Grant more money"),
            consequences=[
                self.policy(fund),
                describe_waitlist(fund),
                _("Somebody else has to approve it before anybody is paid from it."),
            ],
            run=run,
            back=reverse("admin:payouts_fund_change", args=[fund.pk]),
            is_confirmed=request.method == "POST",
            form=GrantForm,
        )
        return self.confirmed(request, step)

    def has_divide_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Finance divides a proportional pool, once."""
        undivided = Fund.objects.filter(version__pool=Pool.PROPORTIONAL, version__division=None)
        is_due = object_id is None or is_pressed(request) or undivided.filter(pk=object_id).exists()
        return is_due and self.may(request, "change")

    @action(description=gettext_lazy("Divide the pool"), url_path="divide", permissions=["divide"])
    def divide(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Divide a proportional pool before the day on which the platform divides it."""
        fund = get_object_or_404(Fund.objects.select_related("version__policy"), pk=object_id)
        basis = sum_pool_basis(version=fund.version)

        def run(_given: dict[str, Any]) -> str:
            division = divide_pool(version=fund.version, actor=signed_in(request), now=timezone.now())
            return _("%(amount)s was divided.") % {"amount": yuan(division.divided_cny)}

        step = Step(
            verb=_("Divide the pool"),
            consequences=[
                self.policy(fund),
                _describe_division(basis, fund),
                _("Whoever is entitled later gets nothing from it; a division cannot be taken back."),
            ],
            run=run,
            back=reverse("admin:payouts_fund_change", args=[fund.pk]),
            is_confirmed=request.method == "POST",
        )
        return self.confirmed(request, step)


@admin.register(Posting)
class PostingAdmin(ReadOnlyAdmin):
    """The postings of all funds."""

    list_display = ("posted_at", "fund_shown", "debit", "credit", "amount", payout_number, "posted_by")
    list_filter = ("debit", "credit")
    list_select_related = ("fund__version__policy", "posted_by")
    fields = ("fund", "payout", "sequence", "debit", "credit", "amount_cny", "posted_at", "posted_by")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """A fund's page leads to its postings."""
        return lookup == "fund__id__exact" or bool(super().lookup_allowed(lookup, value, request))

    @admin.display(description=gettext_lazy("fund"))
    def fund_shown(self, posting: Posting) -> str:
        """The version that the money is for."""
        return str(posting.fund.version)

    @admin.display(description=gettext_lazy("amount"), ordering="amount_cny")
    def amount(self, posting: Posting) -> str:
        """The amount of the posting."""
        return yuan(posting.amount_cny)
