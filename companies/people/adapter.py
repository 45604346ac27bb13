"""What allauth asks us about accounts: how people prove who they are, and where they go after signing in."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.utils import get_next_redirect_url
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from companies.models import User
from companies.people.mails import tell
from qinqing.kernel.web.name_throttle import is_known_browser, remember_browser, seconds_to_wait
from qinqing.kernel.web.rate_limit import visitor_address
from qinqing.kernel.web.second_factor import has_second_factor
from qinqing.kernel.web.step_up import has_fresh_second_factor

# Where a server listens on a socket of the machine itself, a request has no address.
NO_ADDRESS = "0.0.0.0"  # noqa: S104 - nothing listens here
# What allauth changes about an account, by the name under which it looks for a mail.
_TOLD = {
    "account/email/password_changed": _("Your password was changed."),
    "account/email/password_reset": _("Your password was changed by a link that came by mail."),
    "account/email/password_set": _("Your account has a password now."),
    "mfa/email/recovery_codes_generated": _("Your account has new recovery codes."),
    "mfa/email/totp_activated": _("An app was added as your second factor."),
    "mfa/email/totp_deactivated": _("An app is your second factor no more."),
    "mfa/email/webauthn_added": _("A passkey or key was added to your account."),
    "mfa/email/webauthn_removed": _("A passkey or key was removed from your account."),
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Our answers to allauth's questions about accounts."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _("The user name or the password is wrong. Look at both, and try again."),
        "incorrect_password": _("The password is wrong. Look at it, and try again."),
        "enter_current_password": _("The old password is wrong. Look at it, and try again."),
        "incorrect_code": _("The code is wrong, or was used already. Wait for the next one, and type that."),
        "too_many_login_attempts": _("That was tried too often. Wait a minute, then try again."),
        "invalid_password_reset": _("This link was used already, or is too old. Ask for another one."),
    }

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address by which we count visitors everywhere."""
        return visitor_address(request) or NO_ADDRESS

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """
        Slow down who guesses the password of one account from ever more addresses.

        Raises:
            ValidationError: the last wrong password is too recent; no password is looked at.
        """
        name = credentials.get("username", "")
        seconds = 0 if is_known_browser(request, name) else seconds_to_wait(name=name, now=timezone.now())
        if seconds:
            raise forms.ValidationError(
                ngettext(
                    "Wrong passwords were sent for this name. Wait %(seconds)d second, then try again.",
                    "Wrong passwords were sent for this name. Wait %(seconds)d seconds, then try again.",
                    seconds,
                )
                % {"seconds": seconds}
            )

    def is_reauthentication_required(self, *, app: str, **_others: Any) -> bool:
        """Whether the person has to prove once more who it is, before a second factor or a password changes."""
        return not has_fresh_second_factor(self.request)

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, Any]]:
        """The ways to prove who it is: by a second factor where the person has one, and then by nothing else."""
        ways: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if not has_second_factor(user):
            return ways
        by_factor = [each for each in ways if each["id"].startswith("mfa_reauthenticate")]
        return sorted(by_factor, key=lambda way: not way["id"].endswith("webauthn"))

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell the person what allauth changed, in our words."""
        if sentence := _TOLD.get(template_prefix):
            tell(person=user, addresses=[email or user.email], sentence=lambda: str(sentence))

    def post_login(self, request: HttpRequest, user: User, **asked: Any) -> HttpResponse:
        """Lead on to the page that was asked for, if the account may open it."""
        address = asked.pop("redirect_url") or get_next_redirect_url(request) or ""
        redirect_url = address_after_sign_in(asked=address, user=user)
        response: HttpResponse = super().post_login(request, user, redirect_url=redirect_url, **asked)
        remember_browser(response, user.get_username())
        return response


def address_after_sign_in(*, asked: str, user: User | AnonymousUser) -> str:
    """The address that was asked for; the user's own desk, if the user may not open it or it is the sign-in itself."""
    path = urlsplit(asked).path
    is_closed = user.is_authenticated and not user.is_staff and path.startswith(reverse("admin:index"))
    return reverse("desk") if not asked or is_closed or path == reverse("sign-in") else asked
