"""Departments' records: filters, single values, what absence means, and stale data."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from tests.spec.engines import City

pytestmark = pytest.mark.django_db

FULL, EMPTY, TWICE = 1, 2, 3
CITY = City(
    {
        FULL: {
            "company": {
                "district": "330106", "size": "small", "staff": 25, "founded_on": dt.date(2018, 3, 1),
                "is_state_owned": False,
            },
            "bank": {"bank": "ICBC", "balance": Decimal("10.5")},
            "tax": [{"year": 2019, "revenue": Decimal(100)}, {"year": 2020, "revenue": Decimal(160)}],
            "credit": [{"kind": "late", "listed_on": dt.date(2017, 1, 1), "is_serious": False}],
        },
        # No department has delivered anything about this company.
        EMPTY: {"company": {}},
        TWICE: {
            "company": {
                "district": "330127", "size": "large", "staff": 300, "founded_on": dt.date(2020, 1, 1),
                "is_state_owned": True,
            },
            "tax": [
                {"year": 2019, "revenue": Decimal(50)},
                {"year": 2019, "revenue": Decimal(50)},
                {"year": 2020, "revenue": None},
            ],
            "credit": [
                {"kind": "fraud", "listed_on": dt.date(2021, 5, 1), "is_serious": True},
                {"kind": None, "listed_on": None, "is_serious": None},
            ],
        },
    }
)  # fmt: skip

TABLE = [
    # rule, full, empty, twice
    ('company.district != "330127"', True, None, False),
    ('企业.所属区县 = "330106"', True, None, False),
    ("bank.balance > 10", True, None, None),
    # One record gives its value; no record and two records give none.
    ("tax[year = 2019].revenue", [100], None, [50, 50]),
    ("tax[year = 2019].revenue < 5000000", True, None, None),
    ("税务[年度 = 2019].营业收入 < 5000000", True, None, None),
    ("tax[year = 2018].revenue < 5000000", None, None, None),
    ("tax[year = 2020].revenue >= tax[year = 2019].revenue * 1.05", True, None, None),
    ("tax[year = 2020].revenue = null", False, True, True),
    ("if tax[year = 2020].revenue > 1 then 1 else 2", 1, None, None),
    # The same holds for the value that a loop or a filter looks at.
    ("sum(for v in tax.revenue return if v > 120 then 0 else 500)", 500, None, None),
    ("some v in tax.revenue satisfies (if v > 0 then false else true)", False, None, None),
    ("count(tax.revenue[if item > 120 then false else true])", 1, None, 2),
    (
        "count(list replace(tax.revenue, function(item, new) if item > 120 then false else true, 0)[item = 0])",
        1,
        None,
        2,
    ),
    ("{seen: tax[year = 2020].revenue, cost: sum(for s in [seen] return if s > 1 then 1 else 9)}.cost", 1, None, None),
    # A register without a record of a company knows nothing; a complete register says that there is none.
    ("count(tax)", 2, None, 3),
    ("count(tax[revenue > 1000])", 0, None, 0),
    ("count(credit)", 1, 0, 2),
    ("count(credit[is_serious])", 0, 0, 1),
    ("count(credit[is_serious]) = 0", True, True, False),
    ("sum(tax.revenue)", 260, None, None),
    ("sum(tax[year = 2019].revenue)", 100, None, 100),
    ("mean(tax[year = 2019].revenue)", 100, None, 50),
    ("max(tax.year)", 2020, None, 2020),
    ("min(credit.listed_on)", dt.date(2017, 1, 1), None, None),
    ("max(credit.kind)", "late", None, None),
    ("sum(tax[year = 2018].revenue)", None, None, None),
    # Quantifiers.
    ("some t in tax satisfies t.revenue > 90", True, None, None),
    ("every t in tax satisfies t.year >= 2019", True, None, True),
    ('some c in credit satisfies c.kind = "fraud"', False, False, True),
    ('every c in credit satisfies c.kind = "late"', True, True, False),
    ("any(credit.is_serious)", False, False, True),
    ("all(credit.is_serious)", False, True, None),
    # Filters that look outside their own records.
    ("count(credit[listed_on > company.founded_on])", 0, 0, 1),
    ("count(tax[year >= company.founded_on.year])", 2, None, 1),
    ("count(tax[revenue > mean(tax.revenue)])", 1, None, 0),
    ("count(tax[year = max(tax.year)])", 1, None, 1),
    ("count(tax[company.staff > 100])", 0, None, 3),
    ("count(credit[count(tax[year = 2019]) = 1])", 1, 0, 0),
    ("some t in tax satisfies count(tax[year < t.year]) > 0", True, None, True),
    ("every c in credit satisfies (some t in tax satisfies t.year < c.listed_on.year)", False, True, None),
    # Values of each record.
    ("sum(for t in tax[year = 2019] return t.revenue * 2 + company.staff)", 225, None, 800),
    ("count(tax.revenue[item > 99])", 2, None, 0),
    ("max(credit.listed_on.year)", 2017, None, None),
    ("company.staff in tax.year", False, None, False),
    ("tax[year = 2019][revenue > 60].revenue > 0", True, None, None),
]


@pytest.fixture
def city() -> City:
    CITY.deliver()
    return CITY


def test_registers(city: City) -> None:
    answers = city.all_answers([rule for rule, *_ in TABLE])
    for rule, full, empty, twice in TABLE:
        assert answers[rule] == {FULL: full, EMPTY: empty, TWICE: twice}, rule


@pytest.mark.parametrize(("rule", "full", "empty", "twice"), TABLE, ids=[rule for rule, *_ in TABLE])
def test_a_register_alone(city: City, rule: str, full: Any, empty: Any, twice: Any) -> None:
    assert city.answers(rule) == {FULL: full, EMPTY: empty, TWICE: twice}


STALE = [
    ("company.staff > 1", {"company"}),
    ("bank.balance > 10", {"bank"}),
    ("count(tax)", {"tax"}),
    ("tax[year = 2019].revenue > 1", {"tax"}),
    ("count(credit) = 0", {"credit"}),
    ("some c in credit satisfies c.is_serious", {"credit"}),
    ("every c in credit satisfies c.is_serious", {"credit"}),
    ("count(credit[count(tax) > 0]) > 100", {"credit"}),
    # A test for null stays unknown, too: the department may have a value that it has not delivered.
    ("bank.balance = null", {"bank"}),
    ("bank.balance != null", {"bank"}),
    ("bank.balance + company.staff = null", {"bank"}),
    ("tax[year = 2019].revenue = null", {"tax"}),
    ("max(tax[year > 2018].revenue) = null", {"tax"}),
    ("(if bank.balance > 1 then 1 else 2) = null", {"bank"}),
    ("some x in [bank.balance] satisfies x = null", {"bank"}),
    ("bank.balance instance of number", {"bank"}),
    ("count([1, bank.balance][item = null]) = 1", {"bank"}),
    ("list contains(append([bank.bank], null), bank.bank)", {"bank"}),
    ("(function(x) x = null)(bank.balance)", {"bank"}),
    ('not(list contains([bank.bank], "x"))', {"bank"}),
    ('string join([bank.bank, "a"]) = "a"', {"bank"}),
    ('string join(for x in [bank.bank, "a"] return x) = "a"', {"bank"}),
    ("count(index of(for x in [bank.balance, 5] return x, 7)) = 0", {"bank"}),
    ("sum(for x in [bank.balance] return if x > 3 then 1 else 2) = 2", {"bank"}),
    # A filter over unknown records does not find nothing: its result is unknown.
    ("count(credit[bank.balance = null]) = 0", {"bank"}),
    ("count(tax[revenue > bank.balance]) >= 0", {"bank"}),
    ("sum(tax[revenue > bank.balance].revenue) = null", {"bank"}),
    ("tax[year = bank.balance].revenue = null", {"bank"}),
]


@pytest.mark.parametrize(("rule", "stale"), STALE)
def test_what_is_stale_is_unknown(city: City, rule: str, stale: set[str]) -> None:
    assert set(city.answers(rule, stale=frozenset(stale)).values()) == {None}


def test_a_fresh_alternative_still_decides(city: City) -> None:
    rule = "count(credit) = 0 or company.staff > 20"
    assert city.answers(rule, stale=frozenset({"credit"}))[FULL] is True


def test_a_null_that_was_told_is_an_answer_beside_what_is_stale(city: City) -> None:
    rule = "company.staff = null and (count(credit) = 0 or true)"
    assert city.answers(rule, stale=frozenset({"credit"}))[FULL] is False
    assert city.answers("bank.balance = null", stale=frozenset({"credit"}))[FULL] is False
