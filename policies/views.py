"""Public pages of policies: the text, the lists and the calculator; and for a firm, why it is or is not entitled."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import reswap

from companies.models import Company
from companies.people.permissions import owner_required
from policies.authoring.suspensions import Pause, Undecided, pauses, undecided
from policies.deadlines import notices
from policies.explain.company import explain_company
from policies.matching.entitlements import divided_on_without_share
from policies.models import PolicyVersion, VersionStatus
from policies.rules.rules import RuleRefused
from policies.stacking.seat_keys import superseded_by
from policies.trial.calculator import calculate
from policies.trial.forms import CalculatorForm
from policies.trial.questions import questions
from policies.trial.trial_facts import BadFacts
from policies.white_lists.queries import PublicSums, find_on_lists, lapsed_totals, public_list, public_sums
from qinqing.kernel.web.pages import is_fragment
from qinqing.kernel.web.rate_limit import count_visit, refuse_search, visitor_address

# The seconds for which the sums beside a policy and a list are cached.
COUNTED_SECONDS = 60
# No id has so many digits.
MOST_DIGITS = 18
LONGEST_SEARCH = 60


class LapsedTotal(NamedTuple):
    """The entitlements under a policy that nobody claimed in time: their number, and their sum in yuan."""

    number: int
    amount_cny: Decimal


@require_safe
def policy(request: HttpRequest, code: str) -> HttpResponse:
    """Show a policy in force to anybody: its conditions, amount and window, and the text of its rules."""
    version = notices.version_in_force(code=code)
    context = {
        "policy": notices.notice(version=version, on=timezone.localdate()),
        "conditions": notices.conditions(version=version),
        "pauses": _pauses(version),
        "waived": _lapsed_total(version),
    }
    return render(request, "policies/policy.html", context)


def _pauses(version: PolicyVersion) -> list[Pause | Undecided]:
    return [*pauses(version_ids=[version.pk]), *undecided(version_ids=[version.pk])]


@require_safe
def white_list(request: HttpRequest, code: str) -> HttpResponse:
    """Show a department's list to anybody, if the version makes it public."""
    version = notices.version_in_force(code=code)
    after, words = request.GET.get("after", ""), request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    refusal = refuse_search(request) if words else ""
    shown = public_list(
        version=version,
        words="" if refusal else words,
        after=int(after) if after.isdecimal() and len(after) < MOST_DIGITS else None,
    )
    if shown is None:
        raise Http404(_("No list of policy %(code)s is public.") % {"code": code})
    context = {
        "policy": notices.notice(version=version, on=timezone.localdate()),
        "pauses": _pauses(version),
        "list": shown,
        "sums": _sums(version),
        "words": words,
        "refusal": refusal,
    }
    return render(request, "policies/white_list.html", context, status=429 if refusal else 200)


def _sums(version: PolicyVersion) -> PublicSums:
    """The sums of a list, cached, because counting a whole list for each reader would cost more than the page."""
    counted: PublicSums | None = cache.get_or_set(
        f"listed-{version.pk}", lambda: public_sums(version=version), COUNTED_SECONDS
    )
    assert counted is not None
    return counted


def _lapsed_total(version: PolicyVersion) -> LapsedTotal:
    """
    The lapsed entitlements, cached, because counting a whole policy for each reader would cost more than the page.
    """
    counted: LapsedTotal | None = cache.get_or_set(
        f"waived-{version.pk}", lambda: LapsedTotal(*lapsed_totals(version=version)), COUNTED_SECONDS
    )
    assert counted is not None
    return counted


@require_safe
@owner_required
def reasons(request: HttpRequest, company: Company, code: str) -> HttpResponse:
    """Explain to a firm, condition by condition, why it is or is not entitled; alone or as a part of its page."""
    version = notices.version_in_force(code=code)
    try:
        explained = explain_company(company=company, version=version, now=timezone.now())
    except RuleRefused:
        return _render_unreadable(request, version)
    context = {
        "company": company,
        "policy": notices.notice(version=version),
        "reasons": explained,
        "subject": version.subject,
        "superseded_by": superseded_by(company=company, policy=version.policy),
        "on_list": find_on_lists(company=company, version=version),
        "divided_on": divided_on_without_share(company=company, version=version),
        "met_count": sum(clause.verdict is True for clause in explained.clauses),
    }
    template = "policies/_reasons.html" if is_fragment(request) else "policies/reasons.html"
    return render(request, template, context)


# One address may calculate so often; a person never reaches the limit, a script soon does.
CALCULATIONS, CALCULATIONS_SECONDS = 30, 60


@require_safe
def calculators(request: HttpRequest) -> HttpResponse:
    """Let anybody choose a policy in force for the calculator."""
    shown = notices.list_notices(on=timezone.localdate(timezone.now()))
    return render(request, "policies/calculators.html", {"policies": shown})


@require_http_methods(["GET", "HEAD", "POST"])
def calculator(request: HttpRequest, code: str) -> HttpResponse:
    """Let anybody try a policy in force on facts of their own: verdict, amount and reasons; nothing is stored."""
    version = notices.version_in_force(code=code)
    try:
        form = CalculatorForm(request.POST if request.method == "POST" else None, groups=questions(version=version))
    except RuleRefused:
        return _render_unreadable(request, version)
    context: dict[str, object] = {
        "policy": notices.notice(version=version, on=timezone.localdate()),
        "form": form,
        "is_suspended": version.status == VersionStatus.SUSPENDED,
    }
    if request.method != "POST":
        return render(request, "policies/calculator.html", context)
    visitor = visitor_address(request)
    if not count_visit(page="calculator", visitor=visitor, limit=CALCULATIONS, seconds=CALCULATIONS_SECONDS):
        refusal = _("That was %(limit)d calculations within a minute. Wait a minute, then go on.")
        context["refusal"] = refusal % {"limit": CALCULATIONS}
        return _render_calculator(request, context, status=429)
    if "add" in request.POST:
        # A visitor who adds an entry goes on writing there, so the page does not scroll to the answer.
        return reswap(_render_calculator(request, context, status=200), "innerHTML")
    if not form.is_valid():
        return _render_calculator(request, context, status=422)
    try:
        context["calculated"] = calculate(version=version, facts=form.facts(), now=timezone.now())
    except BadFacts as refusal:
        context["refusal"] = str(refusal)
        return _render_calculator(request, context, status=422)
    return _render_calculator(request, context, status=200)


def _render_calculator(request: HttpRequest, context: dict[str, object], *, status: int) -> HttpResponse:
    """Render the whole page or, for htmx, the part that changes; htmx shows only answers with status 200."""
    if is_fragment(request):
        return render(request, "policies/_calculator.html", context)
    return render(request, "policies/calculator.html", context, status=status)


def _render_unreadable(request: HttpRequest, version: PolicyVersion) -> HttpResponse:
    """Say that a rule of the version does not check any more, as when a release has renamed a fact."""
    context = {"policy": notices.notice(version=version)}
    if is_fragment(request):
        # htmx shows no answer with another status.
        return render(request, "policies/_unreadable.html", context)
    return render(request, "policies/unreadable.html", context, status=503)
