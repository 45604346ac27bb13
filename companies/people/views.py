"""Signing in, passwords, and a firm's account."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from companies.firms import queries
from companies.firms.payee_accounts import replace_account
from companies.models import Company, User
from companies.people.forms import AccountForm, NewPasswordForm
from companies.people.permissions import Act, check_may, owner_required, signed_in, why_not
from qinqing.kernel.refusals import Refusal
from qinqing.kernel.web.login_throttle import count_wrong_password, is_locked_out
from qinqing.kernel.web.pages import is_fragment


class SignIn(LoginView):
    """The sign-in page of owners and officials."""

    template_name = "companies/sign_in.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        """Check no password while too many wrong ones came from the same address."""
        return _render_too_many_guesses(request) or super().post(request, *args, **named)

    def get(self, request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        """Show the form. If htmx asked for a part of a firm's page, have it reload the whole page instead."""
        # Not in the admin: a reload would lose what an official is writing.
        if is_fragment(request) and not request.GET.get("next", "").startswith(reverse("admin:index")):
            return HttpResponse(headers={"HX-Refresh": "true"})
        return super().get(request, *args, **named)

    def get_redirect_url(self, _request: HttpRequest | None = None) -> str:
        """
        The address to go to after signing in; empty, which leads to the user's own desk, if the user may not open it or
        it is the sign-in itself.
        """
        address = str(super().get_redirect_url())
        path, user = urlsplit(address).path, self.request.user
        is_closed = user.is_authenticated and not user.is_staff and path.startswith(reverse("admin:index"))
        return "" if is_closed or path == self.request.path else address


class NewPassword(PasswordChangeView):
    """The page for a new password; it ends all other sessions of the account."""

    template_name = "companies/password.html"
    form_class = NewPasswordForm
    success_url = reverse_lazy("desk")

    def post(self, request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        """Check no password while too many wrong ones came from the same address."""
        return _render_too_many_guesses(request) or super().post(request, *args, **named)

    def form_valid(self, form: Any) -> HttpResponse:
        """Save the password, and say so."""
        answer = super().form_valid(form)
        messages.success(
            self.request, _("Your password is changed. Wherever else you were signed in, you are signed out.")
        )
        return answer

    def form_invalid(self, form: Any) -> HttpResponse:
        """Count a wrong old password, because somebody at an unattended screen might guess it."""
        if "old_password" in form.errors:
            count_wrong_password(request=self.request)
        context = self.get_context_data(form=form)
        return self.render_to_response(context, status=HTTPStatus.UNPROCESSABLE_ENTITY)


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
    codes = [company.credit_code for company in queries.companies_of(user=user)]
    return redirect("firm", codes[0]) if len(codes) == 1 else redirect("firms")


@require_http_methods(["GET", "HEAD", "POST"])
@owner_required
def account(request: HttpRequest, company: Company) -> HttpResponse:
    """Show and replace the account to which the firm's money goes."""
    form, user = AccountForm(request.POST or None, company=company), signed_in(request)
    if request.method == "POST" and form.is_valid() and (told := _replace_account(form, company, user)):
        messages.add_message(request, *told)
        return redirect("firm", company.credit_code)
    context = {
        "company": company,
        "form": form,
        "account": queries.active_account(company=company),
        "why_not": why_not(Act.CHANGE_ACCOUNT, user=user, company=company),
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
        return messages.SUCCESS, _("Your money goes to the new account from now on.")
    # An owner who enters the refused account again would wait in vain.
    return messages.WARNING, _("This account is in use already; nothing was changed. What was refused needs another.")
