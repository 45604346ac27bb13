"""An officer writes a condition with the editor's suggestions, by keys alone, and sees how many subjects meet it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import DESKTOP, PHONE, Visitor, one_more, press
from tests.browser.test_desk import address, draft_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


def a_new_condition(page: Page) -> tuple[Locator, Locator, Locator]:
    """A new condition with the cursor in it: its field, its editor, and the suggestions."""
    one_more(page, "clauses")
    field = page.locator("textarea.feel[name^=clauses]:not([name*=__prefix__])").last
    field.click()
    editor = field.locator("xpath=ancestor::*[contains(@class, 'feel-editor')]")
    return field, editor, editor.locator("[role=listbox] [role=option]")


def at_the_desk(officer: Visitor) -> Page:
    """The page of a draft before an officer who has signed in."""
    officer.signs_in("officer")
    officer.opens(address(draft_of("P-07")))
    return officer.page


def suggested(options: Locator, *, until: int) -> None:
    """Wait for the suggestions at this place; those for the letter before may still be shown."""
    expect(options.first).to_have_attribute("data-until", str(until))


@pytest.mark.parametrize(("language", "device"), [("en-GB", DESKTOP), ("zh-CN", PHONE)])
def test_a_condition_is_written_by_keys_alone_and_counted(
    city: list[str], visit: Callable[..., Visitor], language: str, device: dict[str, object]
) -> None:
    officer = visit(language=language, **device)
    page = at_the_desk(officer)
    field, editor, options = a_new_condition(page)
    page.keyboard.type("comp")
    suggested(options, until=len("comp"))
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    assert field.input_value() == "company."
    expect(options.locator("code", has_text="size")).to_be_visible()
    page.keyboard.type("siz")
    suggested(options, until=len("company.siz"))
    expect(options).to_have_count(1)
    expect(field).to_have_attribute("aria-activedescendant", options.first.get_attribute("id") or "")
    officer.is_pictured(f"suggestions-{language}")
    page.keyboard.press("Tab")
    assert field.input_value() == "company.size"
    expect(field).to_be_focused()
    page.keyboard.type(" = ")
    suggested(options, until=len("company.size = "))
    expect(options).to_have_count(4)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert field.input_value() == 'company.size = "small"'
    expect(options).to_have_count(0)
    count = editor.locator(".feel-counts")
    expect(count).to_be_visible()
    expect(count).to_contain_text("20")
    assert page.evaluate("document.documentElement.scrollWidth") <= device["viewport"]["width"]
    officer.is_pictured(f"counted-{language}")
    # The browser undoes what it wrote itself.
    page.keyboard.press("Control+z")
    expect(field).not_to_have_value('company.size = "small"')


def test_a_day_carries_no_mark_of_a_fault_where_the_browser_lives_in_another_time_zone(
    city: list[str], visit: Callable[..., Visitor]
) -> None:
    abroad = visit(timezone_id="America/New_York", **DESKTOP)
    abroad.signs_in("officer")
    abroad.opens("/admin/policies/policyversion/add/")
    expect(abroad.page.locator("[name=as_of_on] ~ .datetimeshortcuts")).to_be_visible()
    # Django warns beside every date field; its sign looks like a refusal and is none.
    expect(abroad.page.locator(".timezonewarning").first).to_be_attached()
    expect(abroad.page.locator(".timezonewarning").locator("visible=true")).to_have_count(0)


def test_escape_closes_and_keys_are_the_fields_own_again(city: list[str], visit: Callable[..., Visitor]) -> None:
    page = at_the_desk(visit())
    field, editor, options = a_new_condition(page)
    page.keyboard.type("企业.")
    suggested(options, until=len("企业."))
    expect(options.locator("code", has_text="企业规模")).to_be_visible()
    page.keyboard.press("Escape")
    expect(options).to_have_count(0)
    # The answer to one key arrives before the next key is pressed.
    with page.expect_response("**/suggest-rule/**"):
        page.keyboard.press("Enter")
    assert field.input_value() == "企业.\n"
    with page.expect_response("**/suggest-rule/**"):
        page.keyboard.press("Alt+ArrowDown")
    expect(options.first).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(field).not_to_be_focused()
    # The Enter key does not change a complete word.
    field.fill("")
    page.keyboard.type("tax")
    suggested(options, until=len("tax"))
    expect(editor.locator("[aria-selected=true]")).to_have_count(0)
    page.keyboard.press("Enter")
    assert field.input_value() == "tax\n"


def test_no_word_of_fewer_letters_is_taken_and_none_comes_after_escape(
    city: list[str], visit: Callable[..., Visitor]
) -> None:
    page = at_the_desk(visit(language="en-GB"))
    field, _editor, options = a_new_condition(page)
    page.keyboard.type("com")
    suggested(options, until=len("com"))
    held: list[Route] = []
    page.route("**/suggest-rule/**", lambda route: held.append(route))
    with page.expect_request("**/suggest-rule/**"):
        page.keyboard.type("p")
    page.keyboard.press("Enter")
    assert field.input_value() == "comp"
    held[0].continue_()
    page.unroute("**/suggest-rule/**")
    suggested(options, until=len("comp"))
    page.keyboard.press("Enter")
    assert field.input_value() == "company."
    suggested(options, until=len("company."))
    page.keyboard.type("s")
    page.keyboard.press("Escape")
    page.wait_for_timeout(1000)
    expect(options).to_have_count(0)


def test_typing_on_asks_the_database_for_no_count(city: list[str], visit: Callable[..., Visitor]) -> None:
    officer = visit()
    page = officer.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "count-rule" in request.url else None)
    officer.signs_in("officer")
    version = draft_of("P-07")
    officer.opens(address(version))
    # Each existing rule is counted once, some later than others.
    expect(page.locator(".feel-counts")).to_have_count(version.clauses.count() + 1)
    asked.clear()
    field = page.locator("textarea[name=clauses-0-feel]")
    field.fill("")
    field.click()
    page.keyboard.type('company.size = "small" and company.size != "large" and true and true', delay=40)
    expect(page.locator(".feel-editor", has=field).locator(".feel-counts")).to_be_visible()
    assert len(asked) <= 2


def test_cells_of_a_decision_table_are_completed_by_what_their_column_asks(
    city: list[str], visit: Callable[..., Visitor]
) -> None:
    officer = visit(language="en-GB")
    page = at_the_desk(officer)
    one_more(page, "tables")
    frames = page.locator("#tables-group .grid-frame")
    # An officer writes an input's value as she writes a rule.
    input_ = frames.nth(0).locator("tbody input").nth(2)
    options = page.locator("#tables-group [role=listbox] [role=option]")
    input_.click()
    page.keyboard.type("company.siz")
    suggested(options, until=len("company.siz"))
    expect(options).to_have_count(1)
    page.keyboard.press("Enter")
    expect(input_).to_have_value("company.size")
    # The cell below tests that input, whose values the editor knows.
    cell = frames.nth(1).locator("tbody input").nth(0)
    cell.click()
    page.keyboard.type('"s')
    expect(options).to_have_count(1)
    officer.is_pictured("suggestions-in-a-cell")
    page.keyboard.press("Enter")
    expect(cell).to_have_value('"small"')
    assert '"small"' in page.locator("[name$=-rows][name^=tables]:not([name*=__prefix__])").input_value()


def test_a_fact_that_is_clicked_goes_into_the_cell_that_was_written_in(
    city: list[str], visit: Callable[..., Visitor]
) -> None:
    officer = visit(language="en-GB", **DESKTOP)
    page = at_the_desk(officer)
    rule = page.locator("textarea.feel[name=amount_feel]")
    rule.click()
    written = rule.input_value()
    one_more(page, "tables")
    frames = page.locator("#tables-group .grid-frame")
    cell = frames.nth(0).locator("tbody input").nth(2)
    cell.click()
    word = page.locator("[data-vocabulary] [data-insert='company.size']").first
    word.dispatch_event("mousedown")
    word.dispatch_event("click")
    expect(cell).to_have_value("company.size")
    assert rule.input_value() == written
    # A deleted cell takes no suggestion, and no other cell takes it instead.
    press(frames.nth(0).locator("tbody tr").first.get_by_role("button", name="Remove this row"))
    word.dispatch_event("click")
    assert rule.input_value() == written
    expect(cell).to_have_value("")


def test_the_tests_of_a_table_go_with_their_input(city: list[str], visit: Callable[..., Visitor]) -> None:
    officer = visit(language="en-GB", **DESKTOP)
    page = at_the_desk(officer)
    one_more(page, "tables")
    inputs, tiers = (page.locator("#tables-group .grid-frame").nth(place) for place in (0, 1))
    tiers_posted = page.locator("[name$=-rows][name^=tables]:not([name*=__prefix__])")
    inputs.locator("input").nth(2).fill("company.staff")
    press(inputs.locator(":scope > .grid-button"))
    inputs.locator("tbody tr").nth(1).locator("input").nth(2).fill("tax[year = 2024].revenue")
    for place, text in enumerate(("< 20", "< 5000000", "3000")):
        tiers.locator("tbody tr").first.locator("input").nth(place).fill(text)
    assert tiers_posted.input_value() == "< 20\t< 5000000\t3000"

    # The officer empties the cell, and writes it again.
    feel = inputs.locator("tbody tr").nth(1).locator("input").nth(2)
    feel.fill("")
    feel.fill("tax[year = 2025].revenue")
    assert tiers_posted.input_value() == "< 20\t< 5000000\t3000"
    press(inputs.locator("tbody tr").nth(1).get_by_role("button", name="Move this row up"))
    assert tiers_posted.input_value() == "< 5000000\t< 20\t3000"
    expect(tiers.locator("th").first).to_have_text("tax[year = 2025].revenue")
    officer.is_pictured("table-inputs-swapped-en")
    press(inputs.locator("tbody tr").first.get_by_role("button", name="Remove this row"))
    assert tiers_posted.input_value() == "< 20\t3000"
    # An empty input asks for no suggestions.
    press(inputs.locator(":scope > .grid-button"))
    assert tiers_posted.input_value() == "< 20\t3000"


def test_a_condition_of_the_library_is_completed_and_looked_at(city: list[str], visit: Callable[..., Visitor]) -> None:
    officer = visit(language="en-GB")
    page = officer.page
    officer.signs_in("officer")
    officer.opens("/admin/policies/namedclause/add/")
    field = page.locator("textarea.feel")
    options = page.locator("[role=listbox] [role=option]")
    field.click()
    page.keyboard.type("company.siz")
    suggested(options, until=len("company.siz"))
    expect(options).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.type(' = "small"')
    expect(page.locator(".feel-right")).to_be_visible()
    # A condition about people has suggestions, too.
    field.fill("employee.insured_months >= 6")
    expect(page.locator(".feel-right")).to_contain_text("6")
    expect(page.locator(".feel-wrong")).to_have_count(0)
    officer.is_pictured("library-suggestions")
