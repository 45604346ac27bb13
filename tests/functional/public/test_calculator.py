"""The public calculator makes a form from the rules, and gives a verdict with reasons; a blank fact stays unknown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest
from django.core.cache import cache, caches
from django.test import Client
from django.utils import timezone

from policies import views
from policies.authoring.suspend import suspend_version
from policies.models import PolicyVersion
from policies.trial.questions import MOST_ROWS, questions
from qinqing.kernel.web.rate_limit import count_visit
from tests.factories.people import make_officer
from tests.factories.policies import break_clauses, make_draft, make_published

pytestmark = pytest.mark.django_db

_addresses = count(1)
OPENS = {"opens_on": timezone.localdate()}


@pytest.fixture(autouse=True)
def _nothing_is_remembered() -> None:
    cache.clear()


@pytest.fixture
def visitor() -> Iterator[Client]:
    """A client with an address of its own, so that tests do not use up each other's visits."""
    number = next(_addresses)
    return Client(headers={"accept-language": "en"}, REMOTE_ADDR=f"2001:db8::{timezone.now():%H%M%S%f}:{number:x}"[:39])


def address(version: PolicyVersion) -> str:
    return f"/policies/{version.policy.code}/calculator/"


def answer(visitor: Client, version: PolicyVersion, status: int = 200, **facts: str) -> str:
    response = visitor.post(address(version), {name.replace("__", "-"): value for name, value in facts.items()})
    assert response.status_code == status
    return response.content.decode()


def test_the_form_asks_what_the_rules_look_at_and_nothing_else(visitor: Client) -> None:
    version = make_published('company.size = "small"', "tax[year = 2024].revenue >= 100", **OPENS)
    page = visitor.get(address(version)).content.decode()
    assert '<select name="company-0-size"' in page
    assert 'value="small"' in page
    assert '<input type="text" name="tax-0-revenue"' in page
    assert "2024" in page
    assert "company-0-standing" not in page
    assert "tax-0-year" not in page


def test_facts_in_verdict_amount_and_reasons_out(visitor: Client) -> None:
    version = make_published(
        'company.size = "small"', "tax[year = 2024].revenue >= 100", amount="tax[year = 2024].revenue * 2", **OPENS
    )
    page = answer(visitor, version, company__0__size="small", tax__0__revenue="150.5")
    assert "calculator-yes" in page
    assert "¥301.00" in page
    page = answer(visitor, version, company__0__size="large", tax__0__revenue="150.5")
    assert "calculator-no" in page
    assert "Condition 1" in page
    assert "¥301.00" not in page.split("calculated", 1)[1].split("reasons")[0]


def test_what_is_left_open_is_unknown_and_named(visitor: Client) -> None:
    version = make_published('company.size = "small"', "tax[year = 2024].revenue >= 100", **OPENS)
    page = answer(visitor, version, company__0__size="small")
    assert "calculator-unknown" in page
    assert "Still missing:" in page
    # A clause that fails decides the verdict, whatever is unknown.
    assert "calculator-no" in answer(visitor, version, company__0__size="large")


@pytest.mark.parametrize(
    ("told", "sum_cny"), [("1,200,000", "1,200,000.00"), ("120万", "1,200,000.00"), ("5.5%", "0.06")]
)
def test_numbers_are_read_as_people_write_them(visitor: Client, told: str, sum_cny: str) -> None:
    version = make_published("true", amount="tax[year = 2024].revenue", **OPENS)
    assert f"¥{sum_cny}" in answer(visitor, version, tax__0__revenue=told)


def test_records_are_told_apart_by_ear(visitor: Client) -> None:
    version = make_published("tax[year = 2023].revenue + tax[year = 2024].revenue >= 100", **OPENS)
    page = visitor.get(address(version)).content.decode()
    named = re.findall(r'role="group" aria-labelledby="([^"]+)"', page)
    assert len(named) == 2
    assert [re.findall(rf'id="{name}">([^<]+)<', page) for name in named] == [["2023"], ["2024"]]


