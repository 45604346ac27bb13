"""Why a firm is entitled or not, and which firms would be: the rules that pay give the reasons."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from policies.explain.company import explain_company
from policies.explain.types import Verdict
from policies.models import Entitlement
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import make_company
from tests.factories.dataset_models import TaxYear
from tests.factories.deliveries import make_all_deliveries, make_employment, make_row
from tests.factories.people import make_employee
from tests.factories.policies import make_published, match_all

pytestmark = pytest.mark.django_db

REVENUE = "tax[year = 2024].revenue"


def test_each_condition_has_its_verdict_and_its_facts() -> None:
    make_all_deliveries(as_of_on=dt.date(2026, 2, 1))
    company = make_company(size=None)
    make_row(TaxYear, company, year=2024, revenue=500)
    version = make_published('company.standing = "active"', f"{REVENUE} >= 1000", 'company.size = "small"')

    told = explain_company(company=company, version=version, now=NOW)

    assert told.verdict == Verdict.INELIGIBLE
    assert [clause.verdict for clause in told.clauses] == [True, False, None]
    assert [str(clause.title) for clause in told.failing] == ["条件2"]
    revenue = told.clauses[1].facts[0]
    assert (revenue.path, revenue.value, revenue.as_of_on) == (REVENUE, Decimal(500), dt.date(2026, 2, 1))
    assert (revenue.department.en, revenue.is_stale) == ("Tax", False)
    assert told.clauses[2].facts[0].value is None
    # One condition fails for certain, so no department need deliver anything.
    assert told.missing == ()


def test_an_unknown_verdict_names_the_department_to_ask() -> None:
    make_all_deliveries(but=["credit"])
    company = make_company()
    version = make_published(f"{REVENUE} >= 1000", "count(credit) = 0", 'company.standing = "active"')
    told = explain_company(company=company, version=version, now=NOW)
    assert told.verdict == Verdict.UNKNOWN
    assert [(missing.department.en, missing.is_stale, missing.as_of_on) for missing in told.missing] == [
        ("Tax", False, TODAY),
        ("Credit Office", True, None),
    ]


def test_an_unknown_amount_names_the_department_too() -> None:
    make_all_deliveries()
    version = make_published("true", amount=REVENUE)
    told = explain_company(company=make_company(), version=version, now=NOW)
    assert told.verdict == Verdict.UNKNOWN
    assert [missing.department.en for missing in told.missing] == ["Tax"]


def test_a_fact_that_a_rule_tests_for_null_is_not_missing() -> None:
    make_all_deliveries()
    company = make_company(size=None, founded_on=None)
    version = make_published('company.founded_on = null and company.size = "small"')
    told = explain_company(company=company, version=version, now=NOW)
    assert [missing.dataset.en for missing in told.missing] == ["Registration"]


def test_a_policy_of_employees_is_told_person_by_person() -> None:
    make_all_deliveries()
    company, other = make_company(), make_company()
    for name, months in (("王五", 9), ("赵六", 1), ("孙七", None)):
        make_employment(company, make_employee(name), insured_months=months)
    shared = make_employee("周八")
    make_employment(other, shared)
    version = make_published("employee.insured_months >= 6", subject="employee")
    match_all()
    make_employment(company, shared)

    told = explain_company(company=company, version=version, now=NOW)

    assert (told.verdict, told.row_count, told.amount_cny) == (Verdict.ELIGIBLE, 4, 100)
    clause = told.clauses[0]
    assert (clause.verdict, clause.passing, clause.failing, clause.unknown) == (True, 2, 1, 1)
    assert (clause.facts[0].is_of_item, clause.facts[0].value) == (True, None)
    by_name = {item.label.split()[0]: item for item in told.items}
    assert [item.verdict for item in told.items][-1] == Verdict.INELIGIBLE
    assert by_name["孙七"].verdict == Verdict.UNKNOWN
    assert by_name["王五"].facts == {"employee.insured_months": Decimal(9)}
    assert [name for name, item in by_name.items() if item.is_held_elsewhere] == ["周八"]
    assert told.elsewhere_count == 1
    assert "*" in by_name["王五"].label


def test_whom_another_firm_has_is_no_reason_to_be_entitled() -> None:
    make_all_deliveries()
    company, other, shared = make_company(), make_company(), make_employee("周八")
    make_employment(other, shared)
    version = make_published("employee.insured_months >= 6", subject="employee")
    match_all()
    make_employment(company, shared)
    told = explain_company(company=company, version=version, now=NOW)
    assert (told.verdict, told.elsewhere_count, told.amount_cny) == (Verdict.INELIGIBLE, 1, 0)
    told = explain_company(company=other, version=version, now=NOW)
    assert (told.verdict, told.elsewhere_count, told.amount_cny) == (Verdict.ELIGIBLE, 0, 100)


def test_a_firm_without_items_is_told_what_concerns_itself() -> None:
    make_all_deliveries()
    version = make_published(
        'starts with(company.industry, "K702")', "compound.managed_m2 > 0", subject="compound", amount="100"
    )
    software, property_ = make_company(), make_company(industry_code="K7020")
    told = explain_company(company=software, version=version, now=NOW)
    assert (told.verdict, told.row_count, told.items) == (Verdict.INELIGIBLE, 0, ())
    assert [clause.verdict for clause in told.clauses] == [False, None]
    told = explain_company(company=property_, version=version, now=NOW)
    assert (told.verdict, [missing.department.en for missing in told.missing]) == (Verdict.UNKNOWN, ["Housing"])


def test_a_firm_without_employees_is_not_eligible_for_a_policy_of_employees() -> None:
    make_all_deliveries()
    version = make_published("employee.insured_months >= 6", subject="employee")
    assert explain_company(company=make_company(), version=version, now=NOW).verdict == Verdict.INELIGIBLE


def test_reasons_agree_with_what_matching_stored() -> None:
    make_all_deliveries()
    companies = [make_company(size=size) for size in ("small", "large", None)]
    version = make_published('company.size = "small"')
    match_all()
    entitled = set(Entitlement.objects.values_list("company_id", flat=True))
    verdicts = [explain_company(company=company, version=version, now=NOW).verdict for company in companies]
    assert verdicts == [Verdict.ELIGIBLE, Verdict.INELIGIBLE, Verdict.UNKNOWN]
    assert entitled == {companies[0].pk}


def test_reasons_take_few_queries(django_assert_max_num_queries) -> None:
    make_all_deliveries()
    company = make_company()
    for _ in range(20):
        make_employment(company, make_employee())
    version = make_published("employee.insured_months >= 6", "count(credit) = 0", subject="employee")
    with django_assert_max_num_queries(8):
        explain_company(company=company, version=version, now=NOW)
