"""The keys of departments' machines: read here, and registered or revoked by proposal."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from companies.contracts.departments import department_name, offices
from companies.deliveries.signatures.keys import propose_key, propose_revoking
from companies.models import DeliveryKey
from companies.people.permissions import signed_in
from companies.people.scope import narrow, scope_of
from qinqing.kernel.admin.admin_steps import is_pressed
from qinqing.kernel.admin.confirmed_steps import Step, StepPages
from qinqing.kernel.admin.read_only import ReadingAdmin
from qinqing.kernel.labels import Colours
from qinqing.kernel.web.step_up import require_fresh_second_factor_in_admin
from qinqing.proposals.proposing_admin import WhyFields

MAY_PROPOSE = "companies.add_deliverykey"
_WAITS = gettext_lazy("Nothing changes before a security administrator, another person, has confirmed it.")
_PROPOSED = gettext_lazy("Proposed; a security administrator, another person, has to confirm it.")


class KeyForm(WhyFields):
    """The public key of a machine, and whose it is."""

    department = forms.ChoiceField(label=gettext_lazy("department"), widget=UnfoldAdminSelectWidget)
    machine = forms.CharField(
        label=gettext_lazy("machine"),
        max_length=80,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("As the department calls it, such as “export server 2”."),
    )
    public_key = forms.CharField(
        label=gettext_lazy("public key"),
        max_length=4_000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "Ed25519 in PEM, which begins with “-----BEGIN PUBLIC KEY-----”. The private key stays on its machine."
        ),
    )

    field_order: tuple[str, ...] = ("department", "machine", "public_key", "because")


def _make_form(request: HttpRequest) -> type[KeyForm]:
    """The form with the departments of which the person may propose a key."""
    own = scope_of(request.user).department
    choices = [(code, str(name)) for code, name in offices().items() if own in {"", code}]
    department = forms.ChoiceField(label=gettext_lazy("department"), choices=choices, widget=UnfoldAdminSelectWidget)
    return type("KeyForm", (KeyForm,), {"department": department})


@admin.register(DeliveryKey)
class DeliveryKeyAdmin(StepPages, ReadingAdmin):
    """The keys, those of one department together."""

    list_display = ("machine", "department_shown", "fingerprint_shown", "state", "valid_from", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter), "department")
    search_fields = ("machine", "fingerprint__startswith")
    ordering = ("department", "-pk")
    fieldsets = (
        (None, {"fields": (("machine", "department_shown"), ("state", "algorithm"), "fingerprint")}),
        (
            gettext_lazy("Its way"),
            {"fields": (("valid_from", "registered_by"), ("revoked_at", "revoked_by"))},
        ),
    )
    readonly_fields = ("department_shown", "state", "fingerprint")
    actions_detail = ("propose_revoking",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[DeliveryKey]:
        """The keys within the person's scope."""
        return narrow(super().get_queryset(request), user=request.user)

    @admin.display(description=gettext_lazy("department"), ordering="department")
    def department_shown(self, key: DeliveryKey) -> str:
        """The department by its name."""
        return str(department_name(key.department))

    @admin.display(description=gettext_lazy("fingerprint"))
    def fingerprint_shown(self, key: DeliveryKey) -> str:
        """The first digits of the fingerprint."""
        return key.shown

    @display(description=gettext_lazy("state"), label=Colours({"in force": "success", "revoked": "danger"}))
    def state(self, key: DeliveryKey) -> tuple[str, str]:
        """Whether deliveries may be signed with it."""
        return ("revoked", pgettext("key", "revoked")) if key.revoked_at else ("in force", _("in force"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """People of departments and security administrators propose keys."""
        return request.user.has_perm(MAY_PROPOSE)

    def has_revoke_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """The same people propose to revoke a key that is in force."""
        wanted = {} if is_pressed(request) else {"revoked_at": None}
        found = object_id is None or DeliveryKey.objects.filter(pk=object_id, **wanted).exists()
        return found and request.user.has_perm(MAY_PROPOSE)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """Propose the key of a machine."""
        if self.has_add_permission(request):
            return self._propose_key(request)
        # Django's own page of a new row refuses.
        refused: HttpResponse = super().add_view(request, form_url, extra_context)
        return refused

    @require_fresh_second_factor_in_admin
    def _propose_key(self, request: HttpRequest) -> HttpResponse:
        def run(given: dict[str, Any]) -> str:
            propose_key(**given, actor=signed_in(request), now=timezone.now())
            return str(_PROPOSED)

        step = Step(
            verb=_("Propose a key"),
            consequences=[_("What the machine signs lands as signed by the department."), str(_WAITS)],
            run=run,
            back=reverse("admin:companies_deliverykey_changelist"),
            is_confirmed=request.method == "POST",
            form=_make_form(request),
        )
        return self.confirmed(request, step)

    @action(description=gettext_lazy("Propose to revoke it"), url_path="propose-revoking", permissions=["revoke"])
    @require_fresh_second_factor_in_admin
    def propose_revoking(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Propose to revoke a key."""
        key = get_object_or_404(self.get_queryset(request), pk=object_id)

        def run(given: dict[str, Any]) -> str:
            propose_revoking(key=key, **given, actor=signed_in(request), now=timezone.now())
            return str(_PROPOSED)

        step = Step(
            verb=_("Propose to revoke it"),
            consequences=[_("Nothing lands any more that is signed with it; what has landed stays."), str(_WAITS)],
            run=run,
            back=reverse("admin:companies_deliverykey_change", args=[key.pk]),
            is_confirmed=request.method == "POST",
            form=WhyFields,
            subject=str(key),
        )
        return self.confirmed(request, step)
