"""Everything a rule must be able to say, letters A to K: tables of facts, verdicts and amounts on both engines."""

from __future__ import annotations

import pytest

from qinqing.demo.policies.form import always, in_district, parameter, since
from tests.spec.letters import NO, UNKNOWN, Rule, headcounts, holds, tiers

pytestmark = pytest.mark.django_db

_GROWN = "tax[year = 2022].revenue - tax[year = 2021].revenue"
_APRIL = 'insurance[month = "2022-04"].insured'
_PAID = 'insurance[month between "2022-01" and "2022-12" and is_paid]'


def revenues(before: float | None, now: float | None) -> dict[str, object]:
    return {"tax": [{"year": 2021, "revenue": before}, {"year": 2022, "revenue": now}]}


def output(**quarters: float) -> dict[str, object]:
    return {"output": [{"quarter": quarter[1:], "value": value} for quarter, value in quarters.items()]}


RULES = [
    Rule(
        "A: per head × fixed",
        amount=f"{_APRIL} * 500",
        table=[
            ({"insurance": headcounts("2022-04", 10)}, 5000),
            ({"insurance": headcounts("2022-04", 31.5)}, 15750),
            ({"insurance": headcounts("2022-04", 0)}, NO),
            ({"insurance": headcounts("2022-04", None)}, UNKNOWN),
            ({"insurance": headcounts("2022-03", 10)}, UNKNOWN),
            ({}, UNKNOWN),
        ],
    ),
    Rule(
        "B: quantity × price × months",
        amount="compound.managed_m2 * 0.5 * 2",
        clauses=("compound.joined_epidemic_control",),
        version={"subject": "compound"},
        table=[
            ({"compound": {"managed_m2": 40_000, "joined_epidemic_control": True}}, 40000),
            ({"compound": {"managed_m2": 40_000, "joined_epidemic_control": False}}, NO),
            ({"compound": {"managed_m2": 40_000}}, UNKNOWN),
            ({"compound": {"joined_epidemic_control": True}}, UNKNOWN),
            # A false condition decides, whatever else is missing.
            ({"compound": {"joined_epidemic_control": False}}, NO),
        ],
    ),
    Rule(
        "C: a percentage of a base",
        amount="sum(rents.amount) * 0.2",
        version={"cap_cny": 200_000},
        table=[
            ({"rents": [{"amount": 30_000}, {"amount": 30_000}]}, 12000),
            ({"rents": [{"amount": 900_000}, {"amount": 900_000}]}, 200000),
            ({"rents": [{"amount": 30_000}, {"amount": None}]}, UNKNOWN),
            ({}, UNKNOWN),
        ],
    ),
    Rule(
        "D: whole steps of an increment",
        amount='floor((output[quarter = "2023Q3"].value - output[quarter = "2022Q3"].value) / 10000000) * 20000',
        version={"cap_cny": 10_000_000},
        table=[
            (output(q2022Q3=500_000_000, q2023Q3=656_900_000), 300000),
            (output(q2022Q3=500_000_000, q2023Q3=510_000_000), 20000),
            (output(q2022Q3=500_000_000, q2023Q3=509_999_999.99), NO),
            (output(q2022Q3=500_000_000, q2023Q3=400_000_000), NO),
            (output(q2022Q3=0, q2023Q3=6_000_000_000), 10000000),
            (output(q2023Q3=656_900_000), UNKNOWN),
        ],
    ),
    Rule(
        "E: a table of brackets, two ways: size × revenue",
        amount="award",
        tables=(
            tiers(
                "award",
                "U",
                ("company.size", "tax[year = 2022].revenue"),
                ('"large"', ">= 100000000", "300000"),
                ('"large"', "< 100000000", "100000"),
                ('"medium","small"', ">= 50000000", "200000"),
                ('"medium","small"', "[10000000..50000000)", "80000"),
                ('"medium","small"', "< 10000000", "0"),
                ('"micro"', "-", "10000"),
            ),
        ),
        table=[
            ({"company": {"size": "large"}, **revenues(0, 100_000_000)}, 300000),
            ({"company": {"size": "large"}, **revenues(0, 99_999_999)}, 100000),
            ({"company": {"size": "small"}, **revenues(0, 50_000_000)}, 200000),
            ({"company": {"size": "medium"}, **revenues(0, 49_999_999.99)}, 80000),
            ({"company": {"size": "small"}, **revenues(0, 9_000_000)}, NO),
            # If any revenue will do, the revenue need not be known.
            ({"company": {"size": "micro"}}, 10000),
            ({"company": {"size": "small"}}, UNKNOWN),
            (revenues(0, 100_000_000), UNKNOWN),
        ],
    ),
    Rule(
        "E: prices with ends that belong to one tier each",
        amount="tier",
        tables=(
            tiers("tier", "F", ("car.price_ex_tax",), (">= 300000", "10000"), (">= 200000", "6000"), ("-", "2000")),
        ),
        version={"subject": "car"},
        table=[
            ({"car": {"price_ex_tax": 300_000}}, 10000),
            ({"car": {"price_ex_tax": 299_999.99}}, 6000),
            ({"car": {"price_ex_tax": 200_000}}, 6000),
            ({"car": {"price_ex_tax": 1}}, 2000),
            ({"car": {}}, UNKNOWN),
        ],
    ),
    Rule(
        "F: a parameter of the district",
        amount="500",
        clauses=("wages[year = 2019].total / wages[year = 2019].months * 12 < limit",),
        parameters=(parameter("limit", "工资上限", "", "元", always("72000"), in_district("330127", "57000")),),
        version={"subject": "employee"},
        table=[
            ({"district": "330106", "wages": [{"year": 2019, "total": 71_999, "months": 12}]}, 500),
            ({"district": "330106", "wages": [{"year": 2019, "total": 72_000, "months": 12}]}, NO),
            ({"district": "330127", "wages": [{"year": 2019, "total": 60_000, "months": 12}]}, NO),
            ({"district": "330127", "wages": [{"year": 2019, "total": 56_999, "months": 12}]}, 500),
            # If the limit differs by district, an unknown district makes the limit unknown.
            ({"wages": [{"year": 2019, "total": 60_000, "months": 12}]}, UNKNOWN),
            ({"district": "330106"}, UNKNOWN),
        ],
    ),
    Rule(
        "G: periods × amount, at most six of them and 5,000 yuan",
        amount=f"min(count({_PAID}), 6) * 1000",
        version={"cap_cny": 5000},
        table=[
            ({"insurance": headcounts("2022-01", 1, 1, 1, is_paid=True)}, 3000),
            ({"insurance": headcounts("2022-01", 1, 1, 1, 1, 1, 1, 1, 1, is_paid=True)}, 5000),
            ({"insurance": headcounts("2022-01", 1, 1, is_paid=False)}, NO),
            ({}, UNKNOWN),
        ],
    ),
    Rule(
        "H: growth of 5 % that is above the first half-year's, or of 15 %",
        amount="1000",
        clauses=(
            '(output[quarter = "2023Q3"].value >= output[quarter = "2022Q3"].value * 1.05'
            ' and output[quarter = "2023Q3"].value / output[quarter = "2022Q3"].value'
            ' > output[quarter = "2023Q1"].value / output[quarter = "2022Q1"].value)'
            ' or output[quarter = "2023Q3"].value >= output[quarter = "2022Q3"].value * 1.15',
        ),
        table=[
            (output(q2022Q3=100, q2023Q3=106, q2022Q1=100, q2023Q1=105), 1000),
            (output(q2022Q3=100, q2023Q3=105, q2022Q1=100, q2023Q1=105), NO),
            (output(q2022Q3=100, q2023Q3=115, q2022Q1=100, q2023Q1=150), 1000),
            # With fifteen per cent the first half-year does not matter; with less it has to be known.
            (output(q2022Q3=100, q2023Q3=115), 1000),
            (output(q2022Q3=100, q2023Q3=106), UNKNOWN),
            # A percentage of growth from zero does not exist.
            (output(q2022Q3=0, q2023Q3=0, q2022Q1=0, q2023Q1=0), 1000),
        ],
    ),
    Rule(
        "I: a rate by class",
        amount='insurance_year[year = 2021].unemployment_premium * (if company.size = "large" then 0.3 else 0.6)',
        shared={"insurance_year": [{"year": 2021, "unemployment_premium": 120_000}]},
        table=[
            ({"company": {"size": "large"}}, 36000),
            ({"company": {"size": "small"}}, 72000),
            # An unknown class takes no branch, not even the lower rate.
            ({"company": {}}, UNKNOWN),
        ],
    ),
    Rule(
        "I: true marginal slabs",
        amount="slabs",
        tables=(
            tiers(
                "slabs",
                "C+",
                (_GROWN,),
                ("<= 0", "0"),
                ("> 0", f"min({_GROWN}, 10000000) * 0.005"),
                ("> 10000000", f"(min({_GROWN}, 50000000) - 10000000) * 0.003"),
                ("> 50000000", f"({_GROWN} - 50000000) * 0.001"),
            ),
        ),
        table=[
            (revenues(0, 8_000_000), 40000),
            (revenues(0, 10_000_000), 50000),
            (revenues(0, 10_000_001), 50000),
            (revenues(0, 60_000_000), 180000),
            (revenues(60_000_000, 50_000_000), NO),
            (revenues(None, 60_000_000), UNKNOWN),
        ],
    ),
    Rule(
        "J: whoever received the other subsidy is excluded, whatever the order of payment",
        amount="1500",
        clauses=('count(received[policy in ("P-18", "P-20")]) = 0',),
        table=[
            ({}, 1500),
            ({"received": [{"policy": "P-16", "amount": 100}]}, 1500),
            ({"received": [{"policy": "P-20", "amount": 100}]}, NO),
        ],
    ),
    Rule(
        "K: an annualised income and pro rata months",
        amount="wages[year = 2019].total / wages[year = 2019].months * 12 * 0.01",
        version={"subject": "employee"},
        table=[
            ({"wages": [{"year": 2019, "total": 30_000, "months": 5}]}, 720),
            ({"wages": [{"year": 2019, "total": 72_000, "months": 12}]}, 720),
            ({"wages": [{"year": 2019, "total": 30_000, "months": 0}]}, UNKNOWN),
            ({"wages": [{"year": 2019, "total": 30_000}]}, UNKNOWN),
        ],
    ),
    Rule(
        "K: an average headcount with two decimals, known only when every month is",
        amount='if count(insurance[month between "2022-01" and "2022-03"]) = 3'
        ' then round half up(mean(insurance[month between "2022-01" and "2022-03"].insured), 2) * 500 else null',
        table=[
            ({"insurance": headcounts("2022-01", 1, 1, 2)}, 665),
            ({"insurance": headcounts("2022-01", 1, 2)}, UNKNOWN),
            ({"insurance": headcounts("2022-01", 1, None, 2)}, UNKNOWN),
        ],
    ),
    Rule(
        "K: months without a gap",
        amount="1000",
        clauses=('every m in ["2022-01", "2022-02", "2022-03"] satisfies count(insurance[month = m and is_paid]) = 1',),
        table=[
            ({"insurance": headcounts("2022-01", 1, 1, 1, is_paid=True)}, 1000),
            ({"insurance": [*headcounts("2022-01", 1, is_paid=True), *headcounts("2022-03", 1, is_paid=True)]}, NO),
            ({}, UNKNOWN),
        ],
    ),
    Rule(
        "K: a layoff rate from two headcounts",
        amount="1000",
        clauses=(
            '(insurance[month = "2021-12"].insured - insurance[month = "2022-12"].insured)'
            ' / insurance[month = "2021-12"].insured <= 0.055',
        ),
        table=[
            ({"insurance": [{"month": "2021-12", "insured": 1000}, {"month": "2022-12", "insured": 945}]}, 1000),
            ({"insurance": [{"month": "2021-12", "insured": 1000}, {"month": "2022-12", "insured": 944}]}, NO),
            ({"insurance": [{"month": "2021-12", "insured": 0}, {"month": "2022-12", "insured": 944}]}, UNKNOWN),
            ({"insurance": [{"month": "2022-12", "insured": 944}]}, UNKNOWN),
        ],
    ),
]


@pytest.mark.parametrize("rule", RULES, ids=[rule.name for rule in RULES])
def test_a_letter(rule: Rule) -> None:
    holds(rule)


def test_every_letter_of_this_half_is_there() -> None:
    assert {rule.name[0] for rule in RULES} == set("ABCDEFGHIJK")


def test_a_rate_is_the_one_in_force_on_the_day_of_the_facts() -> None:
    rate = parameter("rate", "返还比例", "", "", since(2020, 1, 1, "0.6"), since(2022, 6, 1, "0.9"))
    premium = {"insurance_year": [{"year": 2021, "unemployment_premium": 120_000}]}
    holds(
        Rule(
            "O: dated",
            amount="insurance_year[year = 2021].unemployment_premium * rate",
            parameters=(rate,),
            table=[
                ({"as_of": "2022-05-31", **premium}, 72000),
                ({"as_of": "2022-06-01", **premium}, 108000),
                # Before the first value there is no rate.
                ({"as_of": "2019-12-31", **premium}, UNKNOWN),
            ],
        )
    )
