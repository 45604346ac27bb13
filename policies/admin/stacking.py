"""Which policies exclude each other, in the admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from policies.models import StackingGroup, StackingMember, StackingSeat
from policies.operations import decide_anew
from policies.queries.groups import contradictions

# What a claim was made by; the database keeps it once there is one.
HELD = ("rule", "holder", "span", "pays_difference")


class GroupForm(forms.ModelForm):  # type: ignore[type-arg]
    """The rule of a group; one that was claimed under keeps it."""

    class Meta:
        model = StackingGroup
        fields = ("code", "title_zh", "title_en", "rule", "holder", "span", "pays_difference", "cap_cny")

    def clean(self) -> dict[str, Any]:
        """Refuse another rule for what somebody has claimed under the present one."""
        given: dict[str, Any] = super().clean() or {}
        is_held = StackingSeat.objects.filter(group=self.instance.pk).exclude(policies=[]).exists()
        for name in set(self.changed_data) & set(HELD) if is_held else ():
            self.add_error(name, _("Something was claimed under this group, so this stays; make a new group instead."))
        return given


class MemberFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """The policies of a group, which have to agree with it and with the other groups."""

    def clean(self) -> None:
        """Look at the whole group at once."""
        super().clean()
        if any(self.errors):
            return
        policies = [
            form.cleaned_data["policy"]
            for form in self.forms
            if form.cleaned_data.get("policy") and not form.cleaned_data.get("DELETE")
        ]
        if found := contradictions(group=self.instance, policies=policies):
            raise ValidationError(found)


class MemberInline(TabularInline):
    """The policies of a group."""

    model = StackingMember
    formset = MemberFormSet
    autocomplete_fields = ("policy",)
    extra = 2
    # Who looks for something to hold on to sorts by it; the order has no meaning.
    ordering = ("policy__code",)


@admin.register(StackingGroup)
class StackingGroupAdmin(ModelAdmin):
    """Policies of which a holder gets only the higher one, the first one, or a sum together."""

    form = GroupForm
    inlines = (MemberInline,)
    list_display = ("code", "title_zh", "title_en", "rule", "holder", "span", "policies", "cap_cny")
    list_filter = ("rule", "holder")
    search_fields = ("code", "title_zh", "title_en", "members__policy__code")
    ordering = ("code",)

    def save_related(
        self,
        request: HttpRequest,
        form: forms.ModelForm[StackingGroup],
        formsets: Any,
        change: bool,  # noqa: FBT001 - Django's signature
    ) -> None:
        """Have the policies decided anew that were or are in the group: what it shut out may be free now."""
        group = form.instance
        before = _member_ids(group)
        super().save_related(request, form, formsets, change)
        is_other = "cap_cny" in form.changed_data or any(formset.has_changed() for formset in formsets)
        if is_other and StackingSeat.objects.filter(group=group).exists():
            decide_anew(policy_ids=before | _member_ids(group), now=timezone.now())
            self.message_user(request, gettext("The policies of the group are decided anew now."))

    @admin.display(description=_("policies"), ordering="member_count")
    def policies(self, group: StackingGroup) -> int:
        """How many policies are in the group."""
        count: int = group.member_count  # type: ignore[attr-defined]
        return count

    def get_queryset(self, request: HttpRequest) -> QuerySet[StackingGroup]:
        """All groups with the number of their policies."""
        groups: QuerySet[StackingGroup] = super().get_queryset(request)
        return groups.annotate(member_count=Count("members"))

    def has_delete_permission(self, request: HttpRequest, obj: StackingGroup | None = None) -> bool:
        """A group that nobody claimed under may go, one by one."""
        may: bool = super().has_delete_permission(request, obj)
        return may and obj is not None and not StackingSeat.objects.filter(group=obj).exists()


def _member_ids(group: StackingGroup) -> frozenset[int]:
    return frozenset(StackingMember.objects.filter(group=group).values_list("policy", flat=True))
