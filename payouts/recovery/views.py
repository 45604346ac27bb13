"""The firm's pages of a demand to repay, with the form of an appeal, and of a notice, with the form of its answer."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from companies.models import Company
from companies.people.permissions import Act, MayNotAct, owner_required, signed_in, why_not
from payouts.models import HearingNotice, Recovery
from payouts.recovery.forms import AnswerForm, AppealForm
from payouts.recovery.hearing import NotAnswerable, answer_notice
from payouts.recovery.notices import list_notices, list_of_demand, present_notice
from payouts.recovery.queries import list_recoveries, present_to_firm
from payouts.recovery.recover import RecoveryRefused, appeal_against
from qinqing.kernel.refusals import NoReason


@require_http_methods(["GET", "HEAD", "POST"])
@owner_required
def recovery(request: HttpRequest, company: Company, recovery_id: int) -> HttpResponse:
    """Show a demand and its repayments; a POST files an appeal."""
    found = list_recoveries(company=company).filter(pk=recovery_id).first()
    if found is None:
        raise Http404
    form = AppealForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _is_filed(request, found, form):
        messages.success(request, _("Your appeal was filed. An officer who had no part in the demand decides it."))
        return redirect("recovery", company.credit_code, found.pk)
    context = {
        "company": company,
        "recovery": present_to_firm(recovery=found),
        "notices": list_of_demand(company=company, recovery=found),
        "form": form,
        "why_not": why_not(Act.APPEAL, user=signed_in(request), company=company),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "payouts/recovery.html", context, status=status)


def _is_filed(request: HttpRequest, found: Recovery, form: AppealForm) -> bool:
    user = signed_in(request)
    try:
        appeal_against(recovery=found, text=form.cleaned_data["text"], actor=user, now=timezone.now())
    except (RecoveryRefused, NoReason, MayNotAct) as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@owner_required
def hearing_notice(request: HttpRequest, company: Company, notice_id: int) -> HttpResponse:
    """Show what is proposed about the firm; a POST answers it, or waives the answer."""
    found = list_notices(company=company).filter(pk=notice_id).first()
    if found is None:
        raise Http404
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _is_answered(request, found, form):
        messages.success(request, _("Your answer stands with the proposal; the officer who decides reads it."))
        return redirect("hearing-notice", company.credit_code, found.pk)
    context = {
        "company": company,
        "notice": present_notice(notice=found),
        "form": form,
        "why_not": why_not(Act.ANSWER_NOTICE, user=signed_in(request), company=company),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "payouts/hearing_notice.html", context, status=status)


def _is_answered(request: HttpRequest, found: HearingNotice, form: AnswerForm) -> bool:
    try:
        answer_notice(notice=found, **form.cleaned_data, actor=signed_in(request), now=timezone.now())
    except (NotAnswerable, NoReason, MayNotAct) as refusal:
        form.add_error(None, str(refusal))
        return False
    return True
