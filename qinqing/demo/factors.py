"""The second factors of the demo's officials: apps whose secrets are published as the password is."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value

from companies.models import User
from qinqing.demo.people import LOGINS, NotInProduction
from qinqing.env import IS_PRODUCTION


def secret_of(username: str) -> str:
    """The secret of a demo login's app, the same in every demo."""
    digest = hashlib.sha256(f"qinqing demo {username}".encode()).digest()
    return base64.b32encode(digest[:20]).decode()


def current_code(*, username: str, now: datetime) -> str:
    """The code that the login's app shows now."""
    period = int(now.timestamp()) // app_settings.TOTP_PERIOD
    return str(format_hotp_value(hotp_value(secret_of(username), period)))


def make_factors() -> None:
    """
    Give each official of the demo an app, unless the official has one.

    Raises:
        NotInProduction: a published secret does not belong there.
    """
    if IS_PRODUCTION:
        raise NotInProduction("Second factors with a published secret are not made in production.")
    officials = User.objects.filter(username__in=[login.username for login in LOGINS], is_staff=True)
    for official in officials.exclude(authenticator__type=Authenticator.Type.TOTP).order_by("pk"):
        TOTP.activate(official, secret_of(official.username))
