"""The part of the demands' admin where finance proposes fraud, a fine and a ban, and reads all that was proposed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from companies.people.permissions import signed_in
from payouts.desk import ReadOnlyAdmin, table
from payouts.models import HearingNotice, Recovery
from payouts.recovery.allegation import PENALTIES, describe_allegation
from payouts.recovery.forms import BanForm, FindingForm, FineForm
from payouts.recovery.kinds import describe_notice
from payouts.recovery.penalties import propose_ban, propose_fine, propose_fraud
from qinqing.kernel.admin.admin_steps import is_pressed
from qinqing.kernel.admin.confirmed_steps import Step
from qinqing.kernel.money import yuan
from qinqing.kernel.web.step_up import require_fresh_second_factor_in_admin
from qinqing.proposals.admin import address_of
from qinqing.proposals.kinds import find_kind
from qinqing.proposals.models import Proposal


class PenaltyPages(ReadOnlyAdmin):
    """Proposes penalties for the demand of a row, and shows those that were proposed."""

    @admin.display(description=gettext_lazy("Fraud, fine and ban"))
    def penalties(self, recovery: Recovery) -> SafeString | str:
        """Everything that was proposed about the demand, with the hearing of the firm and the decision."""
        notices = {each.proposal_id: each for each in recovery.hearing_notices.select_related("answer")}
        proposals = Proposal.objects.filter(kind__in=PENALTIES, subject_id=recovery.pk)
        heads = (_("proposal"), _("what changes"), _("reason"), _("proposed by"), _("hearing"), _("decision"))
        rows = [
            _row(proposal, notices.get(proposal.pk))
            for proposal in proposals.select_related("proposed_by", "decided_by").order_by("-pk")
        ]
        return table(heads, rows) if rows else _("Nothing was proposed.")

    def has_propose_fraud_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Finance proposes to find fraud, until it is found."""
        return self._may_propose(request, object_id, "fraudfinding", fraud_finding=None)

    def has_propose_fine_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Finance proposes a fine, once fraud is found and while the demand is open."""
        return self._may_propose(
            request, object_id, "fine", fraud_finding__isnull=False, imposed_fine=None, ended_as=""
        )

    def has_propose_ban_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Finance proposes a ban, once fraud is found."""
        return self._may_propose(request, object_id, "blacklisting", fraud_finding__isnull=False, blacklisting=None)

    def _may_propose(self, request: HttpRequest, object_id: int | str | None, model: str, **standing: Any) -> bool:
        if not request.user.has_perm(f"payouts.add_{model}"):
            return False
        if object_id is None or is_pressed(request):
            return True
        standing_demands = Recovery.objects.exclude(ended_as=Recovery.End.WITHDRAWN)
        found = standing_demands.filter(pk=object_id, **standing).exclude(check_found__checked_by=signed_in(request))
        return found.exists()

    @action(description=gettext_lazy("Propose: fraud"), url_path="fraud", permissions=["propose_fraud"])
    @require_fresh_second_factor_in_admin
    def propose_fraud(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Propose to find that the demand is for fraud."""
        told = [_("Fraud is the ground of a fine and a ban; each is proposed by itself once fraud is found.")]
        return self._propose(request, object_id, _("Propose: fraud"), told, propose_fraud, FindingForm)

    @action(description=gettext_lazy("Propose: fine"), url_path="fine", permissions=["propose_fine"])
    @require_fresh_second_factor_in_admin
    def propose_fine(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Propose a fine for fraud."""
        told = [_("The fine is a percentage of the amount demanded, and is demanded with it.")]
        return self._propose(request, object_id, _("Propose: fine"), told, propose_fine, FineForm)

    @action(description=gettext_lazy("Propose: ban"), url_path="ban", permissions=["propose_ban"])
    @require_fresh_second_factor_in_admin
    def propose_ban(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Propose that the firm may claim nothing for some time."""
        told = [_("The firm may claim nothing on these days. No day before the confirmation counts.")]
        return self._propose(request, object_id, _("Propose: ban"), told, propose_ban, BanForm)

    def _propose(
        self,
        request: HttpRequest,
        object_id: int,
        verb: str,
        told: list[str],
        propose: Callable[..., Proposal],
        form: type[forms.Form],
    ) -> HttpResponse:
        recovery = get_object_or_404(Recovery.objects.select_related("payout__policy", "payout__company"), pk=object_id)

        def run(given: dict[str, Any]) -> str:
            proposal = propose(recovery=recovery, **given, actor=signed_in(request), now=timezone.now())
            self.log_change(request, recovery, verb)
            days = {"day": date_format(proposal.hearing_notice.answer_until)}
            return _("The firm was given notice and may answer until %(day)s; then an officer may confirm it.") % days

        step = Step(
            verb=verb,
            consequences=[
                f"{recovery.payout.policy.code}, {recovery.payout.company}: {yuan(recovery.amount_cny)}",
                recovery.because,
                *told,
                _("The firm is given notice at once, and is heard before a policy officer may confirm it."),
            ],
            run=run,
            back=reverse("admin:payouts_recovery_change", args=[recovery.pk]),
            is_confirmed=request.method == "POST",
            form=form,
        )
        return self.confirmed(request, step)


def _row(proposal: Proposal, notice: HearingNotice | None) -> tuple[Any, ...]:
    link = format_html('<a class="officer-link" href="{}">#{}</a>', address_of(proposal), proposal.pk)
    return (
        link,
        f"{capfirst(str(find_kind(proposal.kind).title))}: {describe_allegation(proposal)}",
        f"{proposal.because} · {proposal.document_number}",
        proposal.proposed_by,
        _describe_hearing(proposal, notice),
        _describe_decision(proposal),
    )


def _describe_hearing(proposal: Proposal, notice: HearingNotice | None) -> str:
    if notice is None:
        return "—"
    if proposal.decision and not hasattr(notice, "answer"):
        return _("The firm did not answer.")
    return describe_notice(notice)


def _describe_decision(proposal: Proposal) -> str:
    if not proposal.decision:
        return _("to be confirmed")
    return f"{proposal.get_decision_display()} · {proposal.decided_by}"
