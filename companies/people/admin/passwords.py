"""Passwords of other people in the admin: an official may have a link sent, and never learns the password."""

from __future__ import annotations

from allauth.account.internal.flows.password_reset import request_password_reset
from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.widgets import UnfoldAdminTextInputWidget

from companies.models import User


class NewAccountForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new account, which nobody can sign in to until its person has followed the link in the mail."""

    email = forms.EmailField(
        label=_("e-mail address"), widget=UnfoldAdminTextInputWidget, help_text=_("The link for a password goes there.")
    )

    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "email")

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002 - as Django calls it
        """Save the account without a password."""
        self.instance.set_unusable_password()
        saved: User = super().save(commit=commit)
        return saved


class PasswordsByMail(admin.ModelAdmin):  # type: ignore[type-arg]
    """The part of the accounts' admin that has links for new passwords sent."""

    add_form = NewAccountForm
    add_fieldsets = ((None, {"fields": ("username", ("first_name", "last_name"), "email")}),)
    actions = ("send_password_links",)

    def get_urls(self) -> list[URLPattern]:
        """The pages without the one on which an official would type, and know, another person's password."""
        return [each for each in super().get_urls() if each.name != "auth_user_password_change"]

    @admin.action(description=_("Send a link for a new password"), permissions=["change"])
    def send_password_links(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """Send each account's own address a link; nobody but the person learns the password."""
        chosen = list(users.order_by("pk"))
        reachable = [user for user in chosen if user.email and user.is_active]
        for user in reachable:
            request_password_reset(request, user.email, [user], None)
        sent = ngettext("%(count)d link was sent.", "%(count)d links were sent.", len(reachable))
        self.message_user(request, sent % {"count": len(reachable)})
        if left := len(chosen) - len(reachable):
            sentence = ngettext(
                "%(count)d account has no address of mail, or is closed.",
                "%(count)d accounts have no address of mail, or are closed.",
                left,
            )
            self.message_user(request, sentence % {"count": left}, messages.WARNING)
