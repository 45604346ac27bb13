"""Wrong passwords lock an account for the address that sent them, and for no other address."""

from __future__ import annotations

import base64
from random import randrange
from secrets import token_hex

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from companies.models import User
from qinqing.kernel.web import login_throttle as guesses
from tests.factories.people import PASSWORD, make_department_user

pytestmark = pytest.mark.django_db

GUESSER, OWNER = "192.0.2.7", "192.0.2.8"


@pytest.fixture
def address() -> str:
    """A random address, from which no recent run of the tests has sent a password."""
    return f"198.18.{randrange(256)}.{randrange(256)}"


@pytest.fixture
def user(settings: LazySettings) -> User:
    """A user of a department, behind the proxy of production."""
    settings.IS_PRODUCTION = True
    return make_department_user(username=f"guessed-{token_hex(6)}", password=PASSWORD)


def signs_in(user: User, password: str, *, forwarded: str, proxy: str = "10.0.0.1") -> int:
    sent = {"username": user.username, "password": password}
    answer = Client().post(
        reverse("sign-in"), sent, headers={"x-forwarded-for": forwarded}, REMOTE_ADDR=proxy, secure=True
    )
    return answer.status_code


def asks(user: User, password: str, *, forwarded: str, door: str = "api-datasets") -> int:
    basic = base64.b64encode(f"{user.username}:{password}".encode()).decode()
    headers = {"authorization": f"Basic {basic}", "x-forwarded-for": forwarded}
    return Client().get(reverse(door), headers=headers, REMOTE_ADDR="10.0.0.1", secure=True).status_code


def test_one_who_guesses_locks_nobody_else_out_behind_the_proxy(user: User) -> None:
    # The proxy appends the last address; the guesser wrote what stands before it.
    guesses = [signs_in(user, "wrong", forwarded=f"203.0.113.{each}, {GUESSER}") for each in range(5)]
    assert guesses == [200] * 4 + [429]
    assert signs_in(user, PASSWORD, forwarded=GUESSER) == 429
    assert signs_in(user, PASSWORD, forwarded=OWNER) == 302


def test_a_departments_machine_is_locked_out_alike(user: User) -> None:
    assert [asks(user, "wrong", forwarded=GUESSER) for _each in range(5)] == [401] * 5
    assert asks(user, PASSWORD, forwarded=GUESSER) == 401
    assert asks(user, PASSWORD, forwarded=OWNER) == 200


def test_away_from_production_nobody_says_who_it_is(user: User, settings: LazySettings) -> None:
    settings.IS_PRODUCTION = False
    guesses = [signs_in(user, "wrong", forwarded=f"203.0.113.{each}") for each in range(5)]
    assert guesses[-1] == 429


@pytest.mark.parametrize("forwarded", ["unknown", "192.0.2.7:50123", "_hidden"])
def test_an_address_that_is_none_counts_as_the_proxys(forwarded: str, user: User) -> None:
    assert [signs_in(user, "wrong", forwarded=forwarded) for _each in range(5)][-1] == 429


def test_one_address_tries_no_password_on_ever_more_names(
    user: User, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guesses, "LIMIT", 3)
    names = [User(username=f"name-{each}") for each in range(3)]
    assert [signs_in(name, "summer2026", forwarded=address) for name in names] == [200] * 3
    # From this address not even the right password is checked; from other addresses everybody signs in.
    assert (signs_in(user, PASSWORD, forwarded=address), asks(user, PASSWORD, forwarded=address)) == (429, 429)
    assert (signs_in(user, PASSWORD, forwarded=OWNER), asks(user, PASSWORD, forwarded=OWNER)) == (302, 200)


def test_what_is_open_to_everybody_looks_at_no_password(user: User) -> None:
    """
    The description of the API checks no password: else it would tell right ones from wrong ones without counting them.
    """
    answers = [asks(user, password, forwarded=GUESSER, door="api-schema") for password in ("wrong", PASSWORD)]
    assert answers == [200, 200]


def test_right_passwords_are_not_counted(user: User, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guesses, "LIMIT", 3)
    assert [signs_in(user, PASSWORD, forwarded=address) for _each in range(5)] == [302] * 5


def test_whoever_shares_the_address_reads_a_kind_sentence(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guesses, "LIMIT", 0)
    visitor = Client(headers={"accept-language": "en"}, REMOTE_ADDR=address)
    answer = visitor.post(reverse("sign-in"), {"username": "owner", "password": "x"})
    assert answer.status_code == 429
    assert "perhaps not from you" in answer.content.decode()
    api = visitor.get(reverse("api-datasets"), headers={"authorization": "Basic eDp4"})
    assert (api.status_code, list(api.json())) == (429, ["detail"])
