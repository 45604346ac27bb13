"""A key that leaked is replaced under the second factors, too."""

from __future__ import annotations

import json

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from cryptography.exceptions import InvalidTag
from django.conf import LazySettings
from django.db import connection
from django.utils import timezone

from companies.keys.reseal import UnknownKey, reseal_everything
from qinqing.kernel.sealed_text import seal_text
from qinqing.kernel.web.factor_secrets import open_secret
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
    assert open_secret(Authenticator.objects.get(type="totp").data["secret"]) == SECRET
    assert Authenticator.objects.get(type="recovery_codes").wrap().generate_codes() == codes
    assert reseal() == {}


def test_a_secret_opens_nothing_in_the_row_of_somebody_else() -> None:
    own = TOTP.activate(make_user("with-an-app"), SECRET).instance
    other = TOTP.activate(make_user("with-another-app"), "KRSXG5CTMVRXEZLU").instance
    with connection.cursor() as cursor:
        cursor.execute("UPDATE mfa_authenticator SET data = %s WHERE id = %s", [json.dumps(own.data), other.pk])
    with pytest.raises(InvalidTag):
        Authenticator.objects.get(pk=other.pk).wrap().validate_code("123456")


def test_a_secret_that_is_sealed_for_no_row_opens_nothing() -> None:
    factor = TOTP.activate(make_user("with-an-app"), SECRET).instance
    Authenticator.objects.filter(pk=factor.pk).update(data={"secret": seal_text(SECRET)})
    with pytest.raises(InvalidTag):
        Authenticator.objects.get(pk=factor.pk).wrap().validate_code("123456")


def test_a_key_that_is_not_named_is_missed(settings: LazySettings) -> None:
    TOTP.activate(make_user("with-an-app"), SECRET)
    settings.DATA_KEY, settings.DATA_KEYS_BEFORE = "e" * 64, []
    with pytest.raises(UnknownKey):
        reseal()
