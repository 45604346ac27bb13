"""A passkey in a real browser: added, signed in with, and asked for once more; and an app with codes."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Visitor
from tests.factories.companies import make_company, make_owner

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "qinqing-demo"


def has_an_authenticator(page: Page) -> None:
    """Give the browser a virtual authenticator, which says yes to everything."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def on_this_machine(visitor: Visitor) -> Visitor:
    """The same visitor at the name of the machine, because a passkey belongs to a name and not to an address."""
    return Visitor(visitor.page, visitor.address.replace("127.0.0.1", "localhost"), visitor.faults)


@pytest.mark.parametrize(("language", "device"), [("zh-CN", {}), ("en", PHONE)])
def test_a_passkey_signs_in_without_a_password(
    visit: Callable[..., Visitor], language: str, device: dict[str, object]
) -> None:
    make_owner(make_company("杭州清茶有限公司"), username="tea", password=PASSWORD)
    visitor = on_this_machine(visit(language=language, **device))
    page = visitor.page
    has_an_authenticator(page)
    name = f"{'phone' if device else 'desktop'}-{language[:2]}"

    visitor.opens("/sign-in/")
    visitor.is_pictured(f"passkey-sign-in-{name}", whole=True)
    visitor.signs_in("tea")
    visitor.opens("/second-factor/")
    visitor.is_pictured(f"second-factor-{name}", whole=True)
    page.click("a[href$='/webauthn/add/']")
    page.check("#id_passwordless")
    page.click("#passkey_add")
    expect(page).to_have_url(re.compile("/recovery-codes/"))
    visitor.is_pictured(f"recovery-codes-{name}", whole=True)

    page.click("form[action='/sign-out/'] button")
    visitor.opens("/sign-in/")
    page.click("#passkey_login")
    expect(page).to_have_url(re.compile("/firms/"))
    visitor.opens("/sessions/")
    visitor.is_pictured(f"sessions-{name}", whole=True)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_code_of_the_app_is_the_second_factor(visit: Callable[..., Visitor]) -> None:
    make_owner(make_company("杭州清茶有限公司"), username="tea", password=PASSWORD)
    visitor = visit(language="en")
    page = visitor.page
    visitor.signs_in("tea")
    visitor.opens("/second-factor/totp/activate/")
    secret = page.text_content("#totp_secret") or ""
    visitor.is_pictured("second-factor-app-desktop-en")

    def types_the_code() -> None:
        page.fill("#id_code", format_hotp_value(hotp_value(secret, int(time.time()) // 30)))
        page.click("[data-submit]")

    types_the_code()
    expect(page).to_have_url(re.compile("/recovery-codes/"))
    page.click("form[action='/sign-out/'] button")
    visitor.signs_in("tea")
    expect(page).to_have_url(re.compile("/second-factor/authenticate/"))
    visitor.is_pictured("second-factor-asked-desktop-en")
    types_the_code()
    expect(page).to_have_url(re.compile("/firms/"))
