"""An owner in a real browser signs in, sees her firms, clicks once, and watches the money arrive."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from companies.models import User
from tests.browser.conftest import DESKTOP, PHONE, Visitor
from tests.factories.people import give_rights

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


def test_an_owner_on_a_phone_claims_and_is_paid(
    city: list[str], visit: Callable[..., Visitor], bank_opens: Callable[..., object]
) -> None:
    owner = visit(**PHONE)
    page = owner.page
    owner.opens("/")
    owner.is_pictured("home-phone-zh")
    owner.signs_in("owner")
    expect(page).to_have_url(f"{owner.address}/firms/{city[0]}/")
    expect(page.get_by_role("heading", name="现在可兑付")).to_be_visible()
    owner.is_pictured("firm-phone-zh")
    total = page.locator("strong[data-sum]").inner_text()
    assert total.startswith("¥")
    page.get_by_label("本企业确认承诺书").check()
    page.click("form[data-claim] [data-submit]")
    expect(page.get_by_role("heading", name="款项正在路上")).to_be_visible()
    owner.is_pictured("progress-phone-zh")
    with bank_opens():
        # Nobody touches the page: it asks the server by itself until all payouts are final.
        expect(page.get_by_role("heading", name="款项已到账")).to_be_visible()
    expect(page.locator(".arrived .sum")).to_have_text(total)
    owner.is_pictured("paid-phone-zh")
    page.locator("tbody th a").first.click()
    expect(page.get_by_text("办理过程")).to_be_visible()
    expect(page.locator(".timeline li").last).to_contain_text("已到账")
    owner.is_pictured("receipt-phone-zh", whole=True)
    owner.opens(f"/firms/{city[0]}/")
    expect(page.get_by_text("目前没有可兑付的补贴")).to_be_visible()


def test_an_accountant_at_a_desk_chooses_a_firm_unticks_a_person_and_the_sum_follows(
    city: list[str], visit: Callable[..., Visitor], bank_opens: Callable[..., object]
) -> None:
    accountant = visit(language="en-GB", **DESKTOP)
    page = accountant.page
    accountant.signs_in("accountant")
    expect(page.get_by_role("heading", name="Which firm?")).to_be_visible()
    accountant.is_pictured("firms-desktop-en")
    page.locator("tr", has=page.locator(".amount")).first.get_by_role("link").first.click()
    accountant.is_pictured("firm-desktop-en")
    before = page.locator("strong[data-sum]").inner_text()
    people = page.locator("details", has=page.locator("input[name=line]")).first
    people.locator("summary").click()
    line = people.locator("input[name=line]").first
    worth = int(line.get_attribute("data-fen") or 0)
    line.uncheck()
    # Also where the script comes after the tick.
    expect(page.locator("strong[data-sum]")).to_have_text(f"¥{(fen(before) - worth) / 100:,.2f}")
    page.get_by_label("The firm accepts the commitment").check()
    with bank_opens():
        page.click("form[data-claim] [data-submit]")
        expect(page.get_by_role("heading", name="The money has arrived")).to_be_visible()
    accountant.is_pictured("paid-desktop-en")
    assert fen(page.locator(".arrived .sum").inner_text()) == fen(before) - worth
    accountant.opens("/firms/")
    accountant.opens("/cockpit/")
    expect(page.get_by_text("firms (distinct)").first).to_be_visible()
    accountant.is_pictured("cockpit-desktop-en", whole=True)


def fen(shown: str) -> int:
    return int(shown.removeprefix("¥").replace(",", "").replace(".", ""))


def test_why_a_policy_is_not_ones_own_comes_when_one_scrolls_to_it(
    city: list[str], visit: Callable[..., Visitor]
) -> None:
    owner = visit(language="en-GB", **DESKTOP)
    page = owner.page
    owner.signs_in("owner")
    others = page.locator("article.offer-fixed")
    expect(others.first).to_contain_text("See which condition is missing")
    others.first.scroll_into_view_if_needed()
    expect(others.first.locator(".mark-no, .mark-unknown").first).to_be_visible()
    owner.is_pictured("reasons-desktop-en")


def test_everything_works_without_scripts(
    city: list[str], visit: Callable[..., Visitor], bank_opens: Callable[..., object]
) -> None:
    owner = visit(language="en-GB", scripts=False, **DESKTOP)
    page = owner.page
    owner.signs_in("owner")
    page.get_by_role("link", name="See which condition is missing").first.click()
    expect(page.locator(".mark-no, .mark-unknown").first).to_be_visible()
    page.get_by_role("link", name="Back to the firm’s page").click()
    page.get_by_label("The firm accepts the commitment").check()
    page.click("form[data-claim] button")
    expect(page.get_by_role("heading", name="Your money is on its way")).to_be_visible()
    with bank_opens():
        # The page loads itself again.
        expect(page.get_by_role("heading", name="The money has arrived")).to_be_visible()


def claims_by_keyboard(owner: Visitor) -> Page:
    """Sign in and claim by keys alone."""
    page = owner.page
    owner.signs_in("owner")
    page.get_by_label("本企业确认承诺书").press("Space")
    page.locator("form[data-claim] [data-submit]").press("Enter")
    expect(page.get_by_role("heading", name="款项正在路上")).to_be_visible()
    return page


def test_whoever_watches_by_keyboard_and_ear_keeps_the_place_and_hears_what_changes(
    city: list[str], visit: Callable[..., Visitor], bank_opens: Callable[..., object]
) -> None:
    page = claims_by_keyboard(visit(**DESKTOP))
    page.locator("#payouts a").first.focus()
    # What was heard came with the first answer, so that the page was brought anew.
    expect(page.locator("#heard")).to_have_text("款项正在路上")
    assert page.evaluate("document.activeElement.id").startswith("payout-")
    with bank_opens():
        # One of the policies publicises its payouts first.
        expect(page.locator("#heard")).to_have_text(re.compile("款项已到账"))
    assert page.evaluate("document.activeElement.id").startswith("payout-")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="打印或保存")).to_be_visible()


def test_whose_session_ended_is_led_to_the_door_and_finds_it_in_no_piece_of_a_page(
    city: list[str], visit: Callable[..., Visitor]
) -> None:
    page = claims_by_keyboard(visit(**DESKTOP))
    Session.objects.all().delete()
    # The page asks the server by itself.
    expect(page).to_have_url(re.compile("/sign-in/"))
    expect(page.locator("header.site")).to_have_count(1)


def test_who_calculates_by_keyboard_keeps_the_place_and_is_told_when_no_answer_comes(
    city: list[str], visit: Callable[..., Visitor]
) -> None:
    citizen = visit(language="en-GB", **DESKTOP)
    page = citizen.page
    citizen.opens("/policies/P-01/calculator/")
    page.locator("#calculate").press("Enter")
    expect(page.locator("#heard")).to_have_text(re.compile(".+"))
    assert page.evaluate("document.activeElement.id") == "calculate"
    page.route("**/calculator/", lambda asked: asked.abort())
    page.locator("#calculate").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("No answer came.")
    page.unroute("**/calculator/")
    page.locator("#calculate").press("Enter")
    expect(page.get_by_role("alert")).to_have_count(0)
    # The browser itself reports requests that were cut off.
    citizen.faults.clear()


def test_the_language_is_switched_where_one_stands_and_the_commitment_comes_before_the_click(
    city: list[str], visit: Callable[..., Visitor]
) -> None:
    owner = visit(**PHONE)
    page = owner.page
    owner.signs_in("owner")
    address = page.url
    page.get_by_role("button", name="English").click()
    expect(page).to_have_url(address)
    expect(page.get_by_role("heading", name="You can claim now")).to_be_visible()
    owner.is_pictured("firm-phone-en")
    page.click("form[data-claim] [data-submit]")
    assert page.evaluate("document.activeElement.id") == "is_accepted"
    assert page.url == address
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", name="现在可兑付")).to_be_visible()


def test_no_page_is_wider_than_a_phone(city: list[str], visit: Callable[..., Visitor]) -> None:
    owner = visit(**PHONE)
    pages = ["/", "/cockpit/", "/policies/P-01/", "/publicity/?q=x", "/sign-in/"]
    firm = [f"/firms/{city[0]}/{path}" for path in ("", "claims/", "account/", "policies/P-07/")]
    for path in [*pages, *firm]:
        if path == firm[0]:
            owner.signs_in("owner")
        owner.opens(path)
        for summary in owner.page.locator("summary").all():
            summary.click()
        assert owner.page.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"], path


def test_officials_see_the_admin_under_its_own_content_policy(city: list[str], visit: Callable[..., Visitor]) -> None:
    officer = visit(language="en-GB", **DESKTOP)
    officer.signs_in("officer")
    expect(officer.page).to_have_url(f"{officer.address}/admin/")
    officer.is_pictured("admin-desktop-en")


def test_an_official_may_tick_and_still_not_claim(city: list[str], visit: Callable[..., Visitor]) -> None:
    give_rights(User.objects.get(username="owner"), is_staff=True)
    official = visit(language="en-GB", **DESKTOP)
    page = official.page
    official.signs_in("owner")
    official.opens(f"/firms/{city[0]}/")
    button = page.locator("form[data-claim] [data-submit]")
    expect(button).to_be_disabled()
    page.locator("input[name=offer]").first.uncheck()
    page.locator("input[name=offer]").first.check()
    expect(button).to_be_disabled()
