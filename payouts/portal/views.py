"""The firm's pages: offers, the click, the progress and history of claims, and receipts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from companies.models import Company, User
from companies.people.permissions import Act, MayNotAct, owner_required, signed_in, why_not
from payouts.claims.clicks import Click
from payouts.claims.group_commit import claim_in_group
from payouts.claims.refusals import (
    AlreadyClaimed,
    AmountChanged,
    ClaimRefused,
    CommitmentChanged,
    Excluded,
    NotEntitled,
)
from payouts.offers.commitments import find_read_commitments
from payouts.offers.firms import FirmList
from payouts.offers.queries import explain_entitlement, list_firms
from payouts.portal import claim_history, history_file, receipts
from payouts.portal.claim_history import (
    find_claim,
    list_payouts,
    sum_payouts,
)
from payouts.portal.firm_page import read_firm_page
from payouts.portal.forms import ClaimForm
from payouts.portal.prepared_claims import discard_prepared_claim, prepare_claim
from payouts.portal.progress_types import STAGE_LABELS, Progress, Stage
from payouts.publicity.forms import read_search_words
from qinqing.kernel.text import csv_lines, number
from qinqing.kernel.web.pages import is_fragment
from qinqing.kernel.web.step_up import ask_for_second_factor, has_proved_since_return

# htmx stops polling at an answer with this status.
STOP_POLLING = 286
PATIENCE_SECONDS = 30
# These refusals mean that the page of the firm is out of date.
_OUTDATED = (
    NotEntitled,
    AmountChanged,
    CommitmentChanged,
    Excluded,
)


@require_safe
@never_cache
@login_required
def firms(request: HttpRequest) -> HttpResponse:
    """Show the firms that the user acts for, and what each of them can claim."""
    words = read_search_words(request)
    found = list_firms(user=signed_in(request), on=timezone.localdate(), words=words)
    return render(request, "payouts/firms.html", {"list": FirmList(found), "words": words})


@require_safe
@owner_required
def firm(request: HttpRequest, company: Company) -> HttpResponse:
    """Show what the firm can claim now, what it is paid without a click, and which policies offer it nothing yet."""
    return _show_firm(request, company, shows_prepared="prepared" in request.GET)


@require_POST
@owner_required
def prepared(request: HttpRequest, company: Company) -> HttpResponse:
    """Keep the ticked entitlements for an acceptor to sign, or forget those that were kept."""
    user = signed_in(request)
    if "discard" in request.POST:
        discard_prepared_claim(company=company, actor=user)
        return redirect("firm", company.credit_code)
    form = ClaimForm(request.POST)
    if not form.is_valid():
        return _show_refusal(request, company, form, form.sentence)
    try:
        ids = form.cleaned_data["entitlement_ids"]
        prepare_claim(company=company, entitlement_ids=ids, actor=user, now=timezone.now())
    except (MayNotAct, ClaimRefused) as refusal:
        return _show_refusal(request, company, form, str(refusal))
    return redirect(reverse("firm", args=[company.credit_code]) + "?prepared=yes")


@require_http_methods(["GET", "HEAD", "POST"])
@owner_required
def claims(request: HttpRequest, company: Company) -> HttpResponse:
    """Show the firm's payouts; a POST is the click, which claims entitlements."""
    return _answer_click(request, company) if request.method == "POST" else _show_history(request, company)


def _answer_click(request: HttpRequest, company: Company) -> HttpResponse:
    form, user = ClaimForm(request.POST), signed_in(request)
    if not form.is_valid():
        return _show_refusal(request, company, form, form.sentence)
    if sentence := why_not(Act.CLAIM, user=user, company=company):
        return _show_refusal(request, company, form, sentence)
    if not has_proved_since_return(request):
        return ask_for_second_factor(request)
    outcome = claim_in_group(_make_click(form.cleaned_data, company, user))
    if isinstance(outcome, AlreadyClaimed):
        messages.info(request, str(outcome))
        return _redirect_to_claim(company, find_claim(company=company, payout_ids=outcome.payout_ids))
    if isinstance(outcome, ClaimRefused):
        return _show_refusal(request, company, form, str(outcome), is_outdated=isinstance(outcome, _OUTDATED))
    return _redirect_to_claim(company, next(iter(outcome.claim_ids), None))