def test_whether_one_could_claim_now_stands_beside_the_verdict(visitor: Client) -> None:
    today = timezone.localdate()
    past = make_published("true", opens_on=today - timedelta(days=9), closes_on=today - timedelta(days=1))
    assert "Claims ended on" in answer(visitor, past)
    version = make_published("true", **OPENS)
    assert "suspended" not in answer(visitor, version)
    suspend_version(version=version, reason="审计中", actor=make_officer(), now=timezone.now())
    assert "The policy is suspended at present" in answer(visitor, version)


def test_records_can_be_added_without_scripts(visitor: Client) -> None:
    version = make_published("sum(tax[year >= 2023].revenue) >= 100", **OPENS)
    page = answer(visitor, version, tax__0__year="2023", tax__0__revenue="60", rows__tax="1", add="tax")
    assert 'name="tax-1-revenue"' in page
    assert 'value="60"' in page
    two = {"tax__0__year": "2023", "tax__0__revenue": "60", "tax__1__year": "2024", "tax__1__revenue": "50"}
    assert "calculator-yes" in answer(visitor, version, **two, rows__tax="2")
    assert "calculator-no" in answer(visitor, version, **two, rows__tax="1")


def test_a_complete_list_without_entries_means_nothing_and_one_with_an_entry_something(visitor: Client) -> None:
    version = make_published('count(credit[kind = "zombie"]) = 0', **OPENS)
    assert "calculator-yes" in answer(visitor, version)
    assert "calculator-no" in answer(visitor, version, credit__0__kind="zombie")


def test_whether_a_complete_list_has_an_entry_is_yes_or_no_and_no_is_said(visitor: Client) -> None:
    version = make_published('count(lists[name = "top_100" and year = 2022]) > 0', **OPENS)
    asked = visitor.get(address(version)).content.decode().split('<select name="lists-0-"', 1)[1].split("</select>")[0]
    assert asked.count("<option") == 2
    assert asked.index('value="no"') < asked.index('value="yes"')
    assert "calculator-no" in answer(visitor, version, lists__0__="no")
    assert "calculator-yes" in answer(visitor, version, lists__0__="yes")


def test_that_others_have_no_entry_is_never_said_for_certain(visitor: Client) -> None:
    version = make_published("count(tax[year = 2024]) > 0", **OPENS)
    asked = visitor.get(address(version)).content.decode().split('<select name="tax-0-"', 1)[1].split("</select>")[0]
    assert 'value=""' in asked
    assert 'value="no"' not in asked
    assert "calculator-unknown" in answer(visitor, version)
    assert "calculator-yes" in answer(visitor, version, tax__0__="yes")


def test_every_complete_list_may_be_left_empty_and_says_so(visitor: Client) -> None:
    rule = 'count(unemployment_benefits[month = "2023-01" and amount > 5]) = 0'
    version = make_published(rule, subject="employee", **OPENS)
    assert "Leave it empty when there is no entry." in visitor.get(address(version)).content.decode()


def test_a_policy_for_employees_asks_about_one_of_them(visitor: Client) -> None:
    version = make_published("employee.insured_months >= 6", subject="employee", amount="500", **OPENS)
    assert "¥500.00" in answer(visitor, version, employee__0__insured_months="7")


@pytest.mark.parametrize(
    ("told", "sentence"),
    [("many", "Enter a number"), ("1e99999", ""), ("NaN", "Enter a number"), ("9" * 30, "")],
)
def test_what_cannot_be_read_is_marked(visitor: Client, told: str, sentence: str) -> None:
    version = make_published("tax[year = 2024].revenue >= 100", **OPENS)
    page = answer(visitor, version, status=422, tax__0__revenue=told)
    assert "each is marked with what to do" in page
    assert sentence in page
    assert "field-wrong" in page


@pytest.mark.parametrize("rows", ["-1", "x", "999999999999", "99", ""])
def test_the_number_of_records_stays_within_reason(visitor: Client, rows: str) -> None:
    version = make_published("sum(tax.revenue) >= 100", **OPENS)
    page = answer(visitor, version, rows__tax=rows)
    assert 1 <= page.count('-revenue" ') <= MOST_ROWS * 3


