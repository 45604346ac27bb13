"""The editor of rules: it checks, completes and counts the rule that an officer is typing, and stores nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_POST

from policies.authoring.admin.part_forms import posted_definitions, read_definitions
from policies.authoring.library import subject_of
from policies.editor.live_check import check_live
from policies.editor.match_estimate import estimate_matches
from policies.editor.phrasebook import PHRASES
from policies.editor.suggestions import Suggestions, suggest
from policies.editor.vocabulary import names_for, vocabulary
from policies.feel.definitions import Definitions
from policies.feel.messages.errors import FeelError
from policies.models import PolicyVersion, Subject, subject_choices
from policies.rules.rules import RuleRefused, definitions_of
from policies.rules.versions import as_of
from policies.subjects import known_subjects
from qinqing.kernel.text import number


@dataclass(frozen=True, slots=True)
class _RuleInForm:
    """One rule as the form has it now, with everything on which its meaning depends."""

    text: str
    subject: str
    is_amount: bool
    version: PolicyVersion | None
    # None while a definition of the page has a fault of its own; then the saved definitions count.
    definitions: Definitions | None
    as_of_on: dt.date

    @property
    def known(self) -> Definitions:
        return self.definitions or definitions_of(self.version or PolicyVersion())


class EditorPages:
    """A mixin of the versions' admin: the answers that the form of a version needs while an officer writes."""

    def get_urls(self) -> list[URLPattern]:
        """The addresses of the parts of the form, before those of the admin."""
        site = self.admin_site  # type: ignore[attr-defined]
        own = [
            path(f"{name}-rule/", site.admin_view(require_POST(view)), name=f"policies_{name}_rule")
            for name, view in (("check", self.check_rule), ("suggest", self.suggest_rule), ("count", self.count_rule))
        ]
        inherited: list[URLPattern] = super().get_urls()  # type: ignore[misc]
        return [*own, *inherited]

    def check_rule(self, request: HttpRequest) -> HttpResponse:
        """Check the rule that is being written, and show what it means or what is wrong."""
        if not may_write(request):
            return HttpResponse(status=403)
        written = _read_rule(request)
        looked = check_live(
            text=written.text,
            subject=written.subject,
            is_amount=written.is_amount,
            is_payee="is_payee" in request.GET,
            version=written.version,
            definitions=written.definitions,
        )
        context = {"looked": looked if written.text.strip() else None, "query": request.GET.urlencode()}
        return render(request, "admin/policies/_desk_rule.html", context)

    def suggest_rule(self, request: HttpRequest) -> HttpResponse:
        """Suggest what may come next at the cursor."""
        if not may_write(request):
            return HttpResponse(status=403)
        written, cursor = _read_rule(request), request.POST.get("cursor", "")
        found = Suggestions()
        if cursor.isdecimal() and len(cursor) < 6 and len(written.text) <= LONGEST_COMPLETED:
            found = suggest(
                text=written.text,
                at=int(cursor),
                subject=written.subject,
                definitions=_definitions_if_checked(written),
                is_asked=bool(request.POST.get("is_asked")),
            )
        context = {"found": found, "list": request.GET.get("field", "")}
        return render(request, "admin/policies/_desk_suggestions.html", context)

    def count_rule(self, request: HttpRequest) -> HttpResponse:
        """
        Estimate for how many the rule holds; a rule that names a third party is not a condition, so it is not counted.
        """
        if not may_write(request):
            return HttpResponse(status=403)
        if "is_payee" in request.GET:
            return HttpResponse()
        written = _read_rule(request)
        try:
            counted = estimate_matches(
                text=written.text,
                subject=written.subject,
                is_amount=written.is_amount,
                definitions=written.known,
                as_of_on=written.as_of_on,
            )
        except RuleRefused:
            # The check, which the page shows beside the count, says why.
            return HttpResponse()
        context = {
            "counted": counted,
            "subject": dict(subject_choices())[written.subject],
            "is_amount": written.is_amount,
        }
        return render(request, "admin/policies/_desk_count.html", context)

    def vocabulary_for(self, request: HttpRequest, version: PolicyVersion | None) -> dict[str, Any]:
        """The facts, forms and names that a rule may use, shown beside the form of a draft."""
        assert isinstance(self, ModelAdmin)
        if not self.has_change_permission(request, version):
            return {}
        return vocabulary_context(version, query=f"?version={version.pk}" if version else "")


def vocabulary_context(version: PolicyVersion | None, *, query: str) -> dict[str, Any]:
    """
    The context of a form with rules, of a version or of the library; `query` says in the address which of them to
    check.
    """
    return {
        "vocabulary": vocabulary(),
        "names": names_for(version=version),
        "phrases": PHRASES,
        "rule_query": query,
    }


# No rule is longer; the check refuses a longer text.
LONGEST_COMPLETED = 4_000


def may_write(request: HttpRequest) -> bool:
    """Whether the officer may write policies; the officer may also check rules of a published version."""
    return request.user.has_perm("policies.change_policyversion")


def _definitions_if_checked(written: _RuleInForm) -> Definitions:
    try:
        return written.known
    except RuleRefused:
        return Definitions()


def _read_rule(request: HttpRequest) -> _RuleInForm:
    asked = number(request.GET.get("version", ""))
    version = PolicyVersion.objects.filter(pk=asked).first() if asked is not None else None
    text = request.POST.get(request.GET.get("field", ""), "").replace("\r\n", "\n")
    subject = request.POST.get("subject") or (version.subject if version else "")
    if "library" in request.GET:
        subject = subject_of(text=text)
    return _RuleInForm(
        text=text,
        subject=subject if subject in known_subjects() else Subject.COMPANY,
        is_amount="is_amount" in request.GET,
        version=version,
        definitions=_definitions_on_page(request, version or PolicyVersion()),
        as_of_on=_day(request.POST.get("as_of_on", ""), version),
    )


def _day(text: str, version: PolicyVersion | None) -> dt.date:
    """The as-of day: the form's, or else the version's."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return as_of(version=version or PolicyVersion(), now=timezone.now())


def _definitions_on_page(request: HttpRequest, version: PolicyVersion) -> Definitions | None:
    """The definitions as the form has them now, or as they were saved if one of them has a fault."""
    if "parameters-TOTAL_FORMS" in request.POST:
        try:
            read_definitions(data=request.POST, version=version)
        except FeelError:
            return None
    return posted_definitions(version)
