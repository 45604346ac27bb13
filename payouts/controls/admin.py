"""The admin of post-checks, and of the plans that draw samples."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display

from companies.people.permissions import signed_in
from payouts.controls.pairs_page import PairsPage
from payouts.controls.post_audit import finish_check, plan_sampling
from payouts.desk import DecisionForm, DemandForm, ReadOnlyAdmin, SamplingForm, table
from payouts.ledger.stored_text import translate_reason
from payouts.models import PostCheck, SamplingPlan
from payouts.recovery.recover import demand_repayment
from payouts.states import Status
from policies.explain.evidence import shown_changes
from policies.models import FactChange
from qinqing.kernel.admin.admin_steps import is_pressed
from qinqing.kernel.admin.confirmed_steps import Step
from qinqing.kernel.admin.worklist_filter import WaitsForYou
from qinqing.kernel.labels import Colours, Labelled
from qinqing.kernel.money import yuan

R = PostCheck.Result


@admin.register(SamplingPlan)
class SamplingPlanAdmin(PairsPage):
    """Plans that check a share of a version's payouts at random."""

    list_display = ("version", "percentage", "planned_by", "planned_at", "drawn_until")
    list_select_related = ("version__policy", "planned_by")
    search_fields = ("version__policy__code",)
    fields = ("version", "percentage", "seed", "planned_by", "planned_at", "drawn_until")
    actions_list = ("plan",)

    def has_plan_permission(self, request: HttpRequest, _object_id: int | str | None = None) -> bool:
        """Officers plan samples."""
        return self.may(request, "add")

    @action(description=gettext_lazy("Plan samples"), url_path="plan", permissions=["plan"])
    def plan(self, request: HttpRequest) -> HttpResponse:
        """Plan checks of a share of a version's payouts."""

        def run(given: dict[str, Any]) -> str:
            plan = plan_sampling(**given, actor=signed_in(request), now=timezone.now())
            return _("%(share)s %% of what %(version)s pays is checked from now on.") % {
                "share": plan.percentage,
                "version": plan.version,
            }

        step = Step(
            verb=_("Plan samples"),
            consequences=[
                _("The platform draws a seed; with it anybody can repeat the draw, and nobody can choose."),
                _("What was paid already is drawn too. The plan is not changed afterwards."),
            ],
            run=run,
            back=reverse("admin:payouts_samplingplan_changelist"),
            is_confirmed=request.method == "POST",
            form=SamplingForm,
        )
        return self.confirmed(request, step)


