"""What the editor of rules tells an officer who writes: suggestions, cautions, and how many subjects meet a rule."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from policies.editor import match_estimate as rule_counts
from policies.models import NamedClause, Parameter, ParameterValue
from tests.factories.clients import sign_in_official
from tests.factories.clock import TODAY
from tests.factories.companies import make_company
from tests.factories.dataset_models import TaxYear
from tests.factories.deliveries import make_all_deliveries, make_employment, make_row
from tests.factories.people import make_employee
from tests.factories.policies import make_draft
from tests.integration.matching.test_slowness import SLOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_is_remembered() -> None:
    cache.clear()


def asked(client: Client, what: str, text: str, *, query: str = "", **more: object) -> str:
    fields = {"clauses-0-feel": text, "subject": "company", **more}
    response = client.post(f"{reverse(f'admin:policies_{what}_rule')}?field=clauses-0-feel{query}", fields)
    assert response.status_code == 200
    return response.content.decode()


def suggested(client: Client, text: str, *, query: str = "", **more: object) -> str:
    return asked(client, "suggest", text, query=query, cursor=len(text), **more)


def test_facts_are_suggested_in_the_language_that_is_typed(officer: Client) -> None:
    assert 'data-insert="company."' in suggested(officer, "comp")
    assert 'data-insert="tax[year = ▮].revenue"' in suggested(officer, "rev")
    assert 'data-insert="年度纳税[年度 = ▮].营业收入"' in suggested(officer, "营业")
    of_record = suggested(officer, "tax[year = 2024].")
    assert 'data-insert="revenue"' in of_record
    assert 'data-insert="sum(▮)"' not in of_record
    assert 'data-insert="营业收入"' in suggested(officer, "年度纳税[年度 = 2024].")


def test_values_functions_and_operators_are_suggested_where_they_fit(officer: Client) -> None:
    values = suggested(officer, "company.size = ")
    assert 'data-insert="&quot;small&quot;"' in values
    assert 'data-insert="tax' not in values
    assert 'data-insert="round half up(▮)"' in suggested(officer, "round ha")
    assert 'data-insert="and "' in suggested(officer, 'company.size = "small" a')
    assert "option" not in suggested(officer, "")
    assert "option" in suggested(officer, "", is_asked="1")


def test_the_names_of_the_version_and_of_the_library_are_suggested(officer: Client) -> None:
    NamedClause.objects.create(name="sound", name_zh="经营正常", title_zh="经营正常", title_en="Sound", feel="true")
    version = make_draft("true")
    parameter = Parameter.objects.create(version=version, name="step_award", name_zh="每步奖励")
    ParameterValue.objects.create(parameter=parameter, value=Decimal("0.3"))
    query = f"&version={version.pk}"
    assert 'data-insert="sound"' in suggested(officer, "sou", query=query)
    assert 'data-insert="经营正常"' in suggested(officer, "经营", query=query)
    assert 'data-insert="step_award"' in suggested(officer, "step", query=query)
    assert 'data-insert="step_award"' not in suggested(officer, "step")


def test_facts_are_those_of_the_subject(officer: Client) -> None:
    assert 'data-insert="employee."' not in suggested(officer, "employee")
    assert 'data-insert="employee."' in suggested(officer, "employee", subject="employee")


@pytest.mark.parametrize("cursor", ["", "-1", "x", "99999999", "9999"])
def test_a_strange_cursor_is_no_fault(officer: Client, cursor: str) -> None:
    asked(officer, "suggest", "company.", cursor=cursor)


@pytest.mark.parametrize("what", ["check", "suggest", "count"])
def test_only_who_writes_is_answered_and_only_by_post(officer: Client, what: str) -> None:
    address = reverse(f"admin:policies_{what}_rule")
    for role in ("auditor", "finance", "department"):
        assert sign_in_official(role).post(address, {"amount_feel": "1"}).status_code == 403
    assert Client().post(address, {"amount_feel": "1"}).status_code in (302, 403)
    assert officer.get(address).status_code == 405


def test_what_a_filter_passes_over_is_told_and_nothing_is_refused(officer: Client) -> None:
    page = asked(officer, "check", "count(employees[has_contract]) > 0")
    assert "feel-right" in page
    assert "feel-caution" in page
    assert "“has_contract” is missing" in page
    assert "feel-caution" not in asked(officer, "check", "count(employees[has_contract != null and has_contract]) > 0")


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ('company.size = "小型"', "is never “小型”; write &quot;small&quot; (small)"),
        ('company.size in ("small", "Large")', "is never “Large”; write &quot;large&quot;"),
        (
            'company.industry = "制造业"',
            "a whole section is written starts with(company.industry, &quot;C&quot;) (Manufacturing)",
        ),
        ('company.industry = "零售"', "starts with(company.industry, &quot;F&quot;) (Wholesale and retail)"),
        ('company.industry in ("C26", "I")', "starts with(company.industry, &quot;I&quot;) (Information"),
        ('company.size != "huge"', "its values are &quot;large&quot;, &quot;medium&quot;"),
        ('company.district = "西湖区"', "write &quot;330106&quot;"),
    ],
)
def test_a_value_that_a_fact_never_has_is_told(officer: Client, rule: str, told: str) -> None:
    page = asked(officer, "check", rule)
    assert "feel-right" in page
    assert told in page


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("企业.企业规模 = 小型", "write &quot;small&quot; instead of 小型"),
        ("company.size in (small, micro)", "write &quot;small&quot; instead of small"),
        ("企业.所属区县 = 西湖区", "write &quot;330106&quot; instead of 西湖区"),
        ('企业规模 = "small"', "企业.企业规模"),
    ],
)
def test_a_value_or_a_fact_that_is_called_by_its_name_alone_is_answered(officer: Client, rule: str, told: str) -> None:
    page = asked(officer, "check", rule)
    assert "feel-wrong" in page
    assert told in page


def test_a_value_that_a_fact_has_is_no_caution(officer: Client) -> None:
    assert "feel-caution" not in asked(
        officer, "check", 'company.size in ("small", "micro") and company.industry = "H61"'
    )


def test_a_condition_is_counted_over_a_small_city_exactly(officer: Client) -> None:
    make_all_deliveries()
    for revenue in (5, 50, 500, None):
        make_row(TaxYear, make_company(), year=2024, revenue=revenue)
    page = asked(officer, "count", "tax[year = 2024].revenue >= 50")
    assert "Exact" in page
    assert "met by 2 of 4" in page
    assert "not met 1" in page
    assert "unknown 1" in page


def test_an_amount_is_counted_by_whom_it_pays(officer: Client) -> None:
    make_all_deliveries()
    for revenue in (0, 50, 500, None):
        make_row(TaxYear, make_company(), year=2024, revenue=revenue)
    page = asked(officer, "count", "tax[year = 2024].revenue * 2", query="&is_amount=1")
    assert "more than ¥0 for 2 of 4" in page
    assert "the middle amount ¥100.00, the largest ¥1,000.00" in page
    assert "unknown 1" in page


def test_people_are_counted_where_the_policy_pays_once_for_each(officer: Client) -> None:
    make_all_deliveries()
    company = make_company()
    for has_contract in (True, False):
        make_employment(company, make_employee(), has_contract=has_contract)
    page = asked(officer, "count", "employee.has_contract", subject="employee", as_of_on=TODAY)
    assert "met by 1 of 2" in page
    # On a day much later, the list of employees is too old to answer.
    page = asked(officer, "count", "employee.has_contract", subject="employee", as_of_on="2090-01-01")
    assert "unknown 2" in page


def test_a_large_city_is_estimated_by_lot_and_says_so(officer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    make_all_deliveries()
    for _ in range(60):
        make_company(size="small")
    monkeypatch.setattr(rule_counts, "SAMPLE_FIRMS", 30)
    page = asked(officer, "count", 'company.size = "small"')
    assert "Estimate" in page
    assert "drawn by lot out of 60; about 60 in the whole city" in page


def test_the_same_rule_is_counted_once(officer: Client) -> None:
    make_all_deliveries()
    make_company()
    asked(officer, "count", "true")
    with CaptureQueriesContext(connection) as queries:
        asked(officer, "count", "true")
    assert not any("TABLESAMPLE" in query["sql"] for query in queries.captured_queries)


def test_what_names_a_third_party_is_checked_as_a_text_and_counted_for_nobody(officer: Client) -> None:
    make_all_deliveries()
    make_company()
    assert "feel-right" in asked(officer, "check", "company.credit_code", query="&is_payee=1")
    assert "feel-wrong" in asked(officer, "check", "company.credit_code")
    assert "feel-wrong" in asked(officer, "check", "1 + 1", query="&is_payee=1")
    assert asked(officer, "count", "company.credit_code", query="&is_payee=1") == ""


def test_a_slow_rule_is_stopped_and_its_page_lives_on(officer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    make_all_deliveries()
    company = make_company()
    for year in range(1990, 2040):
        make_row(TaxYear, company, year=year, revenue=year * 2)
    with monkeypatch.context() as patch:
        patch.setattr(rule_counts, "COUNT_SECONDS", 0.2)
        assert "Counting takes too long" in asked(officer, "count", SLOW)
    assert "met by 1 of 1" in asked(officer, "count", "true")


def test_what_is_no_rule_is_not_counted(officer: Client) -> None:
    assert asked(officer, "count", "company.") == ""
    assert "nobody yet" in asked(officer, "count", "true")
