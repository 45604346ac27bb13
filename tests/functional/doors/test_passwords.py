"""Everybody changes their own password; whoever forgot it reads whom to ask."""

from __future__ import annotations

from secrets import token_hex

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from companies.models import User
from qinqing.kernel.web import login_throttle as guesses
from tests.factories.clients import sign_in
from tests.factories.companies import make_company, make_owner
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db

OLD, NEW = "correct horse", "battery staple 9"
SENT = {"oldpassword": OLD, "password1": NEW, "password2": NEW}


@pytest.fixture(params=["owner", "official"])
def user(request: pytest.FixtureRequest) -> User:
    if request.param == "owner":
        return make_owner(make_company(), password=OLD)
    return make_user(is_staff=True, password=OLD)


def test_a_changed_password_signs_out_everywhere_else(user: User) -> None:
    here, elsewhere = sign_in(user), sign_in(user)
    assert reverse("password") in here.get(reverse("home")).content.decode()
    answer = here.post(reverse("password"), SENT, follow=True)
    assert "Your password is changed" in answer.content.decode()
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert here.get(reverse("password")).status_code == 200
    assert elsewhere.get(reverse("password")).status_code == 302


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"oldpassword": "another"}, "oldpassword"),
        ({"password2": "another"}, "password2"),
        ({"password1": "short", "password2": "short"}, "password1"),
    ],
)
def test_what_does_not_fit_is_said_beside_its_field(wrong: dict[str, str], field: str) -> None:
    user = make_user(password=OLD)
    answer = sign_in(user).post(reverse("password"), SENT | wrong)
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in answer.content.decode()
    user.refresh_from_db()
    assert user.check_password(OLD)


@pytest.mark.parametrize("address", ["password", "admin:password_change"])
def test_nobody_guesses_the_old_one_for_long(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    client = sign_in(make_user(is_staff=True, password=OLD))
    monkeypatch.setattr(guesses, "LIMIT", 0)
    assert client.post(reverse(address), SENT).status_code == 429


def test_a_wrong_old_password_counts_as_a_guess(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guesses, "PAGE", f"wrong-password-{token_hex(8)}")
    monkeypatch.setattr(guesses, "LIMIT", 1)
    client = sign_in(make_user(password=OLD))
    assert client.post(reverse("password"), SENT | {"oldpassword": "another"}).status_code == 422
    assert client.post(reverse("password"), SENT).status_code == 429


def test_a_stranger_is_asked_to_sign_in() -> None:
    assert Client().get(reverse("password"))["Location"].startswith(reverse("sign-in"))


@pytest.mark.parametrize(("language", "desk"), [("zh-hans", "12345 政务服务便民热线"), ("en", "hotline 12345")])
def test_whoever_forgot_the_password_reads_whom_to_ask(language: str, desk: str) -> None:
    page = Client(headers={"accept-language": language}).get(reverse("sign-in")).content.decode()
    assert desk in page


def test_a_city_names_its_own_desk(settings: LazySettings) -> None:
    settings.SERVICE_DESK = "市民中心 0571-12345"
    assert "联系市民中心 0571-12345" in Client().get(reverse("sign-in")).content.decode()