@admin.register(PostCheck)
class PostCheckAdmin(ReadOnlyAdmin):
    """Post-checks, and their findings."""

    list_display = ("number", "code", "company", "amount", "reason", "opened_at", "standing", "checked_by")
    list_filter = (WaitsForYou, ("result", admin.EmptyFieldListFilter), "result", "reason", "payout__policy")
    list_select_related = ("payout__policy", "payout__company", "checked_by")
    search_fields = ("=payout__company__credit_code", "=payout__id")
    search_help_text = gettext_lazy("Credit code or number of the payout")
    fieldsets = (
        (None, {"fields": ("standing", "payout", "code", "company", "amount")}),
        (gettext_lazy("Why it is looked at"), {"fields": ("reason", "why", "changed_facts", "opened_at", "opened_by")}),
        (gettext_lazy("What was found"), {"fields": ("finding", "checked_by", "checked_at")}),
    )
    readonly_fields = ("standing", "code", "company", "amount", "why", "changed_facts")
    actions_detail = ("keep", "find_breach", "demand_back")

    @admin.display(description=gettext_lazy("number"), ordering="pk")
    def number(self, check: PostCheck) -> str:
        """The check's number."""
        return str(check.pk)

    @admin.display(description=gettext_lazy("policy"), ordering="payout__policy__code")
    def code(self, check: PostCheck) -> str:
        """The policy's code."""
        return check.payout.policy.code

    @admin.display(description=gettext_lazy("company"))
    def company(self, check: PostCheck) -> str:
        """The firm that was paid, or whose employee was."""
        return str(check.payout.company)

    @admin.display(description=gettext_lazy("amount"), ordering="payout__amount_cny")
    def amount(self, check: PostCheck) -> str:
        """The amount of the payout."""
        return yuan(check.payout.amount_cny)

    @admin.display(description=gettext_lazy("detail"))
    def why(self, check: PostCheck) -> str:
        """The reason of the check."""
        return translate_reason(check.detail)

    @admin.display(description=gettext_lazy("changed facts"))
    def changed_facts(self, check: PostCheck) -> SafeString | str:
        """The facts that changed since the claim, and the amount by the facts of today."""
        change = FactChange.objects.filter(entitlement=check.payout.entitlement_id).first()
        if change is None:
            return "—"
        heads = (_("fact"), _("at the claim"), _("now"))
        subject = check.payout.fund.version.subject
        rows = [(fact.label, fact.then, fact.now) for fact in shown_changes(facts=change.facts, subject=subject)]
        amounts = (_("amount"), yuan(check.payout.amount_cny), yuan(change.amount_cny or Decimal(0)))
        return table(heads, [*rows, amounts])

    @display(
        description=gettext_lazy("result"),
        ordering="result",
        label=Colours({"": "warning", R.KEPT: "success", R.BREACH: "danger"}),
    )
    def standing(self, check: PostCheck) -> Labelled:
        """The result as a coloured label."""
        return Labelled(check.result, check.get_result_display() if check.result else _("to be checked"))

    def has_finish_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Officers finish checks, except those that they asked for themselves."""
        if not self.may(request, "change"):
            return False
        unfinished = {} if is_pressed(request) else {"result": ""}
        waiting = PostCheck.objects.filter(pk=object_id or 0, **unfinished).exclude(opened_by=signed_in(request))
        return object_id is None or waiting.exists()

    def has_demand_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Finance demands money back after a breach, unless the same person found the breach."""
        if not request.user.has_perm("payouts.add_recovery"):
            return False
        undemanded = {} if is_pressed(request) else {"payout__status": Status.PAID, "recovery": None}
        found = PostCheck.objects.filter(pk=object_id or 0, result=R.BREACH, **undemanded)
        return object_id is None or found.exclude(checked_by=signed_in(request)).exists()

    @action(description=gettext_lazy("Commitment kept"), url_path="keep", permissions=["finish"])
    def keep(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Finish the check: the firm kept its commitment."""
        consequences = [_("The check is finished, and the payout stays as it is.")]
        return self._finish(request, object_id, _("Commitment kept"), consequences, is_breach=False)

    @action(description=gettext_lazy("Commitment broken"), url_path="breach", permissions=["finish"])
    def find_breach(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Finish the check: the firm broke its commitment."""
        consequences = [_("Finance may demand the money back. The finding is kept with your name.")]
        return self._finish(request, object_id, _("Commitment broken"), consequences, is_breach=True)

    def _finish(
        self, request: HttpRequest, object_id: int, verb: str, consequences: list[str], *, is_breach: bool
    ) -> HttpResponse:
        check = self._check(object_id)

        def run(given: dict[str, Any]) -> str:
            finish_check(
                check_id=check.pk,
                is_breach=is_breach,
                finding=given["because"],
                actor=signed_in(request),
                now=timezone.now(),
            )
            return _("The check is finished.")

        step = Step(
            verb=verb,
            consequences=[self._summed(check), *consequences],
            run=run,
            back=reverse("admin:payouts_postcheck_change", args=[check.pk]),
            is_confirmed=request.method == "POST",
            form=DecisionForm,
        )
        return self.confirmed(request, step)

    @action(description=gettext_lazy("Demand the money back"), url_path="demand", permissions=["demand"])
    def demand_back(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Demand the payout back."""
        check = self._check(object_id)

        def run(given: dict[str, Any]) -> str:
            opened = demand_repayment(check=check, **given, actor=signed_in(request), now=timezone.now())
            return _("%(amount)s is demanded back.") % {"amount": yuan(opened.amount_cny)}

        step = Step(
            verb=_("Demand the money back"),
            consequences=[
                self._summed(check),
                check.finding,
                _("The firm reads the demand and its reason on its page, and may appeal."),
                _("Fraud, a fine and a ban are proposed on the page of the demand, each by itself."),
            ],
            run=run,
            back=reverse("admin:payouts_postcheck_change", args=[check.pk]),
            is_confirmed=request.method == "POST",
            form=DemandForm,
        )
        return self.confirmed(request, step)

    def _check(self, object_id: int) -> PostCheck:
        check: PostCheck = get_object_or_404(PostCheck.objects.select_related(*self.list_select_related), pk=object_id)
        return check

    def _summed(self, check: PostCheck) -> str:
        return f"#{check.payout_id} {self.code(check)}, {self.company(check)}: {self.amount(check)}"
