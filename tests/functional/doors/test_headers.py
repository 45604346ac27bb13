"""Each answer carries the headers by which browsers protect it, and cookies that no script and no other site reads."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.unit.tools.test_environment import TOLD, start

pytestmark = pytest.mark.django_db

PUBLIC = ["home", "cockpit", "sign-in", "healthz"]
DESK = ["admin:index", "admin:payouts_payout_changelist", "admin:policies_policy_changelist", "desk"]
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def check(answer: object) -> None:
    headers = answer.headers  # type: ignore[attr-defined]
    assert {name: headers.get(name) for name in HEADERS} == HEADERS
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "object-src 'none'" in headers["Content-Security-Policy"]
    assert "camera=()" in headers["Permissions-Policy"]
    assert not {"Server", "X-Powered-By"} & set(headers)


@pytest.mark.parametrize("name", PUBLIC)
def test_public_pages_are_protected(name: str) -> None:
    check(Client().get(reverse(name)))


def test_a_page_that_is_not_there_is_protected() -> None:
    check(Client().get("/no-such-page/"))


@pytest.mark.parametrize("name", DESK)
def test_pages_of_officials_are_protected_and_kept_by_no_browser(name: str, browser: Callable[..., Client]) -> None:
    answer = browser("official", role="auditor").get(reverse(name))
    check(answer)
    assert "no-store" in answer.headers["Cache-Control"]


def test_cookies_are_read_by_no_script_and_sent_from_no_other_site() -> None:
    assert settings.SESSION_COOKIE_HTTPONLY
    assert settings.SESSION_COOKIE_SAMESITE == "Lax"
    cookies = Client()
    cookies.get(reverse("sign-in"))
    token = cookies.cookies[settings.CSRF_COOKIE_NAME]
    assert token["httponly"]
    assert token["samesite"] == "Lax"


def test_production_speaks_tls_alone() -> None:
    asked = (
        "from qinqing import settings as s; print(s.SECURE_HSTS_SECONDS, s.SESSION_COOKIE_SECURE,"
        " s.CSRF_COOKIE_SECURE, s.LANGUAGE_COOKIE_SECURE)"
    )
    assert start(asked, **TOLD).stdout == "31536000 True True True\n"
