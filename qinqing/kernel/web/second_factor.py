"""Who has a second factor, and who must have one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qinqing.kernel.web.factor_secrets import open_secret, seal_new
from qinqing.kernel.web.pages import is_fragment

REQUIRED: Final = "required"
FACTORS: Final = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
# Pages that stay open to an official without a second factor: those that set one up, and the way out.
_OPEN: Final = ("mfa_index", "account_reauthenticate", "sign-out", "set_language", "password", "healthz")


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Our answers to allauth's questions about second factors."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy("The code is wrong, or was used already. Wait for the next one, and type that."),
        "cannot_delete_authenticator": gettext_lazy("Officials need a second factor; add another one first."),
    }

    def encrypt(self, text: str) -> str:
        """Seal a secret before it is stored."""
        return seal_new(text)

    def decrypt(self, encrypted_text: str) -> str:
        """The secret that was sealed."""
        return open_secret(encrypted_text)

    def get_totp_label(self, user: AbstractUser) -> str:
        """The name under which an app lists the account."""
        return user.get_username()

    def get_public_key_credential_user_entity(self, user: AbstractUser) -> dict[str, Any]:
        """What a passkey shows of the account; its name alone, because a passkey may be read by others."""
        shown: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        return shown | {"name": user.get_username(), "display_name": user.get_username()}

    def _get_site_name(self) -> str:
        return _("Qinqing")

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """An official keeps the last second factor, where one is required."""
        others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=FACTORS).exclude(
            pk=authenticator.pk
        )
        return not must_have_second_factor(authenticator.user) or others.exists()


def has_second_factor(user: AbstractUser | AnonymousUser) -> bool:
    """Whether the person has an app or a key as second factor."""
    return user.is_authenticated and Authenticator.objects.filter(user_id=user.pk, type__in=FACTORS).exists()


def must_have_second_factor(user: AbstractUser | AnonymousUser) -> bool:
    """Whether the person is an official, and officials need a second factor here."""
    return user.is_authenticated and user.is_staff and settings.SECOND_FACTOR == REQUIRED


def require_second_factor_of_officials(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Lead officials without a second factor to the page that sets one up, whatever page they ask for."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if settings.SECOND_FACTOR != REQUIRED or _is_open(request):
            return get_response(request)
        if not must_have_second_factor(request.user) or has_second_factor(request.user):
            return get_response(request)
        if not is_fragment(request):
            messages.warning(request, _("Officials need a second factor: set one up, then go on."))
        return redirect("mfa_index")

    return middleware


def _is_open(request: HttpRequest) -> bool:
    paths = [reverse(name) for name in _OPEN]
    return request.path in paths or request.path.startswith(reverse("mfa_index"))
