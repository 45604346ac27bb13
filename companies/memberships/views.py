"""The page of a firm's members, and the page of an invitation."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from companies.memberships import invitations, members
from companies.memberships.forms import InvitationForm, RoleForm
from companies.models import Company, Membership
from companies.people.permissions import Act, owner_required, signed_in, why_not
from qinqing.kernel.refusals import Refusal


@require_http_methods(["GET", "HEAD", "POST"])
@owner_required
def members_page(request: HttpRequest, company: Company) -> HttpResponse:
    """Show who acts for the firm; a POST invites a colleague and shows the link of the invitation once."""
    form, link = InvitationForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        try:
            invited = invitations.invite(
                company=company, **form.cleaned_data, actor=signed_in(request), now=timezone.now()
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            link = request.build_absolute_uri(f"{reverse('invitation')}?token={invited.token}")
            form = InvitationForm()
    return _show_members(request, company, form, link=link)


@require_POST
@owner_required
def member(request: HttpRequest, company: Company, member_id: int) -> HttpResponse:
    """Give a member another role, or remove the member."""
    user, now, form = signed_in(request), timezone.now(), RoleForm(request.POST)
    if "remove" in request.POST:
        remove = partial(members.remove_member, company=company, member_id=member_id, actor=user, now=now)
        return _answer(request, company, remove, _("The member was removed."))
    if not form.is_valid():
        return _refuse(request, company, " ".join(str(each) for errors in form.errors.values() for each in errors))
    change = partial(
        members.change_role, company=company, member_id=member_id, **form.cleaned_data, actor=user, now=now
    )
    return _answer(request, company, change, _("The role was changed."))


@require_POST
@owner_required
def leave(request: HttpRequest, company: Company) -> HttpResponse:
    """Let the user leave the firm."""
    try:
        members.leave(company=company, user=signed_in(request), now=timezone.now())
    except Refusal as refusal:
        return _refuse(request, company, str(refusal))
    messages.success(request, _("You act for this firm no more."))
    return redirect("desk")


@require_POST
@owner_required
def revoke(request: HttpRequest, company: Company, invitation_id: int) -> HttpResponse:
    """Revoke an invitation."""
    user, now = signed_in(request), timezone.now()
    end = partial(invitations.revoke, company=company, invitation_id=invitation_id, actor=user, now=now)
    return _answer(request, company, end, _("The invitation was revoked; its link works no more."))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def invitation(request: HttpRequest) -> HttpResponse:
    """Show an invitation to the person who followed its link; a POST accepts it."""
    # The token stands in the query of the link, which no log keeps.
    token, now = request.POST.get("token") or request.GET.get("token", ""), timezone.now()
    found = invitations.find_invitation(token=token, now=now)
    if request.method == "POST":
        invitations.accept(token=token, user=signed_in(request), now=now)
        messages.success(request, _("You act for this firm from now on."))
        return redirect("firm", found.company.credit_code)
    return render(request, "companies/invitation.html", {"invitation": found, "token": token})


def _answer(request: HttpRequest, company: Company, act: Callable[[], object], done: str) -> HttpResponse:
    try:
        act()
    except Refusal as refusal:
        return _refuse(request, company, str(refusal))
    messages.success(request, done)
    return redirect("members", company.credit_code)


def _refuse(request: HttpRequest, company: Company, sentence: str) -> HttpResponse:
    return _show_members(request, company, InvitationForm(), refusal=sentence)


def _show_members(
    request: HttpRequest, company: Company, form: InvitationForm, *, link: str = "", refusal: str = ""
) -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    context = {
        "company": company,
        "members": [(each, _role_form(each)) for each in members.list_members(company=company)],
        "invitations": invitations.open_invitations(company=company, now=now),
        "changes": members.list_changes(company=company),
        "form": form,
        "link": link,
        "refusal": refusal,
        "is_first": "first" in request.GET and not link,
        "why_not": why_not(Act.CHANGE_MEMBERS, user=user, company=company),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors or refusal else HTTPStatus.OK
    return render(request, "companies/members.html", context, status=status)


def _role_form(of: Membership) -> RoleForm:
    return RoleForm(initial={"role": of.role, "day_limit_cny": of.day_limit_cny}, auto_id=f"member-{of.pk}-%s")
