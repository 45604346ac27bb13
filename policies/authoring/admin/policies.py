"""Programmes in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline

from companies.people.scope import scope_of
from policies.authoring.admin.forms import PolicyForm
from policies.models import Policy, PolicyVersion, VersionStatus
from qinqing.kernel.admin.model_admin import ModelAdmin


class VersionInline(TabularInline):
    """The versions of a policy, each with a link to its own page."""

    model = PolicyVersion
    fields = readonly_fields = ("number", "status", "opens_on", "closes_on", "granted_cny", "published_at")
    ordering = ("-number",)
    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Policy | None = None) -> bool:
        """A new version is written on its own page, not here."""
        return False


@admin.register(Policy)
class PolicyAdmin(ModelAdmin):
    """The subsidy programmes."""

    form = PolicyForm
    # The order is given here, because Django would put a read-only code last.
    fields = ("code", "title_zh", "title_en", "summary_zh", "summary_en", "department")
    list_display = ("code", "title_zh", "title_en", "department", "district")
    list_filter = ("department", "district")
    search_fields = ("code", "title_zh", "title_en")
    ordering = ("code",)
    inlines = (VersionInline,)

    def get_fields(self, request: HttpRequest, obj: Policy | None = None) -> tuple[str, ...]:
        """The fields; only people of the city say whose policy it is."""
        return (*self.fields, "district") if scope_of(request.user).is_whole else self.fields

    def save_model(self, request: HttpRequest, obj: Policy, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Save the policy; one that an official of a district or a department adds belongs to these."""
        own = scope_of(request.user)
        obj.district = own.district or obj.district
        obj.department = own.department or obj.department
        super().save_model(request, obj, form, change)

    def get_readonly_fields(self, request: HttpRequest, obj: Policy | None = None) -> tuple[str, ...]:
        """The code cannot be changed once a version was submitted; the database refuses it as well."""
        fields = tuple(super().get_readonly_fields(request, obj))
        was_submitted = obj is not None and obj.versions.exclude(status=VersionStatus.DRAFT).exists()
        return (*fields, "code") if was_submitted else fields

    def has_delete_permission(self, request: HttpRequest, obj: Policy | None = None) -> bool:
        """Only a policy that never had a version can be deleted."""
        return obj is not None and super().has_delete_permission(request, obj) and not obj.versions.exists()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Policy]:
        """All policies."""
        policies: QuerySet[Policy] = super().get_queryset(request)
        return policies