def _make_click(sent: Mapping[str, Any], company: Company, user: User) -> Click:
    ids, read = sent["entitlement_ids"], None
    if sent["is_accepted"]:
        read = find_read_commitments(company=company, entitlement_ids=ids, digests=sent["digests"])
    return Click(
        entitlement_ids=ids,
        company_id=company.pk,
        commitment=read.text if read else "",
        actor_id=user.pk,
        now=timezone.now(),
        shown_cny=sent["shown_cny"],
        read=read.versions if read else None,
    )


def _redirect_to_claim(company: Company, claim_id: int | None) -> HttpResponse:
    if claim_id is None:  # No payout could be opened, because no account is on file.
        return redirect("account", company.credit_code)
    return redirect("claim-progress", company.credit_code, claim_id)


def _show_refusal(
    request: HttpRequest, company: Company, form: ClaimForm, refusal: str, *, is_outdated: bool = False
) -> HttpResponse:
    status = HTTPStatus.CONFLICT if is_outdated else HTTPStatus.UNPROCESSABLE_ENTITY
    # The same boxes stay ticked, so that a second click asks for no more than the first one did.
    return _show_firm(
        request, company, refusal=refusal, sent=form.cleaned_data.get("entitlement_ids", ()), status=status
    )


def _show_firm(
    request: HttpRequest,
    company: Company,
    *,
    refusal: str = "",
    sent: Collection[int] | None = None,
    shows_prepared: bool = False,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    now = timezone.now()
    page = read_firm_page(company=company, user=signed_in(request), now=now, ticks=sent, shows_prepared=shows_prepared)
    context = {"company": company, "refusal": refusal, **vars(page)}
    return render(request, "payouts/firm.html", context, status=status)


def _show_history(request: HttpRequest, company: Company) -> HttpResponse:
    stage, words = _read_stage(request.GET.get("stage", "")), read_search_words(request)
    context = {
        "company": company,
        "page": list_payouts(company=company, stage=stage, words=words, before=number(request.GET.get("before", ""))),
        "total": sum_payouts(company=company, stage=stage, words=words),
        "stage": stage,
        "words": words,
        "kept": {"stage": stage},
        "filters": [(value, STAGE_LABELS[value]) for value in Stage],
    }
    return render(request, "payouts/history.html", context)


@require_safe
@owner_required
def history_as_file(request: HttpRequest, company: Company) -> StreamingHttpResponse:
    """Send the payouts that the history's filters choose, as one file for a spreadsheet."""
    stage, words = _read_stage(request.GET.get("stage", "")), read_search_words(request)
    rows = history_file.history_rows(company=company, stage=stage, words=words)
    name = f"{company.credit_code}-{timezone.localdate():%Y%m%d}.csv"
    return StreamingHttpResponse(
        csv_lines(rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_safe
@owner_required
def claim_progress(request: HttpRequest, company: Company, claim_id: int) -> HttpResponse:
    """Show the progress of a claim; htmx asks again until no payout moves any more."""
    before = number(request.GET.get("before", ""))
    progress = claim_history.claim_progress(company=company, claim_id=claim_id, before=before, now=timezone.now())
    context = {"company": company, "progress": progress, "poll_seconds": _poll_seconds(progress), "before": before}
    if is_fragment(request):
        return render(
            request, "payouts/_progress.html", context, status=STOP_POLLING if progress.is_final else HTTPStatus.OK
        )
    return render(request, "payouts/claim_progress.html", context)


@require_safe
@owner_required
def entitlement(request: HttpRequest, company: Company, entitlement_id: int) -> HttpResponse:
    """Show the facts behind one entitlement, alone or inside the firm's page."""
    line = explain_entitlement(company=company, entitlement_id=entitlement_id)
    template = "payouts/_entitlement.html" if is_fragment(request) else "payouts/entitlement.html"
    return render(request, template, {"company": company, "line": line})


@require_safe
@owner_required
def receipt(request: HttpRequest, company: Company, payout_id: int) -> HttpResponse:
    """Show one payout with all its moves, fit for printing."""
    shown = receipts.build_receipt(company=company, payout_id=payout_id)
    return render(request, "payouts/receipt.html", {"company": company, "receipt": shown})


def _poll_seconds(progress: Progress) -> int:
    # A payout that has not arrived within half a minute waits for the bank, so a question every second helps nobody.
    return 1 if progress.elapsed_seconds < PATIENCE_SECONDS else 5


def _read_stage(text: str) -> Stage | None:
    return Stage(text) if text in Stage.__members__.values() else None
