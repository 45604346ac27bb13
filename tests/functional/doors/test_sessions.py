"""
The server ends a session: when the user signs out elsewhere, when the account is closed, and when its time is over.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from companies.models import Company, User
from companies.tasks import forget_ended_sessions
from qinqing.kernel.web.session_expiry import IDLE, RARELY
from tests.factories.people import give_rights

pytestmark = pytest.mark.django_db

ENDINGS: dict[str, Callable[[], object]] = {
    "signed out elsewhere": lambda: Session.objects.all().delete(),
    "expired": lambda: Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1)),
    "account closed": lambda: give_rights(User.objects.get(), is_active=False),
    "password changed": lambda: User.objects.update(password="another"),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_next_page_asks_to_sign_in(owner: Client, firm: Company, ending: str) -> None:
    path = reverse("firm", args=[firm.credit_code])
    assert owner.get(path).status_code == 200
    ENDINGS[ending]()
    answer = owner.get(path)
    assert (answer.status_code, answer.headers.get("Location", "").partition("?")[0]) == (302, reverse("sign-in"))


def test_what_has_ended_is_forgotten_and_nothing_else(owner: Client, browser: Callable[..., Client]) -> None:
    """A sweep deletes ended sessions; otherwise each sign-in would leave a row for good."""
    minutes_left(browser("clerk", role="finance"), -1)
    forget_ended_sessions()
    assert Session.objects.get().pk == owner.session.session_key
    assert forget_ended_sessions.name in settings.SWEEPS


def test_no_form_to_sign_in_comes_as_a_piece_of_a_page(owner: Client, firm: Company) -> None:
    path = reverse("firm", args=[firm.credit_code])
    ENDINGS["signed out elsewhere"]()
    answer = owner.get(path, headers={"HX-Request": "true"}, follow=True)
    assert (answer.headers.get("HX-Refresh"), answer.content) == ("true", b"")
    assert b"<form" in owner.get(path, follow=True).content


def test_a_cookie_that_nobody_handed_out_opens_nothing(client: Client, firm: Company) -> None:
    client.cookies["sessionid"] = "x" * 32
    assert client.get(reverse("firm", args=[firm.credit_code])).status_code == 302


@pytest.fixture
def clerk(browser: Callable[..., Client]) -> Client:
    return browser("clerk", role="finance")


def minutes_left(client: Client, minutes: int, *, of_the_day: int = 400) -> None:
    """Let an official's session end in so many minutes, and its day in `of_the_day` minutes."""
    session, now = client.session, timezone.now()
    session["ends_at"] = (now + timedelta(minutes=of_the_day)).isoformat()
    session.set_expiry(now + timedelta(minutes=minutes))
    session.save()


def ends_in() -> timedelta:
    return Session.objects.get().expire_date - timezone.now()


def test_an_official_who_does_nothing_is_signed_out_soon(clerk: Client) -> None:
    assert IDLE - timedelta(minutes=1) < ends_in() <= IDLE


def test_an_owner_stays_for_half_a_day(owner: Client) -> None:
    assert timedelta(hours=11) < ends_in() <= timedelta(hours=12)


@pytest.mark.parametrize("page", ["admin:index", "home"])
def test_an_official_who_works_stays(page: str, clerk: Client) -> None:
    minutes_left(clerk, 20)
    clerk.get(reverse(page))
    assert IDLE - timedelta(minutes=1) < ends_in() <= IDLE


def test_nobody_stays_longer_than_a_working_day(clerk: Client) -> None:
    minutes_left(clerk, 1, of_the_day=10)
    clerk.get(reverse("admin:index"))
    assert timedelta(minutes=9) < ends_in() <= timedelta(minutes=10)
    minutes_left(clerk, -1)
    assert clerk.get(reverse("admin:index")).status_code == 302


def test_a_session_is_seldom_written(clerk: Client, owner: Client, firm: Company) -> None:
    minutes_left(clerk, int((IDLE - RARELY) / timedelta(minutes=1)) + 1)
    for client, address in ((clerk, reverse("admin:index")), (owner, reverse("firm", args=[firm.credit_code]))):
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        assert [query["sql"] for query in asked if "UPDATE" in query["sql"] and "session" in query["sql"]] == []
