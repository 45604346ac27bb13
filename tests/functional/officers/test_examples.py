"""Both engines work out examples; an example taken from a firm does not name the firm."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client

from companies.models import Company, Delivery
from policies.models import Example, PolicyVersion
from policies.trial.worked_examples import worked_examples
from tests.factories.clients import sign_in_official
from tests.factories.clock import TODAY
from tests.factories.companies import make_company
from tests.factories.dataset_models import CreditRecord, TaxYear
from tests.factories.deliveries import make_all_deliveries, make_employment, make_row
from tests.factories.people import make_employee
from tests.factories.policies import make_draft, make_published
from tests.functional.officers.test_policy_admin import address

pytestmark = pytest.mark.django_db

REVENUE = "tax[year = 2024].revenue"


def example(version: PolicyVersion, verdict: str, facts: dict[str, object], amount: int | None = None) -> None:
    position = version.examples.count() + 1
    Example.objects.create(
        version=version,
        position=position,
        title=f"Example {position}",
        facts=facts,
        expected_verdict=verdict,
        expected_cny=amount,
    )


def test_examples_are_worked_out_by_both_engines_and_compared() -> None:
    version = make_draft('company.size = "small"', f"{REVENUE} >= 100", amount=f"{REVENUE} * 2")
    rich = {"company": {"size": "small"}, "tax": [{"year": 2024, "revenue": 150}]}
    example(version, "eligible", rich, 300)
    example(version, "eligible", rich, 301)
    example(version, "ineligible", {"company": {"size": "large"}})
    example(version, "ineligible", {"company": {"size": "small"}})
    example(version, "eligible", {"company": {"sise": "small"}})
    right, wrong_amount, large, unknown, refused = worked_examples(version=version)
    assert right.passes
    assert right.python
    assert right.sql
    assert right.python.amount_cny == right.sql.amount_cny == 300
    assert (wrong_amount.passes, large.passes) == (False, True)
    assert (unknown.passes, unknown.sql_verdict, unknown.python_verdict) == (False, *[unknown.sql_verdict] * 2)
    assert not refused.passes
    assert "size" in refused.refused


def test_the_page_says_which_come_out_as_expected(officer: Client, django_assert_max_num_queries) -> None:
    version = make_draft('company.size = "small"', amount="100")
    page = officer.get(address(version, "examples")).content.decode()
    assert "There is no example yet" in page
    example(version, "eligible", {"company": {"size": "small"}}, 100)
    example(version, "eligible", {"company": {"size": "large"}})
    with django_assert_max_num_queries(30):
        page = officer.get(address(version, "examples")).content.decode()
    assert "1 of 2 examples come out as expected" in page
    assert "not as expected" in page


def test_an_example_taken_from_a_firm_says_what_is_known_and_not_who_it_is(officer: Client) -> None:
    make_all_deliveries()
    company = make_company("杭州真名有限公司", size="small", district="330108")
    make_row(TaxYear, company, year=2024, revenue=Decimal("150.25"))
    make_row(CreditRecord, company, kind="zombie", listed_on=TODAY, removed_on=TODAY)
    version = make_draft(
        'company.size = "small" and company.district = "330108"',
        f'{REVENUE} >= 100 and count(credit[kind = "zombie" and removed_on = null]) = 0',
        'company.credit_code != "x"',
        amount=f"{REVENUE} * 2",
    )
    page = officer.post(address(version, "examples"), {"credit_code": company.credit_code.lower()}, follow=True)
    assert "Example 1 was written" in page.content.decode()
    taken = version.examples.get()
    assert taken.facts["company"] == {"size": "small", "district": "330108"}
    assert taken.facts["tax"] == [{"year": 2024, "revenue": 150.25}]
    assert taken.facts["credit"] == [{"kind": "zombie", "removed_on": str(TODAY)}]
    written = str(taken.facts) + taken.title
    assert company.credit_code not in written
    assert "真名" not in written
    # The example leaves out the firm's code alone, and without the code one clause is unknown.
    assert taken.expected_verdict == "unknown"
    assert worked_examples(version=version)[0].passes


def test_an_example_of_an_employee_is_taken_without_the_person(officer: Client) -> None:
    make_all_deliveries()
    company = make_company()
    make_employment(company, make_employee("王小明"), insured_months=12)
    version = make_draft("employee.insured_months >= 6", subject="employee", amount="500")
    officer.post(address(version, "examples"), {"credit_code": company.credit_code})
    taken = version.examples.get()
    assert taken.facts["employee"] == {"insured_months": 12}
    assert (taken.expected_verdict, taken.expected_cny) == ("eligible", 500)
    assert worked_examples(version=version)[0].passes


def test_a_firm_of_more_records_than_an_example_may_hold_is_refused(officer: Client) -> None:
    make_all_deliveries()
    company = make_company()
    version = make_draft('count(credit[kind = "zombie"]) >= 60')
    _listed(company, 0, 200)
    page = officer.post(address(version, "examples"), {"credit_code": company.credit_code}, follow=True)
    assert "Example 1 was written" in page.content.decode()
    _listed(company, 200, 201)
    page = officer.post(address(version, "examples"), {"credit_code": company.credit_code}, follow=True)
    assert "more than 200 records of “credit”; choose a smaller firm" in page.content.decode()
    taken = version.examples.get()
    assert (len(taken.facts["credit"]), taken.expected_verdict) == (200, "eligible")


def _listed(company: Company, first: int, last: int) -> None:
    delivery = Delivery.objects.filter(dataset="credit").order_by("-pk").first()
    CreditRecord.objects.bulk_create(
        CreditRecord(company=company, delivery=delivery, kind="zombie", listed_on=TODAY - dt.timedelta(days=number))
        for number in range(first, last)
    )


def test_a_firm_that_is_not_there_is_refused_in_a_sentence(officer: Client) -> None:
    version = make_draft("true")
    page = officer.post(address(version, "examples"), {"credit_code": "<b>"}, follow=True).content.decode()
    assert "No firm has this credit code" in page
    assert not Example.objects.exists()


@pytest.mark.parametrize(("role", "status"), [("auditor", 200), ("finance", 200), ("department", 403)])
def test_others_read_examples_and_take_none(role: str, status: int) -> None:
    company, version = make_company(), make_draft("true")
    client = sign_in_official(role)
    assert client.get(address(version, "examples")).status_code == status
    assert client.post(address(version, "examples"), {"credit_code": company.credit_code}).status_code == 403
    assert not Example.objects.exists()


def test_nothing_is_added_to_a_version_that_is_no_draft(officer: Client) -> None:
    company, version = make_company(), make_published("true")
    assert officer.post(address(version, "examples"), {"credit_code": company.credit_code}).status_code == 403
