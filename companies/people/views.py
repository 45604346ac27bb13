"""Signing in, passwords, and a firm's account."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from allauth.account.views import LoginView, PasswordChangeView
from allauth.usersessions.internal.flows.sessions import end_sessions
from allauth.usersessions.models import UserSession
from allauth.usersessions.views import ListUserSessionsView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from companies.firms import queries
from companies.firms.payee_accounts import confirm_account, replace_account, stop_account
from companies.models import Company, PayeeAccount, User
from companies.models.account import Confirmation, Doubt
from companies.people.adapter import address_after_sign_in
from companies.people.forms import AccountForm
from companies.people.permissions import Act, check_may, owner_required, signed_in, why_not
from companies.people.session_words import describe_session
from qinqing.kernel.refusals import Refusal
from qinqing.kernel.text import number
from qinqing.kernel.web.login_throttle import count_wrong_password, is_locked_out
from qinqing.kernel.web.pages import is_fragment
from qinqing.kernel.web.step_up import (
    ask_for_second_factor,
    has_fresh_proof_beside_password,
    has_fresh_second_factor,
    read_kept,
)


class SignIn(LoginView):  # type: ignore[misc]
    """The sign-in page of owners and officials."""

    def post(self, request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        """Check no password while too many wrong ones came from the same address."""
        answer: HttpResponse = _render_too_many_guesses(request) or super().post(request, *args, **named)
        return answer

    def get(self, request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        """Show the form. If htmx asked for a part of a firm's page, have it reload the whole page instead."""
        # Not in the admin: a reload would lose what an official is writing.
        if is_fragment(request) and not request.GET.get("next", "").startswith(reverse("admin:index")):
            return HttpResponse(headers={"HX-Refresh": "true"})
        page: HttpResponse = super().get(request, *args, **named)
        return page

    def get_next_url(self) -> str:
        """The address to go to after signing in, if the user may open it; else the user's own desk."""
        return address_after_sign_in(asked=super().get_next_url() or "", user=self.request.user)


