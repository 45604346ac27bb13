"""A key that leaked is replaced under the second factors, too."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import LazySettings
from django.utils import timezone

from companies.keys.reseal import UnknownKey, reseal_everything
from qinqing.kernel.sealed_text import open_text
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db

SECRET = "JBSWY3DPEHPK3PXP"


def reseal() -> dict[str, int]:
    return {each.column: each.count for each in reseal_everything(now=timezone.now())}


def test_the_secrets_open_by_the_new_key_alone(settings: LazySettings) -> None:
    user = make_user("with-an-app")
    TOTP.activate(user, SECRET)
    codes = RecoveryCodes.activate(user).generate_codes()
    old, settings.DATA_KEY = settings.DATA_KEY, "f" * 64
    settings.DATA_KEYS_BEFORE = [old]
    assert reseal()["mfa_authenticator.data"] == 2
    settings.DATA_KEYS_BEFORE = []
    assert open_text(Authenticator.objects.get(type="totp").data["secret"]) == SECRET
    assert Authenticator.objects.get(type="recovery_codes").wrap().generate_codes() == codes
    assert reseal() == {}


def test_a_key_that_is_not_named_is_missed(settings: LazySettings) -> None:
    TOTP.activate(make_user("with-an-app"), SECRET)
    settings.DATA_KEY, settings.DATA_KEYS_BEFORE = "e" * 64, []
    with pytest.raises(UnknownKey):
        reseal()
