"""An officer at her desk in a real browser: the page marks a wrong name, inserts a fact, and previews a draft."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from policies.authoring.draft import copy_version
from policies.models import Policy, PolicyVersion
from tests.browser.conftest import DESKTOP, PHONE, Visitor, one_more, press

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]
WIDE = {"viewport": {"width": 1600, "height": 1000}}


def draft_of(code: str) -> PolicyVersion:
    return copy_version(version=Policy.objects.get(code=code).versions.latest("number"))


def address(version: PolicyVersion, page: str = "change") -> str:
    return f"/admin/policies/policyversion/{version.pk}/{page}/"


def test_a_wrong_name_is_marked_where_it_stands_and_the_rule_is_said_in_words(
    city: list[str], visit: Callable[..., Visitor]
) -> None:
    version = draft_of("P-07")
    officer = visit(language="en-GB", **WIDE)
    page = officer.page
    officer.signs_in("officer")
    officer.opens(address(version))
    amount = page.locator("textarea[name=amount_feel]")
    editor = page.locator(".feel-editor", has=amount)
    expect(editor.locator(".feel-right")).to_be_visible()
    expect(page.locator(".feel-right")).to_have_count(version.clauses.count() + 1)
    officer.is_pictured("editor-desktop-en", whole=True)

    amount.fill("company.revenu * 2")
    expect(editor.locator(".feel-wrong")).to_contain_text("revenu")
    expect(editor.locator(".feel-ground mark")).to_have_text("revenu")
    expect(editor.locator(".feel-excerpt")).to_contain_text("^^^^^^")
    assert amount.input_value() == "company.revenu * 2"
    officer.is_pictured("editor-wrong-desktop-en")

    amount.fill("")
    amount.press("Control+ ")
    search = page.locator("[data-vocabulary-search]")
    expect(search).to_be_focused()
    search.fill("tax.revenue")
    search.press("Enter")
    expect(amount).to_be_focused()
    assert amount.input_value() == "tax[year = ].revenue"
    page.keyboard.type("2024")
    assert amount.input_value() == "tax[year = 2024].revenue"
    expect(editor.locator(".feel-right")).to_contain_text("2024")
    # The browser's own keys undo the change and make it again.
    press(editor.get_by_role("button", name="Write with Chinese names"))
    expect(amount).not_to_have_value("tax[year = 2024].revenue")
    amount.press("Control+z")
    expect(amount).to_have_value("tax[year = 2024].revenue")


def test_a_condition_that_is_added_is_checked_too_and_facts_are_found_in_chinese(
    city: list[str], visit: Callable[..., Visitor]
) -> None:
    version = draft_of("P-07")
    officer = visit(**PHONE)
    page = officer.page
    officer.signs_in("officer")
    officer.opens(address(version))
    one_more(page, "clauses")
    field = page.locator("textarea.feel[name^=clauses]:not([name*=__prefix__])").last
    editor = field.locator("xpath=ancestor::*[contains(@class, 'feel-editor')]")
    press(editor.get_by_role("button", name="事实与句式"))
    search = page.locator("[data-vocabulary-search]")
    search.fill("企业规模")
    officer.is_pictured("catalogue-phone-zh")
    search.press("ArrowDown")
    page.keyboard.press("Enter")
    assert field.input_value() == "企业.企业规模"
    page.keyboard.type(' = "small"')
    expect(editor.locator(".feel-right")).to_contain_text("等于")
    officer.is_pictured("editor-phone-zh")


@pytest.mark.parametrize(("language", "device"), [("zh-CN", DESKTOP), ("en-GB", PHONE)])
def test_a_draft_is_previewed_and_compared(
    city: list[str], visit: Callable[..., Visitor], language: str, device: dict[str, object]
) -> None:
    version = draft_of("P-14")
    officer = visit(language=language, **device)
    page = officer.page
    officer.signs_in("officer")
    officer.opens(address(version, "who-matches"))
    expect(page.locator(".desk-kind-exact")).to_be_visible()
    assert page.locator(".desk-funnel > li").count() == version.clauses.count() + 1
    page.locator(".desk-samples summary").first.click()
    expect(page.locator(".desk-clauses").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= device["viewport"]["width"]
    officer.is_pictured(f"preview-{language}", whole=True)
    officer.opens(address(version, "back-test"))
    expect(page.locator(".officer-figures")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= device["viewport"]["width"]
    officer.is_pictured(f"back-test-{language}", whole=True)


@pytest.mark.parametrize(("language", "device"), [("zh-CN", PHONE), ("en-GB", DESKTOP)])
def test_anybody_tries_a_policy_on_facts_of_his_own(
    city: list[str], visit: Callable[..., Visitor], language: str, device: dict[str, object]
) -> None:
    guest = visit(language=language, **device)
    page = guest.page
    guest.opens("/calculator/")
    guest.is_pictured(f"calculators-{language}", whole=True)
    page.locator("a[href='/policies/P-14/calculator/']").click()
    expect(page.locator(".calculator fieldset").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= device["viewport"]["width"]
    page.locator("[data-submit]").click()
    expect(page.locator(".calculator-unknown")).to_be_visible()
    page.locator("select[name=company-0-size]").select_option("small")
    for name, value in {"paid_months": "12", "layoff_rate": "0.12", "year_end_insured": "25"}.items():
        field = page.locator(f"input[name^=insurance_year-][name$={name}]")
        if field.count():
            field.first.fill(value)
    guest.is_pictured(f"calculator-form-{language}")
    for field in page.locator("input[name^=insurance_year-]").all():
        if not field.input_value():
            field.fill("120000")
    page.locator("[data-submit]").click()
    expect(page.locator(".calculator-yes, .calculator-no")).to_be_visible()
    guest.is_pictured(f"calculated-{language}", whole=True)


@pytest.mark.parametrize(("language", "device"), [("zh-CN", PHONE), ("en-GB", DESKTOP)])
def test_one_more_entry_is_added_in_place_and_enter_calculates(
    city: list[str], visit: Callable[..., Visitor], language: str, device: dict[str, object]
) -> None:
    guest = visit(language=language, **device)
    page = guest.page
    guest.opens("/policies/P-21/calculator/")
    rows = page.locator(".calculator fieldset", has=page.locator(".calculator-add")).first.locator(".calculator-row")
    before = rows.count()
    page.locator(".calculator-add").first.click()
    expect(rows).to_have_count(before + 1)
    for once in ("#calculator", "header.top, body > header", "h1"):
        assert page.locator(once).count() <= 1
    guest.is_pictured(f"calculator-one-more-{language}")
    page.locator(".calculator input:not([type=hidden])").first.press("Enter")
    expect(page.locator(".calculator-yes, .calculator-no, .calculator-unknown")).to_be_visible()
    assert rows.count() == before + 1


def test_a_refused_save_says_each_fault_once(city: list[str], visit: Callable[..., Visitor]) -> None:
    version = draft_of("P-07")
    officer = visit(language="en-GB")
    page = officer.page
    officer.signs_in("officer")
    officer.opens(address(version))
    page.fill("textarea[name=amount_feel]", "company.revenu * 2")
    page.fill("textarea[name=clauses-0-feel]", "company.siez = 1")
    press(page.locator("[name=_continue]").first)
    expect(page.locator(".feel-wrong")).to_have_count(2)
    for name in ("revenu", "siez"):
        expect(page.get_by_text(f"has no fact “{name}”")).to_have_count(1)