class NewPassword(PasswordChangeView):  # type: ignore[misc]
    """The page for a new password; it ends all other sessions of the account."""

    template_name = "companies/password.html"

    def post(self, request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        """Check no password while too many wrong ones came from the same address."""
        answer: HttpResponse = _render_too_many_guesses(request) or super().post(request, *args, **named)
        return answer

    def get_default_success_url(self) -> str:
        """The user's own desk."""
        return reverse("desk")

    def form_invalid(self, form: Any) -> HttpResponse:
        """Count a wrong old password, because somebody at an unattended screen might guess it."""
        if "oldpassword" in form.errors:
            count_wrong_password(request=self.request)
        context = self.get_context_data(form=form)
        answer: HttpResponse = self.render_to_response(context, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        return answer


class SessionList(ListUserSessionsView):  # type: ignore[misc]
    """Where the person is signed in; any of these sessions, or all others, can be ended."""

    def post(self, request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        """End one session, or all but this one."""
        chosen = number(request.POST.get("session", ""))
        if chosen is None:
            answer: HttpResponse = super().post(request, *args, **named)
            return answer
        sessions = UserSession.objects.filter(user_id=request.user.pk, pk=chosen)
        end_sessions(request, list(sessions))
        messages.info(request, _("The session is ended."))
        return redirect("usersessions_list")

    def get_context_data(self, **named: Any) -> dict[str, Any]:
        """Each session with its browser and when it was last seen."""
        context: dict[str, Any] = super().get_context_data(**named)
        return context | {"shown": [describe_session(session) for session in context["sessions"]]}


def _render_too_many_guesses(request: HttpRequest) -> HttpResponse | None:
    if not is_locked_out(request):
        return None
    context = {"is_by_address": True}
    return render(request, "companies/locked_out.html", context, status=HTTPStatus.TOO_MANY_REQUESTS)


@require_safe
@login_required
def desk(request: HttpRequest) -> HttpResponse:
    """Lead users to their own work: officials to the admin, an owner to the firm or to the choice of firms."""
    user = signed_in(request)
    if user.is_staff:
        return redirect("admin:index")
    if "first-sign-in" in request.session:
        return redirect("first-sign-in")
    codes = [company.credit_code for company in queries.companies_of(user=user)]
    return redirect("firm", codes[0]) if len(codes) == 1 else redirect("firms")


@require_safe
@never_cache
@login_required
def go_on(request: HttpRequest) -> HttpResponse:
    """Show what was being sent when we asked who it is; the person sends it again, or leaves it."""
    kept = read_kept(request)
    if kept is None:
        messages.info(request, _("Nothing waits to be sent any more. Begin the step anew."))
        return redirect("desk")
    path, fields = kept
    sent = [(name, value) for name, values in fields.lists() for value in values]
    return render(request, "account/go_on.html", {"path": path, "sent": sent})


@require_http_methods(["GET", "HEAD", "POST"])
@owner_required
def account(request: HttpRequest, company: Company) -> HttpResponse:
    """Show and replace the account to which the firm's money goes."""
    form, user = AccountForm(request.POST or None, company=company), signed_in(request)
    sentence = why_not(Act.CHANGE_ACCOUNT, user=user, company=company)
    # Who may not do it at all is told so, and need not prove anything first.
    if request.method == "POST" and not sentence and not has_fresh_second_factor(request):
        return ask_for_second_factor(request)
    if request.method == "POST" and form.is_valid() and (told := _replace_account(form, company, user)):
        messages.add_message(request, *told)
        return redirect("firm", company.credit_code)
    context = {
        "company": company,
        "form": form,
        "account": queries.active_account(company=company),
        "changed_accounts": queries.changed_accounts(company=company, now=timezone.now()),
        "why_not": sentence,
        "confirms": not sentence,
    }
    return render(request, "companies/account.html", context, status=422 if form.errors else 200)


def _replace_account(form: AccountForm, company: Company, user: User) -> tuple[int, str] | None:
    """Replace the account, and return the message about it; None if it was refused."""
    now = timezone.now()
    try:
        check_may(Act.CHANGE_ACCOUNT, user=user, company=company)
        account = replace_account(company=company, **form.account(), actor=user, now=now)
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return None
    if account.entered_at == now:
        return _describe_entry(account)
    # An owner who enters the refused account again would wait in vain.
    return messages.WARNING, _("This account is in use already; nothing was changed. What was refused needs another.")


def _describe_entry(account: PayeeAccount) -> tuple[int, str]:
    if account.is_active:
        return messages.SUCCESS, _("Your money goes to the new account from now on.")
    if account.doubt == Doubt.HOLDER:
        return messages.WARNING, _(
            "The account holder is not called as your firm is registered. An official looks at the account; no money"
            " goes there before that."
        )
    return messages.WARNING, _("The new account waits until it is confirmed; until then nothing changes.")


@require_POST
@owner_required
def confirm(request: HttpRequest, company: Company, account_id: int) -> HttpResponse:
    """Confirm an account of the firm that waits, for whoever has just shown more than a password."""
    user = signed_in(request)
    sentence = why_not(Act.CHANGE_ACCOUNT, user=user, company=company)
    if not sentence and not has_fresh_second_factor(request):
        return ask_for_second_factor(request)
    if not sentence and not has_fresh_proof_beside_password(request):
        sentence = _(
            "A password alone confirms no account. Set up a second factor, or wait for officials to confirm it."
        )
    if sentence:
        messages.error(request, sentence)
        return redirect("account", company.credit_code)
    asked = {"account_id": account_id, "confirmation": Confirmation.SECOND_FACTOR}
    try:
        confirm_account(company=company, **asked, actor=user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Confirmed: your money goes to the new account when its cool-off is over."))
    return redirect("account", company.credit_code)


@require_POST
@owner_required
def stop(request: HttpRequest, company: Company, account_id: int) -> HttpResponse:
    """Stop an account of the firm before money goes there."""
    user = signed_in(request)
    try:
        stop_account(account_id=account_id, company=company, actor=user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request, _("Stopped: no money goes to that account. Change your password if it was not you who entered it.")
        )
    return redirect("account", company.credit_code)
