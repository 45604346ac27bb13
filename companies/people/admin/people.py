"""Accounts, memberships and employees."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.forms import UserChangeForm
from unfold.widgets import UnfoldAdminSelectWidget

from companies.classifications.districts import district_choices
from companies.classifications.roles import find_exclusion, role_name
from companies.datasets.departments import DEPARTMENTS, OFFICES
from companies.datasets.tables.labour import Employment
from companies.firms.admin import AccountInline
from companies.models import Employee, Membership, User
from companies.people.admin.passwords import PasswordsByMail
from companies.people.scope import scope_of
from companies.read_only_admin import GrowingAdmin, ReadingInline
from qinqing.kernel.admin.keyset import KeysetLists
from qinqing.kernel.admin.model_admin import ModelAdmin
from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.refusals import Refusal

admin.site.unregister(Group)


class RoleFilter(admin.RelatedFieldListFilter):
    """The filter of accounts by role."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The roles by their names for people."""
        return [(key, role_name(str(name))) for key, name in super().field_choices(field, request, model_admin)]


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    """The roles."""

    list_display = ("role", "name")

    @admin.display(description=_("role"), ordering="name")
    def role(self, group: Group) -> str:
        """The role's name for people."""
        return role_name(group)


_EXCLUDED = _("“%(one)s” and “%(other)s” exclude each other; one person holds only one of the two.")


class RolesForm(UserChangeForm):
    """The form of an account; it refuses roles that exclude each other before the database does."""

    def clean_groups(self) -> Any:
        """
        The roles of the person.

        Raises:
            ValidationError: two of them exclude each other.
        """
        groups = self.cleaned_data["groups"]
        if pair := find_exclusion(group.name for group in groups):
            one, other = map(role_name, pair)
            raise forms.ValidationError(_EXCLUDED % {"one": one, "other": other})
        return groups


class RolesExclude(Refusal):
    """Somebody else has given the person a role meanwhile that excludes the new one."""


@admin.register(User)
class UserAdmin(PasswordsByMail, DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg]
    """The accounts and their rights."""

    form = RolesForm
    list_display = ("username", "first_name", "last_name", "department_shown", "district", "is_staff", "is_active")
    list_filter = ("is_staff", "is_active", ("groups", RoleFilter), "department", "district")
    fieldsets = (
        (None, {"fields": ("username",)}),
        (_("Person"), {"fields": (("first_name", "last_name"), "email")}),
        (_("Rights"), {"fields": ("is_active", "is_staff", "department", "district", "groups")}),
        (_("Times"), {"fields": (("last_login", "date_joined"),)}),
    )
    readonly_fields = ("last_login", "date_joined")

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Save the account; an administrator of a district has accounts of the district alone."""
        own = scope_of(request.user)
        obj.district, obj.department = own.district or obj.district, own.department or obj.department
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        """
        Save the roles.

        Raises:
            RolesExclude: the person holds a role by now that excludes one of them.
        """
        sentence = _("The person holds another role by now that excludes this one; look at the account again.")
        with translate_refusals({"roles_of_a_person_do_not_exclude_each_other": RolesExclude(sentence)}):
            super().save_related(request, form, formsets, change)

    @admin.display(description=_("department"), ordering="department")
    def department_shown(self, user: User) -> str:
        """The department by its name."""
        return str(DEPARTMENTS.get(user.department, ""))

    def formfield_for_manytomany(
        self, db_field: models.ManyToManyField[Any, Any], request: HttpRequest, **options: Any
    ) -> Any:
        """Offer the roles by their names for people."""
        field = super().formfield_for_manytomany(db_field, request, **options)
        if db_field.name == "groups" and field is not None:
            field.label_from_instance = role_name  # type: ignore[method-assign, assignment]
        return field

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **options: Any
    ) -> forms.Field | None:
        """Offer the departments and the districts as lists."""
        if db_field.name == "department":
            choices = [("", "–"), *((code, str(name)) for code, name in OFFICES.items())]
            return forms.ChoiceField(
                label=db_field.verbose_name, choices=choices, required=False, widget=UnfoldAdminSelectWidget
            )
        if db_field.name == "district":
            return forms.ChoiceField(
                label=db_field.verbose_name, choices=district_choices(), required=False, widget=UnfoldAdminSelectWidget
            )
        field: forms.Field | None = super().formfield_for_dbfield(db_field, request, **options)
        return field


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