def test_htmx_gets_the_part_that_changes(visitor: Client) -> None:
    version = make_published('company.size = "small"', **OPENS)
    part = visitor.post(address(version), {"company-0-size": "small"}, headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert b"<html" not in part.content
    assert b"calculator-yes" in part.content


def test_one_more_entry_changes_the_form_and_nothing_around_it(visitor: Client) -> None:
    version = make_published("sum(tax.revenue) >= 100", **OPENS)
    part = visitor.post(address(version), {"add": "tax", "rows-tax": "1"}, headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert b"<html" not in part.content
    assert b'name="rows-tax" value="2"' in part.content
    # Somebody who adds an entry has not finished, so the page does not scroll to the answer.
    assert part.headers["HX-Reswap"] == "innerHTML"
    # The Enter key presses the first button of the form.
    assert part.content.index(b"<button") == part.content.index(b'<button class="hidden-text"')


def test_one_address_calculates_only_so_often(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    version = make_published("true", **OPENS)
    monkeypatch.setattr(views, "CALCULATIONS", 3)
    for _ in range(3):
        answer(visitor, version)
    assert "Wait a minute" in answer(visitor, version, status=429)
    # A request for one more entry counts, too, because it costs the server the same work.
    assert "Wait a minute" in answer(visitor, version, status=429, add="tax")
    # The form can still be read, and other addresses can still calculate.
    assert visitor.get(address(version)).status_code == 200
    elsewhere = Client(headers={"accept-language": "en"}, REMOTE_ADDR=f"2001:db8:1::{next(_addresses):x}")
    assert elsewhere.post(address(version)).status_code in (200, 429)


def test_a_count_that_came_back_without_an_end_ends() -> None:
    # The server leaves a count without an end when the count expires between the look and the increment.
    shared, key = caches["shared"], "visits:page:somebody"
    shared.set(key, 0, None)
    assert count_visit(page="page", visitor="somebody", limit=1, seconds=60)
    assert not count_visit(page="page", visitor="somebody", limit=1, seconds=60)
    # Ask the server for the remaining seconds; a life short enough to wait for might end before the second visit.
    assert 0 < shared._cache.get_client().ttl(shared.make_and_validate_key(key)) <= 60


def test_only_what_is_in_force_can_be_tried(visitor: Client) -> None:
    assert visitor.get(address(make_draft("true"))).status_code == 404
    assert visitor.get("/policies/none/calculator/").status_code == 404


def test_the_policies_in_force_are_listed_and_linked(visitor: Client) -> None:
    version = make_published("true", **OPENS)
    assert address(version) in visitor.get("/calculator/").content.decode()
    assert address(version) in visitor.get(f"/policies/{version.policy.code}/").content.decode()
    assert "/calculator/" in visitor.get("/").content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
def test_rules_that_no_longer_check_are_said_to_be_so(visitor: Client, method: str) -> None:
    version = make_published("tax[year = 2024].revenue >= 100", **OPENS)
    break_clauses(version)
    response = getattr(visitor, method)(address(version))
    assert response.status_code == 503
    assert "The rules of this policy cannot be applied at present" in response.content.decode()
    response = getattr(visitor, method)(address(version), headers={"HX-Request": "true"})
    assert (response.status_code, "<html" in response.content.decode()) == (200, False)


def test_nothing_told_is_stored_and_few_queries_are_made(visitor: Client, django_assert_max_num_queries) -> None:
    version = make_published('company.size = "small"', "tax[year = 2024].revenue >= 100", **OPENS)
    visitor.get(address(version))
    with django_assert_max_num_queries(16) as asked:
        answer(visitor, version, company__0__size="small", tax__0__revenue="150")
    assert all(one["sql"].startswith("SELECT") for one in asked.captured_queries)


def test_records_that_the_rules_choose_by_their_keys_are_asked_for_by_name() -> None:
    version = make_draft("tax[year = 2024].revenue > tax[year = 2023].revenue", 'output[quarter = "2023Q3"].value > 0')
    tax, output = questions(version=version)
    assert [row.label.zh for row in tax.rows] == ["2024", "2023"]
    assert [question.fact for question in tax.questions] == ["revenue"]
    assert [row.given for row in output.rows] == [(("quarter", "2023Q3"),)]
    assert not tax.is_open
