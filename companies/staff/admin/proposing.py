"""The pages on which a security administrator proposes what changes about an account, and has a link sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from allauth.mfa.models import Authenticator
from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from companies.models import User
from companies.people.permissions import signed_in
from companies.staff.accounts import propose_new_account, propose_person, propose_standing
from companies.staff.admin.forms import NewAccountForm, PersonForm, RolesForm
from companies.staff.factors import propose_removing_factors
from companies.staff.links import send_link
from companies.staff.roles import propose_roles
from qinqing.kernel.admin.admin_steps import is_pressed
from qinqing.kernel.admin.confirmed_steps import NoForm, Step, StepPages
from qinqing.kernel.admin.read_only import ReadingAdmin
from qinqing.kernel.web.step_up import require_fresh_second_factor_in_admin
from qinqing.proposals.proposing_admin import WhyFields

_PROPOSED = gettext_lazy("Proposed; another security administrator has to confirm it.")
_WAITS = gettext_lazy("Nothing changes before another security administrator has confirmed it.")


class ProposingPages(StepPages, ReadingAdmin):
    """Proposes changes of accounts; a colleague decides them where all proposals are decided."""

    actions_detail = ("propose_roles", "propose_person", "propose_standing", "propose_removing_factors", "send_link")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Security administrators propose accounts of new officials."""
        return request.user.has_perm("companies.add_user")

    def has_propose_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Security administrators propose what is about others."""
        is_own = object_id is not None and str(object_id) == str(request.user.pk) and not is_pressed(request)
        return request.user.has_perm("companies.change_user") and not is_own

    def has_propose_for_official_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """The same, where only officials have what is to change."""
        found = object_id is None or is_pressed(request) or User.objects.filter(pk=object_id, is_staff=True).exists()
        return found and self.has_propose_permission(request, object_id)

    def has_remove_factors_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """The same, where there is a second factor to remove."""
        factors = Authenticator.objects.filter(user_id=object_id or 0)
        found = object_id is None or is_pressed(request) or factors.exists()
        return found and self.has_propose_for_official_permission(request, object_id)

    def has_send_link_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Security administrators have a link sent, which tells nobody but the person anything."""
        return request.user.has_perm("companies.change_user")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """Propose the account of a new official."""
        if self.has_add_permission(request):
            return self._propose_account(request)
        # Django's own page of a new row refuses.
        refused: HttpResponse = super().add_view(request, form_url, extra_context)
        return refused

    @require_fresh_second_factor_in_admin
    def _propose_account(self, request: HttpRequest) -> HttpResponse:
        told = [_("The person gets a link by mail and chooses a password; nobody else learns it."), str(_WAITS)]
        back = reverse("admin:companies_user_changelist")

        def run(given: dict[str, Any]) -> str:
            propose_new_account(**given, actor=signed_in(request), now=timezone.now())
            return str(_PROPOSED)

        is_confirmed = request.method == "POST"
        step = Step(_("Propose a new account"), told, run, back, is_confirmed, NewAccountForm)
        return self.confirmed(request, step)

    @action(description=gettext_lazy("Propose roles"), url_path="propose-roles", permissions=["propose_for_official"])
    @require_fresh_second_factor_in_admin
    def propose_roles(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Propose the roles and the scope of an official."""
        person = self._get_person(request, object_id)
        held = {
            "roles": list(person.groups.values_list("name", flat=True)),
            "district": person.district,
            "department": person.department,
        }
        told = [_("The person holds the chosen roles and no others."), str(_WAITS)]
        return self._propose(request, person, _("Propose roles"), told, propose_roles, RolesForm, held)

    @action(
        description=gettext_lazy("Propose another name or address"), url_path="propose-person", permissions=["propose"]
    )
    @require_fresh_second_factor_in_admin
    def propose_person(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Propose another name or address of mail."""
        person = self._get_person(request, object_id)
        names = {name: getattr(person, name) for name in ("last_name", "first_name", "email")}
        told = [_("The old address and the new one are told. Links for passwords go to the new one."), str(_WAITS)]
        verb = _("Propose another name or address")
        return self._propose(request, person, verb, told, propose_person, PersonForm, names)

    @action(
        description=gettext_lazy("Propose to close or open it"), url_path="propose-standing", permissions=["propose"]
    )
    @require_fresh_second_factor_in_admin
    def propose_standing(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Propose to close an account, or to open a closed one again."""
        person = self._get_person(request, object_id)
        closes = person.is_active
        verb = _("Propose to close the account") if closes else _("Propose to open the account again")
        does = (
            _("A closed account is signed out everywhere, and nobody signs in to it.")
            if closes
            else _("The person signs in as before, with the same roles.")
        )

        def run(**given: Any) -> None:
            propose_standing(is_active=not closes, **given)

        return self._propose(request, person, verb, [does, str(_WAITS)], run)

    @action(
        description=gettext_lazy("Propose to remove the second factor"),
        url_path="propose-removing-factors",
        permissions=["remove_factors"],
    )
    @require_fresh_second_factor_in_admin
    def propose_removing_factors(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Propose to take a lost second factor away."""
        person = self._get_person(request, object_id)
        told = [
            _("See the person, or talk over a number that you know: whoever has the password then signs in alone."),
            str(_WAITS),
        ]
        return self._propose(request, person, _("Propose to remove the second factor"), told, propose_removing_factors)

    @action(description=gettext_lazy("Send a link for a new password"), url_path="send-link", permissions=["send_link"])
    def send_link(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Send the account's own address a link; nobody but the person learns the password."""
        person, verb = self._get_person(request, object_id), _("Send a link for a new password")
        told = [
            _("It goes to %(address)s.") % {"address": person.email or "–"},
            _("The password stays until the person uses the link; that ends all sessions of the account."),
        ]
        back = reverse("admin:companies_user_change", args=[person.pk])

        def run(_given: dict[str, Any]) -> str:
            send_link(person=person, request=request)
            self.log_change(request, person, verb)
            return _("The link was sent.")

        return self.confirmed(request, Step(verb, told, run, back, request.method == "POST", NoForm))

    def _get_person(self, request: HttpRequest, number: int) -> User:
        person: User = get_object_or_404(self.get_queryset(request), pk=number)
        return person

    def _propose(
        self,
        request: HttpRequest,
        person: User,
        verb: str,
        told: Sequence[str],
        operation: Callable[..., object],
        form: type[forms.Form] = WhyFields,
        initial: dict[str, Any] | None = None,
    ) -> HttpResponse:
        def run(given: dict[str, Any]) -> str:
            operation(person=person, **given, actor=signed_in(request), now=timezone.now())
            self.log_change(request, person, verb)
            return str(_PROPOSED)

        back = reverse("admin:companies_user_change", args=[person.pk])
        return self.confirmed(request, Step(verb, told, run, back, request.method == "POST", form, initial=initial))
