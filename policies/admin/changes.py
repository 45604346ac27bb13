"""What a version says otherwise than another one of its policy, before a second officer publishes it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from policies.admin.desk import address_of, found
from policies.models import PolicyVersion
from policies.queries.changes import changes
from policies.queries.versions import in_force_beside


class ChangesPages:
    """The page of differences; mixed into the admin of versions."""

    @action(description=gettext_lazy("What changes"), url_path="changes", permissions=["view"])
    def changes(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Lay the version beside the one in force, or beside the one that is asked for."""
        version = found(object_id)
        others = list(version.policy.versions.exclude(pk=version.pk).select_related("policy").order_by("-number"))
        before = _asked(others, request.GET.get("with", "")) or in_force_beside(version=version) or _last(others)
        context = {
            **self.admin_site.each_context(request),  # type: ignore[attr-defined]
            "title": _("%(version)s: what changes") % {"version": version},
            "version": version,
            "before": before,
            "others": others,
            "changes": changes(before=before, after=version) if before else (),
            "back": address_of(version),
            "media": self.media,  # type: ignore[attr-defined]
        }
        return TemplateResponse(request, "admin/policies/changes.html", context)


def _asked(others: list[PolicyVersion], number: str) -> PolicyVersion | None:
    return next((version for version in others if str(version.number) == number), None)


def _last(others: list[PolicyVersion]) -> PolicyVersion | None:
    return others[0] if others else None
