"""Everything a rule must be able to say, letters L to U: tables of facts, verdicts and amounts on both engines."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from payouts.ledger.pools import divide_pool
from policies.deadlines.lapse import lapse_entitlements
from policies.models import Entitlement, EntitlementStatus, Pool
from qinqing.demo.policies.form import parameter, since
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import make_company
from tests.factories.dataset_models import HardshipHire, ResearchYear
from tests.factories.deliveries import make_all_deliveries, make_employment, make_row
from tests.factories.people import make_employee
from tests.factories.policies import entitlements_of, make_published, match_all
from tests.spec.letters import NO, UNKNOWN, Rule, holds

pytestmark = pytest.mark.django_db

_MONTHS = 'contributions[month between "2022-11" and "2023-04"]'
_EARLIER = 'received[policy = "L-1" and period < "2023"]'
_LOAN = {"principal": 60_000_000, "rate": 0.0365, "drawn_on": "2026-02-10"}

RULES = [
    Rule(
        "L: not state-owned, and not in an excluded industry",
        amount="1000",
        clauses=(
            "not_state_owned",
            'not(some code in ["K70", "J66", "O82"] satisfies starts with(company.industry, code))',
        ),
        table=[
            ({"company": {"ownership": "private", "industry": "C3670"}}, 1000),
            ({"company": {"ownership": "state", "industry": "C3670"}}, NO),
            ({"company": {"ownership": "private", "industry": "K7020"}}, NO),
            ({"company": {"ownership": "private", "industry": "J6620"}}, NO),
            ({"company": {"industry": "C3670"}}, UNKNOWN),
            # One exclusion is enough, even if the other one is unknown.
            ({"company": {"industry": "K7020"}}, NO),
        ],
    ),
    Rule(
        "M: the difference to the higher award",
        amount='750000 - (if count(received[policy = "P-39"]) = 0 then 0 else sum(received[policy = "P-39"].amount))',
        clauses=('title.kind = "little_giant"',),
        version={"subject": "title"},
        shared={"title": {"kind": "little_giant"}},
        table=[
            ({}, 750000),
            ({"received": [{"policy": "P-39", "amount": 200_000}]}, 550000),
            ({"received": [{"policy": "P-39", "amount": 750_000}]}, NO),
        ],
    ),
    Rule(
        "M: uplifts on uplifts, and groups of conditions",
        amount='100000 * (1 + (if company.size = "micro" then 0.2 else 0)'
        ' + (if count(titles[kind = "national_high_tech"]) > 0 then 0.1 else 0))',
        clauses=(
            '(company.size in ("small", "micro") and tax[year = 2022].revenue < 5000000)'
            ' or (company.size = "medium" and (tax[year = 2022].revenue < 50000000'
            ' or count(titles[kind = "little_giant"]) > 0))',
        ),
        table=[
            ({"company": {"size": "micro"}, "tax": [{"year": 2022, "revenue": 1}]}, 120000),
            (
                {
                    "company": {"size": "micro"},
                    "tax": [{"year": 2022, "revenue": 1}],
                    "titles": [{"kind": "national_high_tech"}],
                },
                130000,
            ),
            ({"company": {"size": "medium"}, "titles": [{"kind": "little_giant"}]}, 100000),
            ({"company": {"size": "medium"}, "tax": [{"year": 2022, "revenue": 60_000_000}]}, NO),
            ({"company": {"size": "large"}}, NO),
            ({"company": {"size": "small"}}, UNKNOWN),
        ],
    ),
    Rule(
        "N: a rolling window before the day of the facts",
        amount="1000",
        clauses=('employee.hired_on <= as_of and employee.hired_on > as_of - duration("P12M")',),
        version={"subject": "employee"},
        table=[
            ({"as_of": "2022-12-31", "employee": {"hired_on": "2022-01-01"}}, 1000),
            ({"as_of": "2022-12-31", "employee": {"hired_on": "2021-12-31"}}, NO),
            ({"as_of": "2022-12-31", "employee": {"hired_on": "2023-01-01"}}, NO),
            ({"as_of": "2024-02-29", "employee": {"hired_on": "2023-03-01"}}, 1000),
            ({"as_of": "2022-12-31", "employee": {}}, UNKNOWN),
        ],
    ),
    Rule(
        "O: calculated by segment across a change, in one expression",
        amount=f'sum(for m in {_MONTHS} return rate(date(m.month + "-01")))',
        parameters=(parameter("rate", "月标准", "", "元", since(2020, 1, 1, "600"), since(2023, 2, 1, "800")),),
        version={"subject": "hire"},
        table=[
            ({"contributions": [{"month": "2022-12"}, {"month": "2023-01"}]}, 1200),
            ({"contributions": [{"month": "2023-01"}, {"month": "2023-02"}]}, 1400),
            ({"contributions": [{"month": "2023-03"}, {"month": "2023-04"}, {"month": "2023-05"}]}, 1600),
            ({}, UNKNOWN),
        ],
    ),
    Rule(
        "O: made up after a rise of the rate",
        amount="insurance_year[year = 2021].unemployment_premium * rate"
        ' - (if count(received[policy = "P-14"]) = 0 then 0 else sum(received[policy = "P-14"].amount))',
        parameters=(parameter("rate", "返还比例", "", "", since(2020, 1, 1, "0.6"), since(2022, 6, 1, "0.9")),),
        shared={"as_of": "2022-07-01", "insurance_year": [{"year": 2021, "unemployment_premium": 120_000}]},
        table=[
            ({"received": [{"policy": "P-14", "period": "2022", "amount": 72_000}]}, 36000),
            ({}, 108000),
            ({"received": [{"policy": "P-14", "period": "2022", "amount": 108_000}]}, NO),
        ],
    ),
    Rule(
        "P: interest by points, days and a limit on the principal",
        amount='min(loan.principal, 50000000) * 0.015 * min((loan.due_on - loan.drawn_on) / duration("P365D"), 2)',
        version={"subject": "loan"},
        table=[
            ({"loan": _LOAN | {"due_on": "2028-02-10"}}, 1500000),
            ({"loan": _LOAN | {"due_on": "2031-02-10"}}, 1500000),
            ({"loan": _LOAN | {"due_on": "2026-04-24", "principal": 1_000_000}}, 3000),
            ({"loan": _LOAN}, UNKNOWN),
        ],
    ),
    Rule(
        "P: the lower of the contract's rate and the reference rate less basis points, by days over 360",
        amount="loan.principal * min(loan.rate, lpr - 50 / 10000)"
        ' * ((loan.due_on - loan.drawn_on) / duration("P1D")) / 360',
        parameters=(parameter("lpr", "报价利率", "", "", since(2025, 5, 20, "0.03"), since(2026, 1, 20, "0.029")),),
        version={"subject": "loan"},
        shared={"as_of": "2026-03-01"},
        table=[
            ({"loan": _LOAN | {"due_on": "2026-05-11"}}, 360000),
            ({"loan": _LOAN | {"due_on": "2026-05-11", "rate": 0.02}}, 300000),
            ({"loan": _LOAN | {"due_on": "2026-05-11", "rate": None}}, UNKNOWN),
        ],
    ),
    Rule(
        "Q: what a pool is divided by",
        amount="research[year = 2022].expense",
        version={"pool": Pool.PROPORTIONAL, "cap_cny": 5_000_000},
        table=[
            ({"research": [{"year": 2022, "expense": 3_000_000}]}, 3000000),
            ({"research": [{"year": 2022, "expense": 9_000_000}]}, 5000000),
            ({"research": [{"year": 2022}]}, UNKNOWN),
        ],
    ),
    Rule(
        "R: instalments, each after those before it; a review before the last",
        amount=f"(count({_EARLIER}) + 1) * 100000",
        clauses=(
            f"count({_EARLIER}) = 2023 - entry.entered_on.year",
            "entry.left_on = null or entry.left_on > as_of",
            f'count({_EARLIER}) < 2 or count(lists[name = "passed_review"]) > 0',
        ),
        version={"subject": "entry", "period_label": "2023"},
        shared={"as_of": "2023-12-31"},
        table=[
            ({"entry": {"entered_on": "2023-05-01"}}, 100000),
            ({"entry": {"entered_on": "2022-05-01"}}, NO),
            ({"entry": {"entered_on": "2022-05-01"}, "received": [{"policy": "L-1", "period": "2022"}]}, 200000),
            (
                {
                    "entry": {"entered_on": "2021-05-01"},
                    "received": [{"policy": "L-1", "period": "2021"}, {"policy": "L-1", "period": "2022"}],
                },
                NO,
            ),
            (
                {
                    "entry": {"entered_on": "2021-05-01"},
                    "received": [{"policy": "L-1", "period": "2021"}, {"policy": "L-1", "period": "2022"}],
                    "lists": [{"name": "passed_review"}],
                },
                300000,
            ),
            ({"entry": {"entered_on": "2023-05-01", "left_on": "2023-12-31"}}, NO),
            ({"entry": {}}, UNKNOWN),
        ],
    ),
    Rule(
        "S: a tenth of the bill, for the utility",
        amount="bill.amount * 0.1",
        clauses=("bill.is_resident = false",),
        version={"subject": "bill", "payee": "third_party", "payee_feel": "bill.supplier", "track": "automatic"},
        table=[
            ({"bill": {"amount": 1234.5, "is_resident": False}}, Decimal("123.45")),
            ({"bill": {"amount": 1234.5, "is_resident": True}}, NO),
            ({"bill": {"amount": 1234.5}}, UNKNOWN),
        ],
    ),
    Rule(
        "U: rounded down to whole hundreds, nothing below a thousand",
        amount="floor(sum(rents.amount) * 0.1 / 100) * 100",
        version={"minimum_cny": 1000},
        table=[
            ({"rents": [{"amount": 12_345}]}, 1200),
            ({"rents": [{"amount": 10_000}]}, 1000),
            ({"rents": [{"amount": 9_999}]}, NO),
            ({"rents": [{"amount": None}]}, UNKNOWN),
        ],
    ),
    Rule(
        "U: at most the tax paid, and the least of several",
        amount="min(research[year = 2022].expense * 0.1, tax[year = 2022].tax_paid, 1000000)",
        table=[
            (
                {"research": [{"year": 2022, "expense": 3_000_000}], "tax": [{"year": 2022, "tax_paid": 900_000}]},
                300000,
            ),
            ({"research": [{"year": 2022, "expense": 3_000_000}], "tax": [{"year": 2022, "tax_paid": 90_000}]}, 90000),
            ({"research": [{"year": 2022, "expense": 3e8}], "tax": [{"year": 2022, "tax_paid": 9e8}]}, 1000000),
            # If the measure is missing, the limit is unknown, not absent.
            ({"research": [{"year": 2022, "expense": 3_000_000}]}, UNKNOWN),
        ],
    ),
    Rule(
        "U: rounded half up to the fen",
        amount="bill.amount * 0.1",
        version={"subject": "bill"},
        table=[
            ({"bill": {"amount": 0.05}}, Decimal("0.01")),
            ({"bill": {"amount": 0.04}}, NO),
            ({"bill": {"amount": 1.25}}, Decimal("0.13")),
        ],
    ),
]


@pytest.mark.parametrize("rule", RULES, ids=[rule.name for rule in RULES])
def test_a_letter(rule: Rule) -> None:
    holds(rule)


def test_every_letter_of_this_half_is_there() -> None:
    # The next test covers letter T: two beneficiaries of one event.
    assert {rule.name[0] for rule in RULES} | {"T"} == set("LMNOPQRSTU")


def test_t_two_beneficiaries_of_one_event_the_firm_and_the_person() -> None:
    make_all_deliveries()
    company, one = make_company(), make_employee()
    make_row(HardshipHire, company, employee=one, hired_on=dt.date(2022, 10, 1))
    for_firm = make_published('hire.hired_on >= date("2022-01-01")', subject="hire", amount="1500")
    for_person = make_published(
        'hire.hired_on >= date("2022-01-01")', subject="hire", payee="employee", amount="1000", opens_on=TODAY
    )
    match_all()
    subject = f"employee:{one.pk}"
    assert entitlements_of(for_firm) == {subject: (Decimal(1500), EntitlementStatus.OPEN)}
    assert entitlements_of(for_person) == {subject: (Decimal(1000), EntitlementStatus.OPEN)}
    assert set(Entitlement.objects.values_list("company", "employee")) == {(company.pk, one.pk)}


def test_j_once_per_person_project_and_year() -> None:
    make_all_deliveries()
    first, second, one = make_company(), make_company(), make_employee()
    for company in (first, second):
        make_employment(company, one)
    once = make_published("employee.insured_months >= 6", subject="employee")
    yearly = make_published("employee.insured_months >= 6", subject="employee", period_label="2026")
    match_all()
    assert list(entitlements_of(once)) == [f"employee:{one.pk}"]
    assert list(entitlements_of(yearly)) == [f"employee:{one.pk} 2026"]


def test_n_what_is_not_claimed_in_its_window_is_waived() -> None:
    make_all_deliveries()
    make_company()
    version = make_published('company.standing = "active"', closes_on=TODAY)
    match_all()
    assert lapse_entitlements(now=NOW) == 0
    assert lapse_entitlements(now=NOW + dt.timedelta(days=1)) == 1
    [(_amount, status)] = entitlements_of(version).values()
    assert status == EntitlementStatus.LAPSED


def test_q_a_pool_is_divided_by_the_share_of_each_and_never_above_it() -> None:
    make_all_deliveries()
    for expense in (1_000_000, 2_000_000, 4_000_000):
        make_row(ResearchYear, make_company(), year=2022, expense=expense)
    version = make_published(
        "research[year = 2022].expense > 0",
        amount="research[year = 2022].expense",
        pool=Pool.PROPORTIONAL,
        granted_cny=Decimal("1000000.01"),
    )
    match_all()
    divide_pool(version=version, actor=None, now=NOW)
    amounts = sorted(amount for amount, _status in entitlements_of(version).values())
    assert amounts == [Decimal("142857.14"), Decimal("285714.28"), Decimal("571428.57")]
    assert sum(amounts) <= version.granted_cny
