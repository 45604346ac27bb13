"""The demo's officials have second factors whose codes everybody can print."""

from __future__ import annotations

from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from qinqing.demo.factors import make_factors
from qinqing.demo.people import DEMO_PASSWORD, LOGINS, make_logins

pytestmark = pytest.mark.django_db


def test_an_official_signs_in_by_the_code_that_the_command_prints() -> None:
    make_logins(cast=[])
    make_factors()
    client, printed = Client(), StringIO()
    asked = client.post(reverse("sign-in"), {"username": "officer", "password": DEMO_PASSWORD})
    assert asked["Location"] == reverse("mfa_authenticate")
    call_command("code", "officer", stdout=printed)
    client.post(reverse("mfa_authenticate"), {"code": printed.getvalue().strip()})
    assert client.get(reverse("admin:index")).status_code == 200


def test_officials_get_one_each_and_owners_none() -> None:
    make_logins(cast=[])
    make_factors()
    make_factors()
    officials = {login.username for login in LOGINS if login.role or login.is_superuser}
    assert sorted(Authenticator.objects.values_list("user__username", flat=True)) == sorted(officials)
