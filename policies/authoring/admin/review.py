"""The page that a second officer reads before publishing, and the comparison of any two versions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from companies.people.permissions import signed_in
from policies.authoring.admin.steps import LifePages
from policies.authoring.admin.version_pages import get_version
from policies.authoring.differences import compare_versions
from policies.authoring.publish import SameOfficer, check_second_officer, publish_version
from policies.editor.cautions import cautions_in
from policies.models import PolicyVersion, Pool, Track, VersionStatus
from policies.preview.exact import TooSlow, estimate
from policies.preview.figures import Preview
from policies.rules.rules import RuleRefused
from policies.rules.versions import in_force_beside
from policies.trial.worked_examples import worked_examples
from qinqing.kernel.text import number


class ReviewPages(LifePages):
    """A mixin of the versions' admin: the second officer's page, and the comparison."""

    @action(description=gettext_lazy("Review and publish"), url_path="publish", permissions=["review"])
    def publish(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Publish a submitted version, now or on its day."""
        version = get_version(object_id)
        return self._publish(request, version) if request.method == "POST" else self._review(request, version)

    def _publish(self, request: HttpRequest, version: PolicyVersion) -> HttpResponse:
        return self.confirm_step(
            request,
            version,
            verb=_("Publish"),
            consequences=[],
            run=lambda: publish_version(
                version=version,
                actor=signed_in(request),
                now=timezone.now(),
                replaces=_find_replaced_version(version, request.POST.get("replaces", "")),
                reviewed_hash=request.POST.get("reviewed_hash", ""),
            ),
            done=_("%(version)s is published.") % {"version": version},
        )

    def _review(self, request: HttpRequest, version: PolicyVersion) -> HttpResponse:
        in_force = in_force_beside(version=version)
        sections = compare_versions(before=in_force, after=version)
        context = {
            "consequences": [*_say_forecast(version), *_say_when_in_force(version, in_force)],
            "why_not": _why_not(request, version),
            "before": in_force,
            # All examples of a first version are new; the page lists them anyway, with their verdicts.
            "sections": [section for section in sections if in_force or section.title != _("Examples")],
            "worked": worked_examples(version=version),
            "cautions": cautions_in(version=version),
        }
        return self.version_page(request, version, "admin/policies/review.html", _("Review"), context)

    @action(description=gettext_lazy("What changes"), url_path="changes", permissions=["view"])
    def changes(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Compare the version with another: the one in the address, or the one in force, or the one before it."""
        version = get_version(object_id)
        others = list(version.policy.versions.exclude(pk=version.pk).select_related("policy").order_by("-number"))
        earlier = [other for other in others if other.number < version.number]
        asked = next((other for other in others if str(other.number) == request.GET.get("with", "")), None)
        before = asked or in_force_beside(version=version) or next(iter(earlier or others), None)
        sections = compare_versions(before=before, after=version)
        context: dict[str, Any] = {
            "before": before,
            "others": others,
            "sections": sections,
            "is_same": not any(section.changes for section in sections),
        }
        return self.version_page(request, version, "admin/policies/changes.html", _("What changes"), context)


def _why_not(request: HttpRequest, version: PolicyVersion) -> str:
    """The reason for which this officer cannot publish the version; empty if there is none."""
    try:
        check_second_officer(version=version, actor=signed_in(request))
    except SameOfficer as refusal:
        return str(refusal)
    return ""


def _find_replaced_version(version: PolicyVersion, replaces: str) -> PolicyVersion | None:
    """The version that the page showed to the officer as the one in force."""
    return version.policy.versions.filter(pk=number(replaces) or 0).first()


def _say_forecast(version: PolicyVersion) -> list[str]:
    try:
        preview: Preview = estimate(version=version, now=timezone.now())
    except (TooSlow, RuleRefused) as refusal:
        return [str(refusal)]
    return [*_say_if_estimated(preview), _entitlement_sentence(version) % _figures(version, preview)]


def _say_if_estimated(preview: Preview) -> Iterator[str]:
    if not preview.is_exact:
        looked = number_format(preview.looked_at, force_grouping=True)
        yield _("The figures are an estimate by %(looked)s firms drawn by lot.") % {"looked": looked}


def _entitlement_sentence(version: PolicyVersion) -> str:
    """
    The sentence about whom the version entitles, with places for the figures. A white list counts only after its
    version is in force.
    """
    if version.track == Track.WHITELIST:
        return _(
            "No list of it counts yet: only whom one names is entitled. The conditions alone let through %(count)s"
            " subjects of %(firms)s firms; ¥%(granted)s is granted."
        )
    if version.pool == Pool.PROPORTIONAL:
        return _(
            "%(count)s subjects of %(firms)s firms share the ¥%(granted)s that is granted, in proportion to amounts of"
            " ¥%(total)s in all."
        )
    return _("%(count)s subjects of %(firms)s firms are entitled to ¥%(total)s in all; ¥%(granted)s is granted.")


def _figures(version: PolicyVersion, preview: Preview) -> dict[str, str]:
    return {
        "count": number_format(preview.count, force_grouping=True),
        "firms": number_format(preview.firm_count, force_grouping=True),
        "total": number_format(preview.total_cny, decimal_pos=2, force_grouping=True),
        "granted": number_format(version.granted_cny, decimal_pos=2, force_grouping=True),
    }


def _say_when_in_force(version: PolicyVersion, in_force: PolicyVersion | None) -> list[str]:
    begins = (
        _("It comes into force by itself on %(day)s.") % {"day": date_format(version.effective_on)}
        if version.effective_on and _comes_into_force_later(version)
        else _("It comes into force at once, and matching begins.")
    )
    closing = (
        [sentence % {"version": in_force} for sentence in _say_what_is_replaced(version, in_force)] if in_force else []
    )
    return [begins, *closing, *_say_what_is_scheduled(version), _("Not a word of it can be changed afterwards.")]


def _comes_into_force_later(version: PolicyVersion) -> bool:
    return version.effective_on is not None and version.effective_on > timezone.localdate()


def _say_what_is_scheduled(version: PolicyVersion) -> Iterator[str]:
    """Say that another published version waits for its day; a policy can have only one such version."""
    for other in version.policy.versions.filter(status=VersionStatus.SCHEDULED):
        if _comes_into_force_later(version):
            yield _("Another version of this policy waits for its day; withdraw it first.")
        elif other.effective_on is not None:
            sentence = _("%(version)s waits for its day, %(day)s, and takes its place then; close it if it should not.")
            yield sentence % {"version": other, "day": date_format(other.effective_on)}


def _say_what_is_replaced(version: PolicyVersion, in_force: PolicyVersion) -> Iterator[str]:
    """Say what becomes of the version in force; `%(version)s` is the place for its name."""
    if version.track == Track.WHITELIST:
        yield _(
            "%(version)s is closed then, and its lists do not count for this one; what nobody has claimed under it is"
            " withdrawn, until a list that is published under this one names it."
        )
    else:
        yield _("%(version)s is closed then; what nobody has claimed under it passes to this one, or is withdrawn.")
    if in_force.status == VersionStatus.SUSPENDED:
        yield _(
            "%(version)s is suspended: what was claimed under it waits until that is lifted, while this one can be"
            " claimed under."
        )
