"""The city's provider of identity, as allauth signs people in with it: by OpenID Connect with PKCE, state and nonce."""

from __future__ import annotations

import hmac
import secrets
import time
from typing import Any, Final

import jwt
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

PROVIDER_ID: Final = "city"
# The provider's clock and ours need not agree better.
CLOCKS_DIFFER_SECONDS: Final = 30
# Signatures by a key that only the provider has; HS256 would take our own secret or its public key for one.
SIGNATURES: Final = frozenset({"RS256", "PS256", "ES256", "EdDSA"})


class CityAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """Reads the provider's answers; a token that it does not sign for us, now and for this browser is refused."""

    nonce = ""
    # When a person who proves once more who it is was asked to; else nothing.
    asked_at: float = 0

    @property
    def openid_config(self) -> dict[str, Any]:
        """
        What the provider publishes about itself.

        Raises:
            OAuth2Error: it calls itself otherwise than our setting, or has an address outside of it.
        """
        published: dict[str, Any] = super().openid_config
        addresses = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        inside = settings.IDENTITY_URL + "/"
        if published.get("issuer") != settings.IDENTITY_URL or not all(
            str(published.get(each)).startswith(inside) for each in addresses
        ):
            raise OAuth2Error("The provider publishes another issuer, or addresses that are not its own.")
        return published

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        """The address to which the provider leads people back."""
        return request.build_absolute_uri(reverse("city-identity-callback"))

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **answer: Any) -> SocialLogin:
        """
        The sign-in that the ID token of an answer stands for; nothing else in the answer is believed.

        Raises:
            OAuth2Error: there is no token, or it is not signed, not for us, over, or for another sign-in.
        """
        claims = self.verify(str(answer["response"].get("id_token") or ""))
        return self.get_provider().sociallogin_from_response(request, {"id_token": claims})

    def verify(self, id_token: str) -> dict[str, Any]:
        """
        The claims of an ID token.

        The library would believe an unsigned token that came straight from the provider; we do not.

        Raises:
            OAuth2Error: as `complete_login`.
        """
        try:
            header = jwt.get_unverified_header(id_token)
        except jwt.PyJWTError as unreadable:
            raise OAuth2Error("The answer has no readable ID token.") from unreadable
        if header.get("alg") not in SIGNATURES or "kid" not in header:
            raise OAuth2Error("The ID token names no signature that we accept.")
        claims: dict[str, Any] = jwtkit.verify_and_decode(
            credential=id_token,
            keys_url=self.openid_config["jwks_uri"],
            issuer=settings.IDENTITY_URL,
            audience=settings.IDENTITY_CLIENT_ID,
            lookup_kid=jwtkit.lookup_kid_jwk,
        )
        if not self.nonce or not hmac.compare_digest(str(claims.get("nonce")).encode(), self.nonce.encode()):
            raise OAuth2Error("The ID token belongs to another sign-in.")
        if not claims.get("sub") or "exp" not in claims:
            raise OAuth2Error("The ID token names nobody, or no end.")
        if self.asked_at and int(claims.get("auth_time") or 0) < self.asked_at - CLOCKS_DIFFER_SECONDS:
            raise OAuth2Error("The provider did not ask the person anew.")
        return claims


class CityProvider(OpenIDConnectProvider):  # type: ignore[misc]
    """The city's provider; it is asked for the person and the firms for which the person acts."""

    oauth2_adapter_class = CityAdapter
    pkce_enabled_default = True

    def get_login_url(self, request: HttpRequest, **asked: Any) -> str:
        """The address that leads to the provider."""
        return reverse("city-identity")

    def get_callback_url(self) -> str:
        """The address to which the provider leads people back."""
        return reverse("city-identity-callback")

    def get_default_scope(self) -> list[str]:
        """The person, the name, and the firms."""
        return ["openid", "profile", "legal_person"]

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        """The name; a mail address of elsewhere opens no account of ours."""
        return {"name": data["id_token"].get("name")}

    def extract_email_addresses(self, data: dict[str, Any]) -> list[Any]:
        """None, for the same reason."""
        return []

    def redirect(
        self, request: HttpRequest, process: str, next_url: str | None = None, data: Any = None, **asked: Any
    ) -> HttpResponse:
        """
        Lead to the provider, with a nonce that its ID token has to repeat.

        Who is signed in and proves it once more is asked by the provider, too, however long its own session lasts.
        """
        nonce, is_again = secrets.token_urlsafe(32), process == AuthProcess.REDIRECT
        auth_params = {"nonce": nonce} | ({"prompt": "login"} if is_again else {})
        kept = {"nonce": nonce, "asked_at": time.time() if is_again else 0}
        response: HttpResponse = super().redirect(
            request, process, next_url, data, auth_params=auth_params, **kept, **asked
        )
        return response


class CityCallback(OAuth2CallbackView):  # type: ignore[misc]
    """The provider's answer, which belongs to the sign-in that this browser began."""

    def _get_state(self, request: HttpRequest, provider: CityProvider) -> tuple[Any, Any]:
        state, response = super()._get_state(request, provider)
        if state is not None:
            self.adapter.nonce, self.adapter.asked_at = state.get("nonce", ""), state.get("asked_at", 0)
        return state, response
