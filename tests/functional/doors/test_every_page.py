"""Every address of the site, as a scanner would look at it: headers, cookies, and what its pages load."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from companies.models import User
from qinqing.cockpit import views as cockpit_views
from tests.factories.companies import act_for, make_company
from tests.factories.people import make_user
from tests.functional.conftest import in_force
from tests.functional.doors.page_rules import faults_of, faults_of_markup
from tests.functional.public.test_page_queries import address, named_pages
from tests.functional.world import World
from tests.unit.tools.test_environment import TOLD, start
from tests.worlds import world_of_a_module

pytestmark = pytest.mark.django_db

NO_PAGES = {"admin:view_on_site"}
# Ways to get an answer that is no page: not found, not allowed, an odd request, a form without its token.
ODD = {
    "nothing there": lambda client: client.get("/no-such-page/"),
    "nothing there in the admin": lambda client: client.get("/admin/payouts/payout/x/change/"),
    "a NUL": lambda client: client.get("/cockpit/?a=%00"),
    "only posted to": lambda client: client.get(reverse("sign-out")),
    "a strange host": lambda client: client.get("/", headers={"host": "evil.example.org"}),
    "too long": lambda client: client.post("/sign-in/", {}, CONTENT_LENGTH=str(20 << 30)),
    "the schema": lambda client: client.get(reverse("api-schema")),
    "the API without a password": lambda client: client.get(reverse("api-datasets")),
    "the API and nothing": lambda client: client.get("/api/v1/nothing/"),
}


def visitor(user: User | None) -> Client:
    client = Client(raise_request_exception=False)
    if user:
        client.force_login(user)
    return client


def looked_at(client: Client, where: str, *, is_signed_in: bool) -> list[str]:
    with transaction.atomic():
        answer = client.get(where)
        found = list(faults_of(answer, path=where, is_signed_in=is_signed_in))
        transaction.set_rollback(True)
    return found


@pytest.fixture(scope="module")
def faults(django_db_setup: None, django_db_blocker: Any) -> dict[str, list[str]]:
    """The faults of each address, as the official sees it, the owner and somebody who is not signed in."""
    with world_of_a_module(django_db_blocker):
        firm, owner = make_company("杭州清茶有限公司"), User.objects.create(username="owner-of-pages")
        act_for(firm, owner)
        official = make_user("official", is_staff=True, is_superuser=True)
        world = World(firm=firm, owner=owner, official=official, version=in_force())
        world.grow(1)
        found: dict[str, list[str]] = {}
        for name in named_pages():
            if name in NO_PAGES or (where := address(name, world)) is None:
                continue
            people = [official] if name.startswith("admin:") else [None, owner]
            for user in people:
                seen = looked_at(visitor(user), where, is_signed_in=user is not None)
                found[f"{name} as {user or 'a stranger'}"] = seen
        return found


def test_no_answer_has_a_fault(faults: dict[str, list[str]]) -> None:
    assert len(faults) > 300
    assert {name: seen for name, seen in faults.items() if seen} == {}


@pytest.mark.parametrize("how", ODD)
def test_what_is_no_page_is_protected_like_one(how: str) -> None:
    answer: HttpResponseBase = ODD[how](visitor(None))  # type: ignore[no-untyped-call]
    assert answer.status_code == 200 or answer.status_code >= 400
    path = answer.request["PATH_INFO"]  # type: ignore[attr-defined]
    assert list(faults_of(answer, path=path, is_signed_in=False)) == []


def test_an_error_of_ours_shows_nothing_of_the_inside(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> None:
    def break_down(**_asked: object) -> None:
        raise RuntimeError("a secret of the inside")

    assert settings.DEBUG is False
    monkeypatch.setattr(cockpit_views, "figures", break_down)
    answer = visitor(None).get(reverse("cockpit"))
    assert answer.status_code == 500
    assert "secret" not in answer.content.decode()
    assert list(faults_of(answer, path="/", is_signed_in=False)) == []


@pytest.mark.parametrize("file", ["qinqing/tokens.css", "qinqing/logo.svg"])
def test_files_beside_the_pages_are_taken_for_what_they_are(file: str) -> None:
    answer = visitor(None).get(f"/static/{file}")
    assert answer.status_code == 200
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert not {"Server", "X-Powered-By"} & set(answer.headers)


BROKEN = {
    '<script src="https://cdn.example.org/a.js"></script>': "leads to https://cdn.example.org",
    '<link rel="stylesheet" href="//fonts.example.org/a.css">': "leads to //fonts.example.org",
    '<img src="http://127.0.0.1/a.png">': "leads to http://127.0.0.1",
    '<a href="javascript:alert(1)">x</a>': "leads to javascript:",
    '<button onclick="go()">x</button>': "is a script in the page",
    "<script>go()</script>": "a script stands in the page",
    '<p style="color: red">x</p>': "is a style in the page",
    '<form method="post"><input name="x"></form>': "without a token",
    '<form><input type="password" name="p"></form>': "would stand in an address",
    '<a target="_blank" href="/x">x</a>': "a new window",
    '<meta name="generator" content="x 1.2">': "what made it",
}


@pytest.mark.parametrize("markup", BROKEN)
def test_the_rules_find_what_they_look_for(markup: str) -> None:
    (found,) = faults_of_markup(markup, is_admin=False)
    assert BROKEN[markup] in found


def test_the_rules_find_a_page_without_protection(owner: Client, without_headers: Callable[[str], list[str]]) -> None:
    for name in ("X-Content-Type-Options", "Content-Security-Policy", "Permissions-Policy", "Cache-Control"):
        assert without_headers(name), name


@pytest.fixture
def without_headers(owner: Client) -> Callable[[str], list[str]]:
    """The faults of a page of an owner from whose answer one header was taken."""

    def look(name: str) -> list[str]:
        answer = owner.get(reverse("firms"))
        del answer.headers[name]
        return list(faults_of(answer, path="/", is_signed_in=True))

    return look


def test_production_sends_cookies_over_tls_alone_and_shows_no_traces() -> None:
    asked = (
        "from qinqing import settings as s; print(s.DEBUG, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,"
        " s.LANGUAGE_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE, s.SECURE_HSTS_SECONDS)"
    )
    assert start(asked, **TOLD).stdout == "False True True True True Lax 31536000\n"
