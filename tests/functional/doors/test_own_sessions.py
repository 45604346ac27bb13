"""People see where they are signed in, and end what they do not know."""

from __future__ import annotations

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse

from companies.models import User
from companies.people.session_words import name_browser
from tests.factories.people import PASSWORD, make_user

pytestmark = pytest.mark.django_db

LIST = "usersessions_list"
EDGE = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Edg/120.0"


@pytest.fixture
def user() -> User:
    return make_user("somebody-with-two-devices", password=PASSWORD)


def signs_in(user: User, browser: str = EDGE) -> Client:
    client = Client(headers={"accept-language": "en", "user-agent": browser})
    assert client.post(reverse("sign-in"), {"username": user.username, "password": PASSWORD}).status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get(reverse("firms")).status_code == 200


def test_each_sign_in_is_listed_with_its_browser(user: User) -> None:
    here, _elsewhere = signs_in(user), signs_in(user, "Mozilla/5.0 (iPhone) MicroMessenger/8.0")
    page = here.get(reverse(LIST)).content.decode()
    assert page.count("Edge · Windows") == page.count("WeChat · iPhone") == page.count("this one</span>") == 1


def test_one_is_ended(user: User) -> None:
    here, elsewhere = signs_in(user), signs_in(user)
    other = UserSession.objects.get(session_key=elsewhere.session.session_key)
    here.post(reverse(LIST), {"session": other.pk})
    assert (is_in(here), is_in(elsewhere)) == (True, False)


def test_all_others_are_ended(user: User) -> None:
    here, *others = signs_in(user), signs_in(user), signs_in(user)
    here.post(reverse(LIST))
    assert [is_in(each) for each in (here, *others)] == [True, False, False]


def test_nobody_ends_the_session_of_another_person(user: User) -> None:
    victim = signs_in(user)
    attacker = signs_in(make_user("somebody-else", password=PASSWORD))
    session = UserSession.objects.get(session_key=victim.session.session_key)
    attacker.post(reverse(LIST), {"session": session.pk})
    attacker.post(reverse(LIST))
    assert is_in(victim)


def test_a_changed_password_leaves_this_session_in_the_list_and_ends_the_others(user: User) -> None:
    here, elsewhere = signs_in(user), signs_in(user)
    new = "battery staple 9"
    here.post(reverse("password"), {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert (is_in(here), is_in(elsewhere)) == (True, False)
    assert here.get(reverse(LIST)).content.decode().count("Edge · Windows") == 1


@pytest.mark.parametrize(
    ("description", "name"), [("", "Another browser"), ("curl/8", "Another browser"), (EDGE, "Edge · Windows")]
)
def test_browsers_are_named_for_people(description: str, name: str, in_english: None) -> None:
    assert name_browser(description) == name
