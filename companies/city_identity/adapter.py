"""What allauth asks us about people who come by the city's identity: may they, and what is an account of theirs."""

from __future__ import annotations

import hashlib
from typing import Any, NoReturn

import structlog
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.internal.flows.login import record_authentication
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from companies.city_identity.identity import UnreadableIdentity, read_identity
from companies.models import User

log = structlog.get_logger(__name__)

_FAILED = _("The city’s identity service did not confirm who you are. Nothing happened. Start again from the sign-in.")
_TOO_WEAK = _(
    "Your city identity is not verified surely enough to act for a firm. Have your face or your papers checked in its"
    " app, then sign in again."
)
_UNREADABLE = _("The city’s identity service sent something that we cannot read. It was recorded; try again later.")
_OTHER = _("You proved to be somebody else than who is signed in here. Nothing was done.")
_OFFICIAL = _("This is an official’s account. Sign in with its password.")


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Our answers to allauth's questions about the city's identity."""

    def list_apps(self, request: HttpRequest, **asked: Any) -> list[SocialApp]:
        """The provider of our settings alone; a row of a database could name any other."""
        return [app for app in super().list_apps(request, **asked) if app.pk is None]

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Whoever the city knows gets an account, which by itself acts for no firm."""
        return True

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Name a new account after the person; the sign-in name tells nothing about the person."""
        user: User = sociallogin.user
        user.username = "city-" + hashlib.sha256(sociallogin.account.uid.encode()).hexdigest()[:16]
        user.first_name = str(data.get("name") or "")[:150]
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """
        Look at a verified identity before it signs in.

        Raises:
            ImmediateHttpResponse: it is refused, with a sentence.
        """
        process = sociallogin.state.get("process")
        is_same_person = sociallogin.is_existing and sociallogin.user == request.user
        if process != AuthProcess.LOGIN and not (process == AuthProcess.REDIRECT and is_same_person):
            _refuse(request, "process", _OTHER if process == AuthProcess.REDIRECT else _FAILED)
        try:
            identity = read_identity(sociallogin.account.extra_data["id_token"])
        except (UnreadableIdentity, KeyError) as unreadable:
            log.warning("city_identity.unreadable", claim=str(unreadable))
            _refuse(request, "unreadable", _UNREADABLE)
        if identity.level < settings.IDENTITY_LEVEL:
            _refuse(request, "level", _TOO_WEAK)
        if sociallogin.is_existing and sociallogin.user.is_staff:
            _refuse(request, "official", _OFFICIAL)
        if process == AuthProcess.REDIRECT:
            record_authentication(request, sociallogin)

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, extra_context: Any = None
    ) -> NoReturn:
        """
        Say that the person was not identified.

        Raises:
            ImmediateHttpResponse: always.
        """
        log.warning("city_identity.failed", error=str(error), kind=type(exception).__name__)
        _refuse(request, "failed", _FAILED)


def _refuse(request: HttpRequest, why: str, sentence: Promise) -> NoReturn:
    log.info("city_identity.refused", why=why)
    context = {"headline": _("Not signed in"), "sentence": sentence, "code": 403}
    raise ImmediateHttpResponse(render(request, "refused.html", context, status=403))
