"""The admin of payouts and claims, with the steps that a clerk can take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import localize
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import action, display

from companies.models import District
from companies.people.permissions import signed_in
from payouts.controls.post_audit import ask_for_check
from payouts.desk import ReadOnlyAdmin, ReasonForm, table
from payouts.exceptions.admin.payout_steps import PayoutStepsPage
from payouts.exceptions.outstanding import Taken, find_outstanding, move_or_propose
from payouts.ledger.move import may_move
from payouts.ledger.stored_text import translate_reason
from payouts.ledger.waiting_accounts import STOPPED, compute_account_deadline, filter_for_account, filter_for_official
from payouts.models import Claim, Instruction, Payout
from payouts.states import Role, Status
from qinqing.kernel.admin.admin_steps import is_pressed
from qinqing.kernel.admin.confirmed_steps import Step
from qinqing.kernel.labels import Colours, Labelled
from qinqing.kernel.money import yuan
from qinqing.kernel.text import Bilingual
from qinqing.kernel.text import number as number_in

# The most payouts that one confirmation covers.
AT_ONCE = 500
COLOURS = Colours(
    {
        Status.PAID: "success",
        Status.FAILED: "danger",
        Status.RETURNED: "danger",
        Status.IN_DOUBT: "warning",
        Status.WAITLISTED: "warning",
        Status.SENT: "info",
        Status.APPROVED: "info",
    }
)


class InDistrict(admin.SimpleListFilter):
    """The filter by district; its choices are the city's districts, which saves a search among the payouts."""

    title = gettext_lazy("district")
    parameter_name = "district"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The present districts."""
        of_today = District.objects.filter(valid_until=None).order_by("code")
        return [(district.code, str(Bilingual(district.name_zh, district.name_en))) for district in of_today]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Payout]) -> QuerySet[Payout]:
        """The payouts of the chosen district."""
        return queryset.filter(district=self.value()) if self.value() else queryset


class WaitingForAnAccount(admin.SimpleListFilter):
    """The filter of stopped payouts: those that wait for another account, in time or overdue, and those for a clerk."""

    title = gettext_lazy("waits for another account")
    parameter_name = "mending"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """All, in time, or overdue; and those that another account would not help."""
        choices = [("all", _("all")), ("in_time", _("in time")), ("overdue", _("overdue"))]
        return [*choices, ("decided", _("no: a clerk decides"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Payout]) -> QuerySet[Payout]:
        """The payouts of the chosen group."""
        if self.value() == "decided":
            return filter_for_official(queryset)
        overdue = {"all": None, "in_time": False, "overdue": True}
        if self.value() not in overdue:
            return queryset
        return filter_for_account(queryset, now=timezone.now(), is_overdue=overdue[str(self.value())])


@admin.register(Payout)
class PayoutAdmin(PayoutStepsPage):
    """Payouts with their status."""

    list_display = ("number", "code", "company", "amount", "status_shown", "account", "claimed_at", "paid_at")
    list_filter = ("status", WaitingForAnAccount, "policy", InDistrict)
    list_select_related = ("policy", "company", "account")
    search_fields = ("=id", "=company__credit_code")
    search_help_text = gettext_lazy("Credit code, end-to-end id or number of the payout")
    actions = ("cancel_selected", "retry_selected")
    actions_detail = ("cancel", "retry", "look_again", "steps_file")
    fieldsets = (
        (None, {"fields": ("code", "status", "mend_by", "amount", "company", "employee_shown", "account")}),
        (gettext_lazy("Its way"), {"fields": ("steps", "orders", "money")}),
        (gettext_lazy("Belongs to"), {"fields": ("claim", "entitlement", "fund", "district", "claimed_at", "paid_at")}),
    )
    readonly_fields = ("code", "mend_by", "amount", "employee_shown", "steps", "orders", "money")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """A fund's page links to its payouts by this lookup."""
        return lookup == "fund__id__exact" or bool(super().lookup_allowed(lookup, value, request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Payout], search_term: str
    ) -> tuple[QuerySet[Payout], bool]:
        """Find payouts by the exact numbers that stand on papers, so that indexes answer the search."""
        end_to_end = Instruction.objects.filter(end_to_end_id=search_term.strip().upper()).values("payout")
        if end_to_end.exists():
            return queryset.filter(pk__in=end_to_end), False
        found: tuple[QuerySet[Payout], bool] = super().get_search_results(request, queryset, search_term)
        return found

    @admin.display(description=gettext_lazy("number"), ordering="pk")
    def number(self, payout: Payout) -> str:
        """The payout's number, which the bank shows in the purpose."""
        return str(payout.pk)

    @admin.display(description=gettext_lazy("policy"), ordering="policy__code")
    def code(self, payout: Payout) -> str:
        """The policy's code."""
        return payout.policy.code

    @admin.display(description=gettext_lazy("amount"), ordering="amount_cny")
    def amount(self, payout: Payout) -> str:
        """How much."""
        return yuan(payout.amount_cny)

    @display(description=gettext_lazy("status"), ordering="status", label=COLOURS)
    def status_shown(self, payout: Payout) -> Labelled:
        """The status as a coloured label."""
        return Labelled(payout.status, payout.get_status_display())

    @admin.display(description=gettext_lazy("employee"))
    def employee_shown(self, payout: Payout) -> str:
        """The person, with a masked number."""
        return str(payout.employee or "—")

    @admin.display(description=gettext_lazy("account to be mended by"))
    def mend_by(self, payout: Payout) -> str:
        """The last day on which the payee can enter another account."""
        return str(localize(compute_account_deadline(payout.moved_at))) if payout.status in STOPPED else "—"

    @admin.display(description=gettext_lazy("instructions"))
    def orders(self, payout: Payout) -> SafeString:
        """The instructions to the bank, and its replies."""
        return table(
            (_("stored at"), _("end-to-end id"), _("batch"), _("the bank said")),
            (
                (
                    _time(order.stored_at),
                    order.end_to_end_id,
                    order.batch,
                    "; ".join(
                        f"{each.get_outcome_display()} {translate_reason(each.reason)}".strip()
                        for each in order.replies.all()
                    ),
                )
                for order in payout.instructions.select_related("batch").prefetch_related("replies").order_by("attempt")
            ),
        )

    @admin.display(description=gettext_lazy("postings"))
    def money(self, payout: Payout) -> SafeString:
        """The postings of the moves."""
        return table(
            (_("at"), _("from"), _("to"), _("amount")),
            (
                (_time(each.posted_at), each.get_debit_display(), each.get_credit_display(), yuan(each.amount_cny))
                for each in payout.postings.order_by("sequence")
            ),
        )

    def has_cancel_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Finance cancels what is not with the bank."""
        return self._may_move(request, object_id, Status.CANCELLED)

    def has_retry_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Finance repeats what failed."""
        return self._may_move(request, object_id, Status.APPROVED)

    def _may_move(self, request: HttpRequest, object_id: int | str | None, after: Status) -> bool:
        if not self.may(request, "change"):
            return False
        if object_id is None or is_pressed(request):
            return True
        status = Payout.objects.filter(pk=object_id).values_list("status", flat=True).first()
        may = status is not None and may_move(before=status, after=after, role=Role.FINANCE)
        return may or bool(find_outstanding(payout_ids=[int(object_id)]))

    @action(description=gettext_lazy("Cancel the payout"), url_path="cancel", permissions=["cancel"])
    def cancel(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Cancel one payout."""
        payout = get_object_or_404(Payout.objects.select_related("policy", "company", "account"), pk=object_id)
        return self._cancel(request, [payout], back=_address(payout), is_confirmed=request.method == "POST")

    @action(description=gettext_lazy("Pay again"), url_path="retry", permissions=["retry"])
    def retry(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Repeat one failed or returned payout."""
        payout = get_object_or_404(Payout.objects.select_related("policy", "company", "account"), pk=object_id)
        return self._retry(request, [payout], back=_address(payout), is_confirmed=request.method == "POST")

    def has_look_again_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Officers ask for checks of paid payouts."""
        may: bool = request.user.has_perm("payouts.add_postcheck")
        is_paid = object_id is None or Payout.objects.filter(pk=object_id, status=Status.PAID).exists()
        return may and (is_paid or is_pressed(request))

    @action(description=gettext_lazy("Have it checked"), url_path="look-again", permissions=["look_again"])
    def look_again(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Open a post-check of a paid payout."""
        payout = get_object_or_404(Payout.objects.select_related("policy", "company", "account"), pk=object_id)

        def run(given: dict[str, Any]) -> str:
            ask_for_check(payout=payout, because=given["because"], actor=signed_in(request), now=timezone.now())
            return _("The payout is on the worklist of post-checks.")

        consequences = [_summed([payout]), _("Another officer looks at it; nothing happens to the payout yet.")]
        return self.confirmed(
            request,
            Step(_("Have it checked"), consequences, run, _address(payout), request.method == "POST", ReasonForm),
        )

    @action(description=gettext_lazy("Cancel the chosen payouts"), permissions=["cancel"])
    def cancel_selected(self, request: HttpRequest, chosen: QuerySet[Payout]) -> HttpResponse:
        """Cancel all chosen payouts, or none."""
        return self._all_or_none(request, chosen, self._cancel)

    @action(description=gettext_lazy("Pay the chosen payouts again"), permissions=["retry"])
    def retry_selected(self, request: HttpRequest, chosen: QuerySet[Payout]) -> HttpResponse:
        """Repeat all chosen payouts, or none."""
        return self._all_or_none(request, chosen, self._retry)

    def _all_or_none(
        self, request: HttpRequest, chosen: QuerySet[Payout], step: Callable[..., HttpResponse]
    ) -> HttpResponse:
        """Take the step on all ticked payouts; if one has left the list meanwhile, take none and say so."""
        ticked = request.POST.getlist(ACTION_CHECKBOX_NAME)
        everything = request.POST.get("select_across") == "1"
        payouts = list((chosen if everything else self._ticked(request, ticked))[: AT_ONCE + 1])
        if len(payouts) > AT_ONCE:
            return self._not_taken(request, _("Choose at most %(count)s payouts at once.") % {"count": AT_ONCE})
        if not payouts or (not everything and len(payouts) < len(set(ticked))):
            return self._not_taken(request, _("A payout that you chose is not there; choose again. Nothing was done."))
        return step(request, payouts, back=_list(), is_confirmed="confirmed" in request.POST)

    def _ticked(self, request: HttpRequest, ticked: list[str]) -> QuerySet[Payout]:
        numbers = [found for found in map(number_in, ticked[: AT_ONCE + 1]) if found is not None]
        payouts: QuerySet[Payout] = self.get_queryset(request).filter(pk__in=numbers)
        return payouts.select_related(*self.list_select_related).order_by("-pk")

    def _not_taken(self, request: HttpRequest, sentence: str) -> HttpResponse:
        messages.error(request, sentence)
        return redirect(_list())

    def _move(self, request: HttpRequest, payouts: list[Payout], after: Status, because: str) -> Taken:
        return move_or_propose(
            payouts=payouts, after=after, because=because, actor=signed_in(request), now=timezone.now()
        )

    def _cancel(self, request: HttpRequest, payouts: list[Payout], *, back: str, is_confirmed: bool) -> HttpResponse:
        def run(given: dict[str, Any]) -> str:
            done, proposed = self._move(request, payouts, Status.CANCELLED, given["because"])
            told = ngettext("%(count)s payout was cancelled.", "%(count)s payouts were cancelled.", done)
            return _describe_taken(told, done, proposed)

        consequences = [
            _summed(payouts),
            *_warn_of_outstanding(payouts),
            _("The money is free again, and those who wait for it are next."),
            _("The firms can claim again while the policy’s window is open."),
        ]
        verb = _("Cancel the payout") if len(payouts) == 1 else _("Cancel the chosen payouts")
        return self.confirmed(
            request, _step(request, verb, consequences, run, payouts, back, is_confirmed=is_confirmed)
        )

    def _retry(self, request: HttpRequest, payouts: list[Payout], *, back: str, is_confirmed: bool) -> HttpResponse:
        def run(given: dict[str, Any]) -> str:
            done, proposed = self._move(request, payouts, Status.APPROVED, given["because"])
            told = ngettext("%(count)s payout is paid again.", "%(count)s payouts are paid again.", done)
            return _describe_taken(told, done, proposed)

        consequences = [
            _summed(payouts),
            *_warn_of_outstanding(payouts),
            _("Each gets a new instruction, to the account that is in use now."),
        ]
        return self.confirmed(
            request, _step(request, _("Pay again"), consequences, run, payouts, back, is_confirmed=is_confirmed)
        )


@admin.register(Claim)
class ClaimAdmin(ReadOnlyAdmin):
    """Claims, with the commitment that the firm signed."""

    list_display = ("number", "company", "claimed_at", "claimed_by")
    list_select_related = ("company", "claimed_by")
    search_fields = ("=company__credit_code",)
    search_help_text = gettext_lazy("Credit code")
    fields = ("company", "claimed_at", "claimed_by", "commitment", "commitment_hash")

    @admin.display(description=gettext_lazy("number"), ordering="pk")
    def number(self, claim: Claim) -> str:
        """The claim's number."""
        return str(claim.pk)


def _step(
    request: HttpRequest,
    verb: str,
    consequences: list[str],
    run: Callable[[dict[str, Any]], str],
    payouts: list[Payout],
    back: str,
    *,
    is_confirmed: bool,
) -> Step:
    # The list's actions come back by the list's own form; a single payout has an address of its own.
    chosen = [(ACTION_CHECKBOX_NAME, str(payout.pk)) for payout in payouts]
    asked = request.POST.get("action")
    hidden = [("confirmed", "1"), ("action", asked), *chosen] if asked else []
    return Step(verb, consequences, run, back, is_confirmed, ReasonForm, hidden)


def _warn_of_outstanding(payouts: list[Payout]) -> list[str]:
    """Warn that a colleague has to confirm the step for some of the payouts."""
    count = len(find_outstanding(payout_ids=[payout.pk for payout in payouts]))
    words = ngettext(
        "Of %(count)s payout nothing but a file says that the bank did not pay it: a colleague has to confirm the step,"
        " and neither of you may have brought or applied the file.",
        "Of %(count)s payouts nothing but a file says that the bank did not pay them: a colleague has to confirm the"
        " step, and neither of you may have brought or applied the file.",
        count,
    )
    return [words % {"count": count}] if count else []


def _describe_taken(told: str, done: int, proposed: int) -> str:
    words = ngettext(
        "%(count)s waits for a colleague to confirm it.", "%(count)s wait for a colleague to confirm them.", proposed
    )
    parts = [told % {"count": done}] if done or not proposed else []
    return " ".join([*parts, words % {"count": proposed}] if proposed else parts)


def _summed(payouts: list[Payout]) -> str:
    if len(payouts) == 1:
        (payout,) = payouts
        return f"{payout.policy.code}, {payout.company}: {yuan(payout.amount_cny)}, {payout.account}"
    total = yuan(sum((payout.amount_cny for payout in payouts), start=payouts[0].amount_cny * 0))
    count = len(payouts)
    words = ngettext("%(count)s payout of %(total)s", "%(count)s payouts of %(total)s in all", count)
    return words % {"count": count, "total": total}


def _address(payout: Payout) -> str:
    return reverse("admin:payouts_payout_change", args=[payout.pk])


def _list() -> str:
    return reverse("admin:payouts_payout_changelist")


def _time(moment: Any) -> str:
    return str(localize(localtime(moment)))
