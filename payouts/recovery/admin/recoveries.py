"""The admin of recoveries with their repayments, of appeals, and of the blacklist."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.formats import localize
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display

from companies.people.permissions import signed_in
from payouts.desk import DecisionForm, RepaymentForm, table
from payouts.ledger.blacklist import describe_other_entries
from payouts.models import Appeal, Blacklisting, Recovery
from payouts.recovery.admin.penalties import PenaltyPages
from payouts.recovery.admin.stepped import SteppedAdmin
from payouts.recovery.penalties import propose_lifting
from payouts.recovery.queries import owed_cny
from payouts.recovery.recover import decide_appeal, end_recovery, record_repayment
from qinqing.kernel.admin.admin_steps import is_pressed
from qinqing.kernel.admin.worklist_filter import WaitsForYou
from qinqing.kernel.labels import Colours, Labelled
from qinqing.kernel.money import yuan
from qinqing.kernel.web.step_up import require_fresh_second_factor_in_admin
from qinqing.proposals.admin import address_of
from qinqing.proposals.proposing_admin import WhyFields


def _other_entries_sentence(recovery: Recovery) -> str:
    """The sentence that says how long other demands keep the firm blacklisted; empty if none does."""
    return describe_other_entries(company=recovery.payout.company, besides=recovery, on=timezone.localdate())


def _sent_back() -> str:
    return _("The bank sent the money back meanwhile: nothing is demanded any more, whatever is decided.")


@admin.register(Recovery)
class RecoveryAdmin(PenaltyPages, SteppedAdmin):
    """Demands to repay, their repayments, and what was proposed about the firm."""

    list_display = ("number", "code", "company", "demanded", "due_on", "standing", "demanded_by")
    list_filter = (WaitsForYou, ("ended_as", admin.EmptyFieldListFilter), "ended_as", "due_on", "payout__policy")
    list_select_related = ("payout__policy", "payout__company", "demanded_by")
    search_fields = ("=payout__company__credit_code", "=payout__id")
    search_help_text = gettext_lazy("Credit code or number of the payout")
    fieldsets = (
        (None, {"fields": ("standing", "payout", "code", "company", "demanded", "owed", "due_on")}),
        (gettext_lazy("The demand"), {"fields": ("because", "principal", "fine_percentage", "fine")}),
        (gettext_lazy("Fraud, fine and ban"), {"fields": ("penalties",)}),
        (gettext_lazy("Its way"), {"fields": ("money", "demanded_by", "demanded_at", "ended_by", "ended_at")}),
    )
    readonly_fields = ("standing", "code", "company", "demanded", "owed", "principal", "fine", "penalties", "money")
    actions_detail = ("take_down", "close", "propose_fraud", "propose_fine", "propose_ban")

    @admin.display(description=gettext_lazy("number"), ordering="pk")
    def number(self, recovery: Recovery) -> str:
        """The recovery's number."""
        return str(recovery.pk)

    @admin.display(description=gettext_lazy("policy"), ordering="payout__policy__code")
    def code(self, recovery: Recovery) -> str:
        """The policy's code."""
        return recovery.payout.policy.code

    @admin.display(description=gettext_lazy("company"))
    def company(self, recovery: Recovery) -> str:
        """The firm that has to repay."""
        return str(recovery.payout.company)

    @admin.display(description=gettext_lazy("demanded in all"))
    def demanded(self, recovery: Recovery) -> str:
        """The amount and the fine."""
        return yuan(recovery.amount_cny + recovery.fine_cny)

    @admin.display(description=gettext_lazy("amount demanded"))
    def principal(self, recovery: Recovery) -> str:
        """The part of the payout that is demanded back."""
        return yuan(recovery.amount_cny)

    @admin.display(description=gettext_lazy("fine"))
    def fine(self, recovery: Recovery) -> str:
        """The fine for fraud."""
        return yuan(recovery.fine_cny)

    @admin.display(description=gettext_lazy("still owed"))
    def owed(self, recovery: Recovery) -> str:
        """The amount that is still owed."""
        return yuan(owed_cny(recovery=recovery))

    @display(
        description=gettext_lazy("standing"),
        ordering="ended_as",
        label=Colours(
            {
                "": "warning",
                Recovery.End.REPAID: "success",
                Recovery.End.WITHDRAWN: "info",
                Recovery.End.CAME_BACK: "info",
            }
        ),
    )
    def standing(self, recovery: Recovery) -> Labelled:
        """Whether the demand is open, repaid or withdrawn."""
        return Labelled(
            recovery.ended_as, recovery.get_ended_as_display() if recovery.ended_as else _("being recovered")
        )

    @admin.display(description=gettext_lazy("repayments"))
    def money(self, recovery: Recovery) -> SafeString | str:
        """The repayments, one by one."""
        heads = (
            *(_("received on"), _("towards the payout"), _("towards the fine")),
            *(_("bank reference"), _("recorded by")),
        )
        rows = [
            (
                localize(each.received_on),
                yuan(each.principal_cny),
                yuan(each.fine_cny),
                each.bank_reference,
                each.recorded_by,
            )
            for each in recovery.repayments.select_related("recorded_by").order_by("pk")
        ]
        return table(heads, rows) if rows else _("Nothing has come in yet.")

    def has_take_down_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Finance records repayments."""
        may: bool = request.user.has_perm("payouts.add_repayment")
        is_open = object_id is None or Recovery.objects.filter(pk=object_id, ended_as="").exists()
        return may and (is_open or is_pressed(request))

    def has_close_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Finance closes demands; whoever demanded the money or recorded a repayment cannot."""
        if not self.may(request, "change"):
            return False
        person = signed_in(request)
        going_on = {} if is_pressed(request) else {"ended_as": ""}
        others = Recovery.objects.filter(pk=object_id or 0, **going_on).exclude(demanded_by=person)
        return object_id is None or others.exclude(repayments__recorded_by=person).exists()

    @action(description=gettext_lazy("Record a repayment"), url_path="repayment", permissions=["take_down"])
    def take_down(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Record a repayment."""
        recovery = self._recovery(object_id)

        def run(given: dict[str, Any]) -> str:
            record_repayment(recovery_id=recovery.pk, **given, actor=signed_in(request), now=timezone.now())
            return _("%(amount)s was recorded.") % {"amount": yuan(given["amount_cny"])}

        consequences = [
            f"{self.code(recovery)}, {self.company(recovery)}",
            _("%(amount)s is still owed. The payout is repaid first, then the fine.") % {"amount": self.owed(recovery)},
            _("What repays the payout is in the fund at once. A negative amount was paid back to the firm."),
        ]
        return self.step(request, recovery, _("Record a repayment"), consequences, run, RepaymentForm)

    @action(description=gettext_lazy("Close the recovery"), url_path="close", permissions=["close"])
    def close(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Close a recovery that is repaid in full."""
        recovery = self._recovery(object_id)

        def run(_given: dict[str, Any]) -> str:
            end_recovery(recovery_id=recovery.pk, actor=signed_in(request), now=timezone.now())
            return _("The recovery is closed.")

        consequences = [
            f"{self.code(recovery)}, {self.company(recovery)}: {self.demanded(recovery)}",
            _("%(amount)s is still owed.") % {"amount": self.owed(recovery)},
            _("A closed recovery is not opened again."),
        ]
        return self.step(request, recovery, _("Close the recovery"), consequences, run)

    def _recovery(self, object_id: int) -> Recovery:
        found: Recovery = get_object_or_404(Recovery.objects.select_related(*self.list_select_related), pk=object_id)
        return found


@admin.register(Appeal)
class AppealAdmin(SteppedAdmin):
    """Appeals of firms against demands."""

    list_display = ("number", "company", "filed_at", "standing", "decided_by")
    list_filter = (("is_upheld", admin.EmptyFieldListFilter), "is_upheld")
    list_select_related = ("recovery__payout__company", "recovery__payout__policy", "decided_by")
    fieldsets = (
        (None, {"fields": ("standing", "recovery", "company", "demand", "text", "filed_by", "filed_at")}),
        (gettext_lazy("What was decided"), {"fields": ("decision", "decided_by", "decided_at")}),
    )
    readonly_fields = ("standing", "company", "demand")
    actions_detail = ("uphold", "reject")

    @admin.display(description=gettext_lazy("number"), ordering="pk")
    def number(self, appeal: Appeal) -> str:
        """The appeal's number."""
        return str(appeal.pk)

    @admin.display(description=gettext_lazy("company"))
    def company(self, appeal: Appeal) -> str:
        """The firm that appeals."""
        return str(appeal.recovery.payout.company)

    @admin.display(description=gettext_lazy("demand"))
    def demand(self, appeal: Appeal) -> str:
        """The demand that the appeal is against."""
        recovery = appeal.recovery
        return f"{recovery.payout.policy.code} {yuan(recovery.amount_cny + recovery.fine_cny)}: {recovery.because}"

    @display(
        description=gettext_lazy("standing"),
        label=Colours({"open": "warning", "upheld": "success", "rejected": "danger"}),
    )
    def standing(self, appeal: Appeal) -> Labelled:
        """Whether the appeal waits, was upheld or was rejected."""
        if appeal.is_upheld is None:
            return Labelled("open", _("to be decided"))
        return Labelled("upheld", _("upheld")) if appeal.is_upheld else Labelled("rejected", _("rejected"))

    def has_decide_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Officers decide appeals against demands in which they had no part."""
        if not self.may(request, "change"):
            return False
        person = signed_in(request)
        undecided = {} if is_pressed(request) else {"is_upheld": None}
        waiting = Appeal.objects.filter(pk=object_id or 0, **undecided)
        others = waiting.exclude(recovery__check_found__checked_by=person).exclude(recovery__demanded_by=person)
        return object_id is None or others.exists()

    @action(description=gettext_lazy("Uphold the appeal"), url_path="uphold", permissions=["decide"])
    def uphold(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Uphold an appeal, which withdraws the demand."""
        recovery = get_object_or_404(Recovery.objects.select_related("payout__company"), appeals=object_id)
        came_back = recovery.ended_as == Recovery.End.CAME_BACK
        withdrawn = _sent_back() if came_back else _("The demand is withdrawn and the payout stays paid.")
        if still := _other_entries_sentence(recovery):
            consequences = [withdrawn, still]
        elif came_back:
            consequences = [withdrawn, _("The firm may claim again.")]
        else:
            consequences = [_("The demand is withdrawn, the payout stays paid, and the firm may claim again.")]
        return self._decide(request, object_id, _("Uphold the appeal"), consequences, is_upheld=True)

    @action(description=gettext_lazy("Reject the appeal"), url_path="reject", permissions=["decide"])
    def reject(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Reject an appeal."""
        recovery = get_object_or_404(Recovery, appeals=object_id)
        came_back = recovery.ended_as == Recovery.End.CAME_BACK
        consequences = [_sent_back() if came_back else _("The demand stands.")]
        return self._decide(request, object_id, _("Reject the appeal"), consequences, is_upheld=False)

    def _decide(
        self, request: HttpRequest, object_id: int, verb: str, consequences: Sequence[str], *, is_upheld: bool
    ) -> HttpResponse:
        appeal = get_object_or_404(Appeal.objects.select_related(*self.list_select_related), pk=object_id)

        def run(given: dict[str, Any]) -> str:
            decide_appeal(
                appeal_id=appeal.pk,
                is_upheld=is_upheld,
                decision=given["because"],
                actor=signed_in(request),
                now=timezone.now(),
            )
            return _("The appeal is decided.")

        told = [f"{self.company(appeal)}, {self.demand(appeal)}", *consequences]
        return self.step(request, appeal, verb, told, run, DecisionForm)


@admin.register(Blacklisting)
class BlacklistingAdmin(SteppedAdmin):
    """The blacklist of firms, with the last day of each entry."""

    list_display = ("company", "begins_on", "ends_on", "lifted_at", "listed_by")
    list_filter = (("lifted_at", admin.EmptyFieldListFilter), "ends_on")
    list_select_related = ("company", "listed_by")
    search_fields = ("=company__credit_code",)
    search_help_text = gettext_lazy("Credit code")
    fields = (
        "company",
        "recovery",
        "begins_on",
        "ends_on",
        "listed_by",
        "lifted_at",
        "lifted_by",
        "lifted_because",
        "proposal_shown",
    )
    readonly_fields = ("proposal_shown",)
    actions_detail = ("lift",)

    @admin.display(description=gettext_lazy("proposal"))
    def proposal_shown(self, listed: Blacklisting) -> SafeString | str:
        """The link to the proposal that put the firm on the list; older entries have none."""
        if listed.proposal is None:
            return "—"
        return format_html('<a class="officer-link" href="{}">{}</a>', address_of(listed.proposal), listed.proposal)

    def has_lift_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Finance proposes to take a firm off the list before its time."""
        is_listed = object_id is None or Blacklisting.objects.filter(pk=object_id, lifted_at=None).exists()
        return self.may(request, "add") and (is_listed or is_pressed(request))

    @action(description=gettext_lazy("Let it claim again"), url_path="lift", permissions=["lift"])
    @require_fresh_second_factor_in_admin
    def lift(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Propose to take the firm off the list."""
        listed = get_object_or_404(
            Blacklisting.objects.select_related("company", "recovery__payout__company"), pk=object_id
        )

        def run(given: dict[str, Any]) -> str:
            propose_lifting(blacklisting=listed, **given, actor=signed_in(request), now=timezone.now())
            self.log_change(request, listed, _("Let it claim again"))
            return _("An officer has to confirm it.")

        consequence = _other_entries_sentence(listed.recovery) or _("The firm may claim again once it is confirmed.")
        consequences = [str(listed.company), consequence, _("An officer has to confirm it.")]
        return self.step(request, listed, _("Let it claim again"), consequences, run, WhyFields)
