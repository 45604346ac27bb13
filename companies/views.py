"""Signing in, and a firm's account."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from companies import operations, queries
from companies.deliveries.refusals import Refused
from companies.forms import AccountForm
from companies.models import Company
from companies.permissions import owner_required, signed_in


class SignIn(LoginView):
    """The one door for owners and officials."""

    template_name = "companies/sign_in.html"
    redirect_authenticated_user = True

    def get_redirect_url(self, _request: HttpRequest | None = None) -> str:
        """Where to go afterwards; empty, which is to one's own desk, when that would only lead back here or to a no."""
        address = str(super().get_redirect_url())
        path, user = urlsplit(address).path, self.request.user
        is_closed = user.is_authenticated and not user.is_staff and path.startswith(reverse("admin:index"))
        return "" if is_closed or path == self.request.path else address


@require_safe
@login_required
def desk(request: HttpRequest) -> HttpResponse:
    """Lead everybody to their own work: officials to the admin, an owner to the firm or the choice of firms."""
    user = signed_in(request)
    if user.is_staff:
        return redirect("admin:index")
    codes = [company.credit_code for company in queries.companies_of(user=user)]
    return redirect("firm", codes[0]) if len(codes) == 1 else redirect("firms")


@require_http_methods(["GET", "HEAD", "POST"])
@owner_required
def account(request: HttpRequest, company: Company) -> HttpResponse:
    """Show and replace the account that the firm's money goes to."""
    form = AccountForm(request.POST or None, initial={"holder_name": company.name})
    if request.method == "POST" and form.is_valid() and _is_replaced(form, company):
        messages.success(request, _("Your money goes to the new account from now on."))
        for warning in queries.account_warnings(company=company, **form.mistypable()):
            messages.warning(request, warning)
        return redirect("firm", company.credit_code)
    context = {"company": company, "form": form, "account": queries.active_account(company=company)}
    return render(request, "companies/account.html", context, status=422 if form.errors else 200)


def _is_replaced(form: AccountForm, company: Company) -> bool:
    try:
        operations.replace_account(company=company, **form.account(), now=timezone.now())
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return False
    return True
