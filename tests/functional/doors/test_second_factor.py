"""A second factor at the door, for officials who must have one, and each code once."""

from __future__ import annotations

import base64
import time
from secrets import token_hex

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from companies.models import User
from tests.factories.people import PASSWORD, make_department_user, make_user

pytestmark = pytest.mark.django_db

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_now() -> str:
    return format_hotp_value(hotp_value(SECRET, int(time.time()) // 30))


@pytest.fixture
def user() -> User:
    user = make_user(is_staff=True, password=PASSWORD)
    TOTP.activate(user, SECRET)
    return user


def passes_the_password(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    answer = client.post(reverse("sign-in"), {"username": user.username, "password": PASSWORD})
    assert answer["Location"] == reverse("mfa_authenticate")
    return client


def test_a_password_alone_opens_nothing(user: User) -> None:
    client = passes_the_password(user)
    assert client.get(reverse("admin:index")).status_code == 302
    assert "_auth_user_id" not in client.session


def test_the_code_of_the_app_opens(user: User) -> None:
    client = passes_the_password(user)
    assert client.get(reverse("mfa_authenticate")).status_code == 200
    assert client.post(reverse("mfa_authenticate"), {"code": code_now()})["Location"] == reverse("desk")
    assert client.get(reverse("admin:index")).status_code == 200


@pytest.mark.parametrize("wrong", ["000000", "x", ""])
def test_a_wrong_code_opens_nothing(user: User, wrong: str) -> None:
    client = passes_the_password(user)
    assert client.post(reverse("mfa_authenticate"), {"code": wrong}).status_code == 200
    assert "_auth_user_id" not in client.session


def test_a_code_is_good_once(user: User) -> None:
    """Somebody who saw the code over a shoulder, and who knows the password, is not let in by it."""
    used = code_now()
    passes_the_password(user).post(reverse("mfa_authenticate"), {"code": used})
    seen = passes_the_password(user)
    answer = seen.post(reverse("mfa_authenticate"), {"code": used})
    assert "was used already" in answer.content.decode()
    assert "_auth_user_id" not in seen.session


def test_the_secret_is_stored_sealed(user: User) -> None:
    stored = Authenticator.objects.get(user=user, type="totp").data["secret"]
    assert SECRET not in stored
    assert SECRET not in bytes.fromhex(stored).decode(errors="replace")


def test_an_official_without_one_reaches_only_the_page_to_set_one_up(settings: LazySettings) -> None:
    settings.SECOND_FACTOR = "required"
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_user(is_staff=True, password=PASSWORD))
    for closed in ("admin:index", "desk", "firms", "home", "usersessions_list"):
        assert client.get(reverse(closed))["Location"] == reverse("mfa_index"), closed
    assert "Officials need a second factor" in client.get(reverse("mfa_index")).content.decode()
    assert client.get(reverse("mfa_activate_totp")).status_code == 200
    assert client.post(reverse("sign-out")).status_code == 302


def test_an_official_with_one_and_an_owner_without_go_in(settings: LazySettings, user: User) -> None:
    settings.SECOND_FACTOR = "required"
    for person, page in ((user, "admin:index"), (make_user("an-owner"), "firms")):
        client = Client()
        client.force_login(person)
        assert client.get(reverse(page)).status_code == 200


def test_an_app_is_set_up_and_gives_recovery_codes() -> None:
    user = make_user(password=PASSWORD)
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    answer = client.post(reverse("mfa_activate_totp"), {"code": code})
    assert answer["Location"] == reverse("mfa_view_recovery_codes")
    codes = client.get(answer["Location"]).context["unused_codes"]
    assert len(codes) == 10
    file = client.get(reverse("mfa_download_recovery_codes")).content.decode()
    assert file.split() == codes
    # A recovery code replaces the app, once.
    first = passes_the_password(user)
    assert first.post(reverse("mfa_authenticate"), {"code": codes[0]}).status_code == 302
    second = passes_the_password(user)
    assert second.post(reverse("mfa_authenticate"), {"code": codes[0]}).status_code == 200


def test_an_official_keeps_the_last_factor_where_one_is_required(settings: LazySettings, user: User) -> None:
    settings.SECOND_FACTOR = "required"
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    answer = client.post(reverse("mfa_deactivate_totp"))
    assert "add another one first" in answer.content.decode()
    assert Authenticator.objects.filter(user=user, type="totp").exists()
    settings.SECOND_FACTOR = "offered"
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.filter(user=user).exists()


@pytest.mark.parametrize(
    ("mode", "has_app", "status"), [("offered", False, 200), ("offered", True, 401), ("required", False, 401)]
)
def test_a_machine_does_not_deliver_by_a_password_where_a_person_needs_more(
    settings: LazySettings, mode: str, has_app: bool, status: int
) -> None:
    settings.SECOND_FACTOR = mode
    tax = make_department_user(username=f"tax-{token_hex(6)}", password=PASSWORD)
    if has_app:
        TOTP.activate(tax, SECRET)
    basic = base64.b64encode(f"{tax.username}:{PASSWORD}".encode()).decode()
    answer = Client().get(reverse("api-datasets"), headers={"authorization": f"Basic {basic}", "accept-language": "en"})
    assert answer.status_code == status
    assert (status == 200) or "deliver with a token" in answer.content.decode()
