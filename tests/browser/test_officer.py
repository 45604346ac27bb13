"""Two officers in real browsers: one writes P-07 from an empty form and cannot publish it, the other publishes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import pytest
from playwright.sync_api import Page, expect

from policies.models import Policy, VersionStatus
from tests.browser.conftest import PHONE, Visitor, one_more, press

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]

POLICY = {
    "code": "P-07-2",
    "title_zh": "规上制造业企业三季度增产奖励（重写）",
    "title_en": "Third-quarter award for large manufacturers, written again",
}
NOW, BEFORE = '季度产值[季度 = "2023Q3"].产值', '季度产值[季度 = "2022Q3"].产值'
HALF = '(季度产值[季度 = "2023Q1"].产值 + 季度产值[季度 = "2023Q2"].产值)'
HALF_BEFORE = '(季度产值[季度 = "2022Q1"].产值 + 季度产值[季度 = "2022Q2"].产值)'
FIELDS = {
    "period_label": "2023Q3",
    "as_of_on": "2023-09-30",
    "amount_feel": f"floor(({NOW} - {BEFORE}) / 10000000) * step_award",
    "cap_cny": "10000000",
    "granted_cny": "60000000",
    "publicise_days": "7",
    "opens_on": "2026-01-01",
    "commitment_zh": "本企业承诺所报产值属实。",
}
CLAUSES = {
    "制造业企业": 'starts with(企业.行业代码, "C")',
    "非国有": '企业.所有制 != "state"',
    "三季度产值 1 亿元以上": f"{NOW} >= 100000000",
    "增长 5% 以上且高于上半年，或 15% 以上": f"({NOW} >= {BEFORE} * 1.05"
    f" and {NOW} / {BEFORE} > {HALF} / {HALF_BEFORE}) or {NOW} >= {BEFORE} * 1.15",
}
EXAMPLE = (
    ("企业.行业代码", "", "C3511"),
    ("企业.所有制", "", "private"),
    ("季度产值.季度", "1", "2023Q3"),
    ("季度产值.产值", "1", "656900000"),
    ("季度产值.季度", "2", "2022Q3"),
    ("季度产值.产值", "2", "500000000"),
)


def fill(page: Page, values: Mapping[str, str]) -> None:
    for name, value in values.items():
        page.fill(f"[name={name}]", value)


def write_grid(page: Page, prefix: str, rows: tuple[tuple[str, ...], ...]) -> None:
    """Fill a small table cell by cell, and add a row for each further line."""
    frame = page.locator(f"#id_{prefix}").locator("xpath=preceding-sibling::div[contains(@class, 'grid-frame')]")
    for place, row in enumerate(rows):
        if place:
            press(frame.locator(":scope > .grid-button"))
        for column, text in enumerate(row):
            frame.locator("tbody tr").nth(place).locator("input").nth(column).fill(text)


def settle(page: Page) -> None:
    """Wait for the checks of the last text, which begin a moment after it is typed."""
    page.wait_for_timeout(500)
    expect(page.locator(".htmx-request")).to_have_count(0)


def step(page: Page, name: str) -> None:
    """Choose a step in the menu of a version's page."""
    settle(page)
    page.goto(page.url.rsplit("/change/", 1)[0] + f"/{name}/")


def save(page: Page) -> None:
    settle(page)
    press(page.locator("[name=_continue]").first)


def test_p07_is_built_from_an_empty_form_proved_and_published_by_a_second_officer(
    city: list[str], visit: Callable[..., Visitor]
) -> None:
    officer = visit()
    page = officer.page
    officer.signs_in("officer")
    officer.opens("/admin/policies/policy/add/")
    fill(page, POLICY)
    page.select_option("[name=department]", "statistics")
    page.locator("[name=_save]").first.click()

    officer.opens("/admin/policies/policyversion/add/")
    page.locator(".field-policy .select2-selection, .select2-selection").first.click()
    page.locator(".select2-search__field").fill("P-07-2")
    page.locator(".select2-results__option", has_text="P-07-2").click()
    page.select_option("[name=track]", "publicised")
    fill(page, FIELDS)
    for title, feel in CLAUSES.items():
        place = one_more(page, "clauses")
        fill(page, {f"clauses-{place}-title_zh": title, f"clauses-{place}-feel": feel})
    place = one_more(page, "parameters")
    fill(page, {f"parameters-{place}-name": "step_award", f"parameters-{place}-name_zh": "每步奖励"})
    write_grid(page, f"parameters-{place}-values", (("", "", "20,000"),))
    place = one_more(page, "examples")
    fill(page, {f"examples-{place}-title": "增产 1.569 亿元", f"examples-{place}-expected_cny": "310000"})
    page.select_option(f"[name=examples-{place}-expected_verdict]", "eligible")
    write_grid(page, f"examples-{place}-made_up", EXAMPLE)
    # Her rules know a definition on the page before she saves it.
    expect(page.locator(".feel-editor", has=page.locator("[name=amount_feel]")).locator(".feel-right")).to_be_visible()
    expect(page.locator(".feel-wrong")).to_have_count(0)
    officer.is_pictured("officer-form-desktop-zh", whole=True)
    save(page)
    version = Policy.objects.get(code="P-07-2").versions.get()
    assert version.clauses.count() == len(CLAUSES)

    # The example expects too much, so the page says so, and she corrects it.
    step(page, "submit")
    page.locator(".officer-button").click()
    expect(page.locator("body")).to_contain_text("预期 ¥310,000.00，实际为 ¥300,000.00")
    page.fill("[name=examples-0-expected_cny]", "300000")
    save(page)

    settle(page)
    page.locator("a", has_text=re.compile(r"^\s*查看")).locator("visible=true").first.click()
    page.locator("nav a", has_text="谁符合？").locator("visible=true").first.click()
    expect(page.locator(".desk-funnel > li")).to_have_count(len(CLAUSES) + 1)
    page.locator("a.officer-back").first.click()
    step(page, "submit")
    page.locator(".officer-button").click()
    expect(page.locator("body")).to_contain_text("等待另一位政策管理员复核")

    step(page, "publish")
    expect(page.locator(".officer-warning")).to_contain_text("须由他人发布")
    expect(page.locator(".officer-button")).to_have_count(0)
    officer.is_pictured("officer-not-herself-desktop-zh", whole=True)

    second = visit(language="en-GB", **PHONE)
    second.signs_in("officer2")
    second.opens(f"/admin/policies/policyversion/{version.pk}/publish/")
    review = second.page
    expect(review.locator("body")).to_contain_text("The first version: everything is new")
    expect(review.locator("body")).to_contain_text("300,000.00")
    assert review.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"]
    second.is_pictured("officer-review-phone-en", whole=True)
    review.check("#is-read")
    review.locator(".officer-button").click()
    expect(review.locator("body")).to_contain_text("is published")
    version.refresh_from_db()
    assert (version.status, version.published_by.username) == (VersionStatus.PUBLISHED, "officer2")
