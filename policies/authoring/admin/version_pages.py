"""The frame of the pages about one version of a policy."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse

from policies.models import PolicyVersion
from policies.rules.rules import TEXTS
from qinqing.kernel.admin.read_only import FramedAdmin


class VersionPages(FramedAdmin):
    """The admin of versions, with pages about one version."""

    def version_page(
        self, request: HttpRequest, version: PolicyVersion, template: str, title: str, context: dict[str, Any]
    ) -> TemplateResponse:
        """A page about the version, with the way back to the version's own page."""
        about = {"version": version, "back": version_address(version)}
        return self.page(request, template, f"{version}: {title}", {**about, **context})


def get_version(object_id: int) -> PolicyVersion:
    """The version with its policy and clauses, or 404."""
    versions = PolicyVersion.objects.select_related("policy").prefetch_related(*TEXTS)
    return get_object_or_404(versions, pk=object_id)


def version_address(version: PolicyVersion) -> str:
    """The address of the version's own page."""
    return reverse("admin:policies_policyversion_change", args=[version.pk])
