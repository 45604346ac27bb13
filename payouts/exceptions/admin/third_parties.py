"""The admin of third-party payees: one clerk enters an account, another checks it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display

from companies.firms.third_parties import check_account, enter_account, turn_down_account
from companies.models import PayeeAccount, ThirdParty
from companies.people.permissions import signed_in
from payouts.desk import ReadOnlyAdmin, ThirdPartyForm, table
from qinqing.kernel.admin.admin_steps import is_pressed
from qinqing.kernel.admin.confirmed_steps import Step
from qinqing.kernel.admin.worklist_filter import WaitsForYou
from qinqing.kernel.labels import Colours, Labelled
from qinqing.kernel.text import number

_LABELS = Colours({"in_use": "success", "unchecked": "warning", "none": "danger"})


@admin.register(ThirdParty)
class ThirdPartyAdmin(ReadOnlyAdmin):
    """Utilities and banks that may receive money meant for firms."""

    list_display = ("name", "code", "kind", "standing", "entered_by")
    list_filter = (WaitsForYou, "kind")
    list_select_related = ("entered_by",)
    search_fields = ("=code", "name__contains")
    search_help_text = gettext_lazy("Credit code or name")
    fieldsets = (
        (None, {"fields": (("name", "code"), ("kind", "standing"), ("entered_by", "entered_at"))}),
        (gettext_lazy("Accounts"), {"fields": ("accounts_shown",)}),
    )
    readonly_fields = ("standing", "accounts_shown")
    actions_list = ("enter",)
    actions_detail = ("confirm", "turn_down")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ThirdParty]:
        """The payees with the numbers of their accounts in use, and of those that wait for a check."""
        payees: QuerySet[ThirdParty] = super().get_queryset(request)
        return payees.annotate(
            in_use=Count("accounts", filter=Q(accounts__is_active=True)),
            unchecked=Count("accounts", filter=Q(accounts__checked_by=None)),
        )

    @display(description=gettext_lazy("account"), label=_LABELS)
    def standing(self, payee: Any) -> Labelled:
        """Whether the payee has an account in use."""
        if payee.unchecked:
            return Labelled("unchecked", _("to be checked"))
        return Labelled("in_use", _("in use")) if payee.in_use else Labelled("none", _("none"))

    @admin.display(description=gettext_lazy("accounts"))
    def accounts_shown(self, payee: ThirdParty) -> SafeString:
        """The payee's accounts, newest first, with the persons who entered and checked them."""
        accounts = payee.accounts.select_related("entered_by", "checked_by").order_by("-pk")
        heads = (_("account"), _("bank"), _("bank number"), _("state"), _("entered"), _("checked"))
        rows = [
            (
                account.number_masked,
                account.bank_name,
                account.bank_number,
                _state(account),
                _by(account.entered_by, account.entered_at),
                _by(account.checked_by, account.checked_at),
            )
            for account in accounts
        ]
        return table(heads, rows)

    def has_enter_permission(self, request: HttpRequest, _object_id: int | str | None = None) -> bool:
        """Users who may add payees may enter their accounts."""
        return self.may(request, "add")

    def has_check_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Users who may change payees may check an account, if one waits for a check."""
        is_waiting = object_id is None or is_pressed(request) or _waiting(object_id) is not None
        return self.may(request, "change") and is_waiting

    @action(description=gettext_lazy("Enter an account"), url_path="enter", permissions=["enter"])
    def enter(self, request: HttpRequest) -> HttpResponse:
        """Enter a third party and its account."""

        def run(given: dict[str, Any]) -> str:
            entered = enter_account(**given, actor=signed_in(request), now=timezone.now())
            return _("The account of %(name)s was entered; somebody else has to check it.") % {
                "name": entered.holder_name
            }

        step = Step(
            verb=_("Enter an account"),
            consequences=[
                _("Policies pay it for firms whose records name its credit code."),
                _("Nothing goes there before somebody else has checked the account."),
                _("A third party that is known already gets another account; the present one stays until the check."),
            ],
            run=run,
            back=reverse("admin:companies_thirdparty_changelist"),
            is_confirmed=request.method == "POST",
            form=ThirdPartyForm,
        )
        return self.confirmed(request, step)

    @action(description=gettext_lazy("Check the account"), url_path="check", permissions=["check"])
    def confirm(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Confirm the entered account, which puts it in use."""
        if (account := _to_check(request, object_id)) is None:
            return _gone(request, object_id)

        def run(_given: dict[str, Any]) -> str:
            check_account(account_id=account.pk, actor=signed_in(request), now=timezone.now())
            return _("%(name)s is paid at this account from now on.") % {"name": account.holder_name}

        return self.confirmed(request, _step(request, account, _("Check the account"), run, [
            _("Compare it with the paper, digit by digit; your name stays with it."),
            _("Payments that came back, and all that wait for this payee, go there by themselves."),
        ]))  # fmt: skip

    @action(description=gettext_lazy("Turn the account down"), url_path="turn-down", permissions=["check"])
    def turn_down(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Turn the entered account down, which deletes it."""
        if (account := _to_check(request, object_id)) is None:
            return _gone(request, object_id)

        def run(_given: dict[str, Any]) -> str:
            turn_down_account(account_id=account.pk, actor=signed_in(request))
            return _("The account was turned down; enter the right one.")

        consequences = [_("Nothing was paid there. The account in use until now stays in use.")]
        return self.confirmed(request, _step(request, account, _("Turn the account down"), run, consequences))


def _step(request: HttpRequest, account: PayeeAccount, verb: str, run: Any, consequences: list[str]) -> Step:
    what = f"{account.holder_name}: {account.bank_name} {account.bank_number}, {account.number_masked}"
    return Step(
        verb=verb,
        consequences=[what, *consequences],
        run=run,
        back=reverse("admin:companies_thirdparty_change", args=[account.third_party_id]),
        is_confirmed=request.method == "POST",
        hidden=[("account", str(account.pk))],
    )


def _waiting(object_id: int | str) -> PayeeAccount | None:
    """The oldest account of a third party that nobody has checked."""
    return (
        PayeeAccount.objects.filter(third_party_id=number(str(object_id)) or 0, checked_by=None).order_by("pk").first()
    )


def _to_check(request: HttpRequest, object_id: int) -> PayeeAccount | None:
    # The button concerns the account that the page showed, even if several wait.
    shown = number(request.POST.get("account", ""))
    if not is_pressed(request) or shown is None:
        return _waiting(object_id)
    return PayeeAccount.objects.filter(pk=shown, third_party_id=object_id).first()


def _gone(request: HttpRequest, object_id: int) -> HttpResponse:
    messages.error(request, _("This account was checked or turned down meanwhile."))
    return redirect("admin:companies_thirdparty_change", object_id)


def _state(account: PayeeAccount) -> str:
    if account.checked_by_id is None:
        return _("to be checked")
    return _("in use") if account.is_active else _("replaced")


def _by(person: Any, at: Any) -> str:
    if not person:
        return "—"
    return f"{person.get_full_name() or person.username}, {date_format(timezone.localtime(at))}"
