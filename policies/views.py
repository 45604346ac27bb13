"""The public text of policies, and why a firm is or is not entitled."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from companies.models import Company
from companies.permissions import owner_required
from policies import queries, stacking
from policies.models import PolicyVersion
from policies.queries import notices
from qinqing.kernel.pages import is_fragment


@require_safe
def policy(request: HttpRequest, code: str) -> HttpResponse:
    """Show a policy in force to anybody: conditions, amount, window, and the rules word for word."""
    version = _version(code)
    context = {"policy": notices.notice(version=version), "conditions": notices.conditions(version=version)}
    return render(request, "policies/policy.html", context)


@require_safe
@owner_required
def reasons(request: HttpRequest, company: Company, code: str) -> HttpResponse:
    """Explain to a firm, condition by condition, why a policy is or is not its own; alone or inside its page."""
    version = _version(code)
    explained = queries.reasons(company=company, version=version, now=timezone.now())
    context = {
        "company": company,
        "policy": notices.notice(version=version),
        "reasons": explained,
        "subject": version.subject,
        "superseded_by": stacking.superseded_by(company=company, policy=version.policy),
        "met_count": sum(clause.verdict is True for clause in explained.clauses),
    }
    template = "policies/_reasons.html" if is_fragment(request) else "policies/reasons.html"
    return render(request, template, context)


def _version(code: str) -> PolicyVersion:
    try:
        return notices.version_in_force(code=code)
    except notices.NoSuchPolicy as refusal:
        raise Http404(str(refusal)) from refusal
