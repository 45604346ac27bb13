"""Roles, memberships and employees."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from companies.classifications.roles import role_name
from companies.firms.admin import AccountInline
from companies.models import Employee, Employment, Membership
from companies.read_only_admin import GrowingAdmin, ReadingInline
from qinqing.kernel.admin.keyset import KeysetLists
from qinqing.kernel.admin.model_admin import ModelAdmin
from qinqing.kernel.admin.read_only import ReadingAdmin

admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(ReadingAdmin, DjangoGroupAdmin):
    """The roles; what each may do stands in the code."""

    list_display = ("role", "name")

    @admin.display(description=_("role"), ordering="name")
    def role(self, group: Group) -> str:
        """The role's name for people."""
        return role_name(group)


@admin.register(Membership)
class MembershipAdmin(KeysetLists, ModelAdmin):
    """The memberships: who acts for which company."""

    list_display = ("user", "company", "role", "capacity")
    list_select_related = ("user", "company")
    search_fields = ("=user__username", "=company__credit_code")
    autocomplete_fields = ("user", "company")


class EmploymentInline(ReadingInline):
    """The companies at which the person is insured."""

    model = Employment
    fk_name = "employee"
    fields = ("company", "hired_on", "insured_from", "insured_until", "insured_months", "has_contract")
    ordering = ("-hired_on", "-id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Employment]:
        """The employments, with the companies that they name."""
        rows: QuerySet[Employment] = super().get_queryset(request)
        return rows.select_related("company")


@admin.register(Employee)
class EmployeeAdmin(GrowingAdmin):
    """The persons; the middle of every number is hidden."""

    list_display = ("name", "id_number_masked", "born_on")
    search_fields = ("name__startswith",)
    # Nobody can search by ID number, because a search term is part of the address, and addresses are logged.
    fields = ("name", "id_number_masked", "born_on", "spouse")
    inlines = (EmploymentInline, AccountInline)
