"""Who guesses one account's password from many addresses is slowed down; its owner is not locked out."""

from __future__ import annotations

from random import randrange
from secrets import token_hex

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from companies.models import User
from qinqing.kernel.web import name_throttle
from tests.factories.people import PASSWORD, make_user

pytestmark = pytest.mark.django_db

WAIT = "Wrong passwords were sent for this name"


@pytest.fixture
def user() -> User:
    return make_user(f"guessed-{token_hex(8)}", password=PASSWORD)


def tries(name: str, password: str, client: Client | None = None) -> str:
    client = client or Client()
    address = f"2001:db8:{randrange(65536):x}:{randrange(65536):x}::1"
    sent = {"username": name, "password": password}
    answer = client.post(reverse("sign-in"), sent, headers={"accept-language": "en"}, REMOTE_ADDR=address)
    return "in" if answer.status_code == 302 else answer.content.decode()


def guess(name: str) -> None:
    for _each in range(name_throttle.FREE):
        assert WAIT not in tries(name, "wrong")


def test_ever_new_addresses_do_not_help_who_guesses(user: User) -> None:
    guess(user.username)
    # Not even the right password is looked at; else the answer would tell that it is right.
    assert WAIT in tries(user.username, PASSWORD)


def test_a_name_that_nobody_has_is_slowed_down_alike() -> None:
    name = f"nobody-{token_hex(8)}"
    guess(name)
    assert WAIT in tries(name, "wrong")


def test_the_owner_signs_in_with_a_browser_that_is_known(user: User) -> None:
    known = Client()
    assert tries(user.username, PASSWORD, known) == "in"
    known.post(reverse("sign-out"))
    guess(user.username)
    assert tries(user.username, PASSWORD, known) == "in"


def test_a_known_browser_is_known_for_its_own_account_alone(user: User) -> None:
    other = Client()
    assert tries(make_user("somebody-known", password=PASSWORD).username, PASSWORD, other) == "in"
    other.post(reverse("sign-out"))
    guess(user.username)
    assert WAIT in tries(user.username, PASSWORD, other)


def test_a_made_up_mark_is_none(user: User) -> None:
    forger = Client()
    forger.cookies["known_browser"] = f"{name_throttle._hashed(user.username)}:made-up"
    guess(user.username)
    assert WAIT in tries(user.username, PASSWORD, forger)


def test_no_wait_is_longer_than_a_minute(user: User, monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> None:
    monkeypatch.setattr(name_throttle, "LONGEST_SECONDS", 0)
    guess(user.username)
    assert tries(user.username, PASSWORD) == "in"
