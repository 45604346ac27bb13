"""The admin of stacking groups, that is, of which policies exclude each other."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextareaWidget

from companies.people.permissions import signed_in
from policies.groups.consistency import contradictions, is_bound
from policies.groups.regroup import KIND, group_terms, propose_group
from policies.models import Policy, StackingGroup, StackingMember, StackingSeat
from qinqing.kernel.admin.admin_steps import is_pressed
from qinqing.kernel.admin.confirmed_steps import Outcome, Step, StepPages, make_reason_form
from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.refusals import Refusal
from qinqing.proposals.admin import address_of, compare
from qinqing.proposals.decide import OutOfDate
from qinqing.proposals.models import Proposal

# The terms by which claims were decided; once there is a claim, the database keeps them.
TERMS_KEPT = ("rule", "holder", "span", "pays_difference")
# The constraints by which the database refuses a change by one officer alone.
TWO_OFFICERS = ("stacking_group_takes_two_officers", "stacking_member_takes_two_officers")


class GroupForm(forms.ModelForm):  # type: ignore[type-arg]
    """The terms of a group; a group with claims keeps its terms."""

    because = forms.CharField(
        label=_("Why it changes"), required=False, max_length=300, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2})
    )

    class Meta:
        model = StackingGroup
        fields = ("code", "title_zh", "title_en", "rule", "holder", "span", "pays_difference", "cap_cny")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["because"].help_text = (
            _("A policy of this group was in force: a colleague has to confirm what you change, and reads this.")
            if self.instance.pk and is_bound(group=self.instance)
            else _("Only where a policy of the group was ever in force: then a colleague has to confirm it.")
        )

    def clean(self) -> dict[str, Any]:
        """Refuse to change a term by which somebody has claimed already."""
        given: dict[str, Any] = super().clean() or {}
        is_held = StackingSeat.objects.filter(group=self.instance.pk).exclude(policies=[]).exists()
        for name in set(self.changed_data) & set(TERMS_KEPT) if is_held else ():
            self.add_error(name, _("Something was claimed under this group, so this stays; make a new group instead."))
        return given


class MemberFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """
    The policies of a group, checked against its terms and against the other groups.

    `proposed` are the terms that a colleague has to confirm; None if nobody has to.
    """

    proposed: dict[str, Any] | None = None

    def clean(self) -> None:
        """Check the whole group at once."""
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
        if is_bound(group=self.instance, policies=policies):
            self._propose(policies)

    def _propose(self, policies: list[Policy]) -> None:
        after = group_terms(group=self.instance, policies=policies)
        if after == _stored_terms(self.instance):
            return
        if _find_open_proposal(self.instance):
            raise ValidationError(
                gettext("A change of this group waits for a colleague already; have it decided first.")
            )
        if not self.data.get("because", "").strip():
            raise ValidationError(gettext("Say why the group changes; a colleague decides by it."))
        self.proposed = after


def _stored_terms(group: StackingGroup) -> dict[str, Any] | None:
    """The terms of the group as they are stored; None for a new group."""
    kept = StackingGroup.objects.filter(pk=group.pk).first()
    return group_terms(group=kept, policies=Policy.objects.filter(stacking__group=kept)) if kept else None


class MemberInline(TabularInline):
    """The policies of a group."""

    model = StackingMember
    formset = MemberFormSet
    autocomplete_fields = ("policy",)
    extra = 2
    # The order has no meaning; it is only the same every time.
    ordering = ("policy__code",)


@admin.register(StackingGroup)
class StackingGroupAdmin(StepPages):
    """The groups: a holder gets from their policies only the higher award, only the first, or a capped sum."""

    form = GroupForm
    inlines = (MemberInline,)
    list_display = ("code", "title_zh", "title_en", "rule", "holder", "span", "policies", "cap_cny")
    list_filter = ("rule", "holder")
    search_fields = ("code", "title_zh", "title_en", "members__policy__code")
    ordering = ("code",)
    actions_detail = ("dissolve",)

    def get_fields(self, request: HttpRequest, obj: StackingGroup | None = None) -> list[str]:
        """The fields; an open proposal comes first, and a reader is not asked for a reason."""
        names = [str(name) for name in super().get_fields(request, obj) if name != "waiting"]
        if not may_change(request):
            names.remove("because")
        return ["waiting", *names] if _find_open_proposal(obj) else names

    def get_readonly_fields(self, request: HttpRequest, obj: StackingGroup | None = None) -> tuple[str, ...]:
        """An open proposal can only be read here; officers decide it on its own page."""
        return ("waiting",) if _find_open_proposal(obj) else ()

    @admin.display(description=_("Waits for a colleague"))
    def waiting(self, group: StackingGroup) -> SafeString:
        """The change that waits for a colleague."""
        proposal = _find_open_proposal(group)
        assert proposal is not None
        return compare(proposal, link=address_of(proposal))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show or save the form; say so if a policy of the group came into force while the officer edited it."""
        meanwhile = OutOfDate(
            gettext("A policy of this group has come into force meanwhile; a colleague has to confirm what you change.")
        )
        try:
            with translate_refusals(dict.fromkeys(TWO_OFFICERS, meanwhile)):
                return super().changeform_view(request, object_id, form_url, extra_context)
        except OutOfDate as refusal:
            messages.error(request, str(refusal))
            return redirect(request.get_full_path())

    def save_model(
        self,
        request: HttpRequest,
        obj: StackingGroup,
        form: forms.ModelForm[StackingGroup],
        change: bool,  # noqa: FBT001 - Django's signature
    ) -> None:
        """
        Save the group; if a policy of it was ever in force, save only its names, because its terms need a proposal.
        """
        if change and is_bound(group=obj):
            obj.save(update_fields=["code", "title_zh", "title_en"])
        else:
            super().save_model(request, obj, form, change)

    def save_related(
        self,
        request: HttpRequest,
        form: forms.ModelForm[StackingGroup],
        formsets: Any,
        change: bool,  # noqa: FBT001 - Django's signature
    ) -> None:
        """Save the policies, or propose the change of terms and policies."""
        (members,) = formsets
        if members.proposed is None:
            super().save_related(request, form, formsets, change)
            return
        given = {"because": form.cleaned_data["because"], "actor": signed_in(request), "now": timezone.now()}
        try:
            propose_group(group=form.instance, after=members.proposed, **given)
        except Refusal as refusal:
            messages.error(request, str(refusal))

    def construct_change_message(
        self,
        request: HttpRequest,
        form: Any,
        formsets: Any,
        add: bool = False,  # noqa: FBT001, FBT002 - Django's signature
    ) -> Any:
        """The log's message; a change that is only proposed is not logged as made."""
        if any(members.proposed for members in formsets):
            return gettext("Proposed a change: %(reason)s") % {"reason": form.cleaned_data["because"]}
        return super().construct_change_message(request, form, formsets, add)

    def response_add(self, request: HttpRequest, obj: StackingGroup, post_url_continue: str | None = None) -> Any:
        """Show the proposal, if the new group needs one."""
        return self._redirect_to_proposal(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: StackingGroup) -> Any:
        """Show the proposal, if there is one."""
        return self._redirect_to_proposal(request, obj) or super().response_change(request, obj)

    def _redirect_to_proposal(self, request: HttpRequest, group: StackingGroup) -> HttpResponse | None:
        proposal = _find_open_proposal(group)
        # Without a reason nothing was proposed: the officer changed only the names.
        if proposal is None or not request.POST.get("because", "").strip():
            return None
        messages.success(request, gettext("Only its names are saved: a colleague has to confirm this proposal."))
        return redirect(address_of(proposal))

    def has_dissolve_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """
        A group of which a policy was ever in force is deleted by a proposal; a group with claims is never deleted.
        """
        if not may_change(request):
            return False
        if object_id is None or is_pressed(request):
            return True
        group = StackingGroup.objects.filter(pk=object_id).first()
        return group is not None and is_bound(group=group) and not _is_claimed(group)

    @action(description=_("Propose to delete it"), url_path="dissolve", permissions=["dissolve"])
    def dissolve(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Propose to delete the group."""
        group = get_object_or_404(StackingGroup, pk=object_id)

        def run(given: dict[str, Any]) -> Outcome:
            propose_group(group=group, after=None, **given, actor=signed_in(request), now=timezone.now())
            return Outcome(group, gettext("Nothing has changed yet: a colleague has to confirm this proposal."))

        step = Step(
            verb=gettext("Propose to delete it"),
            consequences=[gettext("Once a colleague confirms it, its policies exclude each other no longer.")],
            run=run,
            back=_address(group),
            is_confirmed=request.method == "POST",
            form=make_reason_form(gettext("Why is it deleted?")),
            subject=str(group),
        )
        return self.confirmed(request, step)

    @admin.display(description=_("policies"), ordering="member_count")
    def policies(self, group: StackingGroup) -> int:
        """The number of policies in the group."""
        count: int = group.member_count  # type: ignore[attr-defined]
        return count

    def get_queryset(self, request: HttpRequest) -> QuerySet[StackingGroup]:
        """All groups with the number of their policies."""
        groups: QuerySet[StackingGroup] = super().get_queryset(request)
        return groups.annotate(member_count=Count("members"))

    def has_delete_permission(self, request: HttpRequest, obj: StackingGroup | None = None) -> bool:
        """A group of which no policy was ever in force can be deleted at once, but only one at a time."""
        may: bool = super().has_delete_permission(request, obj)
        return may and obj is not None and not _is_claimed(obj) and not is_bound(group=obj)


def may_change(request: HttpRequest) -> bool:
    """Whether the person may write stacking groups."""
    return request.user.has_perm("policies.change_stackinggroup")


def _is_claimed(group: StackingGroup) -> bool:
    return StackingSeat.objects.filter(group=group).exists()


def _find_open_proposal(group: StackingGroup | None) -> Proposal | None:
    number = group.pk or 0 if group else 0
    return Proposal.objects.filter(kind=KIND, subject_id=number, decision="").first()


def _address(group: StackingGroup) -> str:
    return reverse("admin:policies_stackinggroup_change", args=[group.pk])
