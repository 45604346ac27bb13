"""A firm's first sign-in in a real browser, through the identity provider's own process: bind, authorise, invite."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import LazySettings
from playwright.sync_api import expect

from companies.models import Company, DataAuthorisation, Membership
from qinqing.demo.identities import list_persons
from tests.browser.conftest import DESKTOP, PHONE, Visitor
from tests.identity import Simulator, running_simulator, trust

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def simulator(live_server: Any, settings: LazySettings, tmp_path: Path) -> Iterator[Simulator]:
    port = urlsplit(str(live_server)).port
    assert port is not None
    with running_simulator(tmp_path / "identity", web_port=port) as running:
        trust(settings, running.url)
        policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
        origin = running.url.removesuffix("/o")
        settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": policy | {"form-action": ["'self'", origin]}}
        yield running


def comes_by_the_city(visitor: Visitor, name: str) -> None:
    """Press the button of the sign-in page, and choose a person at the provider."""
    visitor.page.locator(f"form[action='{CITY}'] button").click()
    visitor.page.get_by_role("button", name=name).click()


CITY = "/sign-in/city/"


def test_a_representative_binds_a_firm_and_a_colleague_prepares_for_it(
    city: list[str], simulator: Simulator, visit: Callable[..., Visitor]
) -> None:
    persons = list_persons(cast=city)
    simulator.knows(*persons)
    firm = Company.objects.get(credit_code=persons[0].legal_persons[0].credit_code)
    owner = visit(**PHONE)
    owner.opens("/sign-in/")
    owner.is_pictured("sign-in-city-phone-zh")
    comes_by_the_city(owner, "王芳")
    expect(owner.page.get_by_role("heading", name=firm.name)).to_be_visible()
    owner.is_pictured("first-sign-in-phone-zh", whole=True)
    owner.page.get_by_label("本企业按上述内容授权使用数据").check()
    owner.page.get_by_role("button", name="绑定企业并授权").click()
    expect(owner.page.get_by_text("企业已绑定")).to_be_visible()
    owner.is_pictured("members-phone-zh", whole=True)
    assert DataAuthorisation.objects.get().company == firm
    assert Membership.objects.get(company=firm, capacity="representative").role == "acceptor"

    owner.page.get_by_label("同事姓名").fill("赵敏")
    owner.page.get_by_role("button", name="生成邀请链接").click()
    link = owner.page.locator("[data-invitation]").inner_text()
    owner.is_pictured("invited-phone-zh", whole=True)

    colleague = visit(language="en-GB", **DESKTOP)
    colleague.page.goto(link)
    comes_by_the_city(colleague, "赵敏")
    expect(colleague.page.get_by_text("invites you to act for this firm as preparer")).to_be_visible()
    colleague.is_pictured("invitation-desktop-en")
    colleague.page.get_by_role("button", name="Act for this firm").click()
    expect(colleague.page.get_by_text("You act for this firm from now on")).to_be_visible()
    colleague.is_pictured("preparer-desktop-en")
    hand_over = colleague.page.get_by_role("button", name="Hand over to be signed")
    if hand_over.count():
        hand_over.click()
        expect(colleague.page.get_by_text("prepared a claim")).to_be_visible()
        colleague.is_pictured("prepared-desktop-en")
    colleague.opens(f"/firms/{firm.credit_code}/members/")
    expect(colleague.page.get_by_role("heading", name="Who acts for this firm")).to_be_visible()
    colleague.is_pictured("members-desktop-en", whole=True)


def test_the_first_page_on_a_desktop_in_english(
    city: list[str], simulator: Simulator, visit: Callable[..., Visitor]
) -> None:
    simulator.knows(*list_persons(cast=city))
    owner = visit(language="en-GB", **DESKTOP)
    owner.opens("/sign-in/")
    owner.is_pictured("sign-in-city-desktop-en")
    comes_by_the_city(owner, "王芳")
    expect(owner.page.get_by_role("heading", name="Welcome")).to_be_visible()
    owner.is_pictured("first-sign-in-desktop-en", whole=True)
