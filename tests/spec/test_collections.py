"""Collections: loops with arithmetic, loops over two departments' records, years in a row, periods with a cap."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from policies.feel.checking.check import check
from policies.feel.messages.errors import FeelError
from policies.feel.words.explain import explain_rule, show_rule
from tests.spec.engines import CATALOGUE, City

pytestmark = pytest.mark.django_db

D = Decimal
FULL, EMPTY, HALF, CLEAN = 1, 2, 3, 4
CITY = City(
    {
        FULL: {
            "company": {"staff": 25, "founded_on": dt.date(2018, 3, 1)},
            "tax": [
                {"year": 2019, "revenue": D(100)},
                {"year": 2020, "revenue": D(160)},
                {"year": 2022, "revenue": D(10)},
            ],
            "credit": [
                {"kind": "late", "listed_on": dt.date(2019, 1, 1), "is_serious": False},
                {"kind": "fraud", "listed_on": dt.date(2020, 5, 1), "is_serious": True},
                {"kind": "fraud", "listed_on": dt.date(2020, 6, 1), "is_serious": None},
            ],
        },
        EMPTY: {"company": {}},
        # Only one of the two registers has records.
        HALF: {"company": {}, "credit": [{"kind": "late", "listed_on": dt.date(2019, 1, 1), "is_serious": False}]},
        CLEAN: {"company": {"staff": 3}, "tax": [{"year": 2019, "revenue": None}, {"year": None, "revenue": D(5)}]},
    }
)  # fmt: skip

PAIRS = "for t in tax, c in credit[listed_on.year = t.year] return"
TURNED = "for c in credit, t in tax[year = c.listed_on.year] return"
TABLE: list[tuple[str, Any, Any, Any, Any]] = [
    # rule, full, empty, half, clean
    (f"count({PAIRS} 1)", 3, None, None, 0),
    (f"sum({PAIRS} t.revenue)", 420, None, None, None),
    (f"max({PAIRS} c.listed_on)", dt.date(2020, 6, 1), None, None, None),
    (f"count({TURNED} t.revenue * 2)", 3, 0, None, 0),
    (f"sum({TURNED} t.revenue * company.staff)", 10_500, None, None, None),
    ("count(for t in tax[revenue > 120], c in credit[listed_on.year = t.year and is_serious] return c.kind)",
     1, None, None, 0),
    ("sum(for t in tax[year > 2030], c in credit[listed_on.year = t.year] return 1) = null", True, True, True, True),
    ("count(for c in credit[kind = \"none\"], t in tax[year = c.listed_on.year] return 1)", 0, 0, 0, 0),
    ("count(for a in tax, b in tax[year = a.year + 1] return b.revenue - a.revenue)", 1, None, None, 0),
    ("every d in (for a in tax, b in tax[year = a.year + 1] return b.revenue - a.revenue) satisfies d > 0",
     True, None, None, True),
    ("count(for t in tax, c in credit[listed_on.year = t.year], b in tax[year > c.listed_on.year] return 1)",
     4, None, None, 0),
    (f"(some x in ({PAIRS} c.is_serious) satisfies x)", True, None, None, False),
    # A calculation over each record.
    ("sum(for t in tax[year < 2021] return t.revenue * 0.1)", 26, None, None, None),
    ("max(for t in tax return if t.revenue > 50 then t.revenue - 50 else 0)", 110, None, None, None),
    # Years in a row: as many as the window has, or each year with the next one.
    ("count(tax[year in [2019..2020]]) = 2", True, None, None, False),
    ("every y in [2019, 2020, 2021] satisfies count(tax[year = y]) = 1", False, None, None, False),
    ("(for y in 2019..2022 return count(tax[year = y]))", [1, 1, 0, 1], [None] * 4, [None] * 4, [1, 0, 0, 0]),
    # Periods by an amount, with a cap on their number and on the sum.
    ("min(count(tax[revenue > 0]), 2) * 500", 1000, None, None, 500),
    ("min(min(count(tax), 2) * 500, 800)", 800, None, None, 800),
    # Several filters of one register share a join; a filter that looks outside has a join of its own.
    ("sum(tax[year = 2020].revenue) - sum(tax[year = 2019].revenue) > mean(tax[revenue > company.staff].revenue) / 10",
     True, None, None, None),
]  # fmt: skip


@pytest.fixture
def city() -> City:
    CITY.deliver()
    return CITY


@pytest.mark.parametrize(("rule", "full", "empty", "half", "clean"), TABLE, ids=[rule for rule, *_ in TABLE])
def test_collections(city: City, rule: str, full: Any, empty: Any, half: Any, clean: Any) -> None:
    assert city.answers(rule) == {FULL: full, EMPTY: empty, HALF: half, CLEAN: clean}


def test_all_at_once(city: City) -> None:
    answers = city.all_answers([rule for rule, *_ in TABLE])
    for rule, full, empty, half, clean in TABLE:
        assert answers[rule] == {FULL: full, EMPTY: empty, HALF: half, CLEAN: clean}, rule


@pytest.mark.parametrize("rule", [rule for rule, *_ in TABLE])
def test_shown_back_it_is_the_same_rule(city: City, rule: str) -> None:
    for language in ("en", "zh"):
        assert city.answers(show_rule(check(rule, catalogue=CATALOGUE), language=language)) == city.answers(rule)


@pytest.mark.parametrize("stale", [{"tax"}, {"credit"}])
def test_what_is_stale_is_unknown(city: City, stale: set[str]) -> None:
    answers = city.answers(f"count({PAIRS} 1)", stale=frozenset(stale))
    assert answers == {FULL: None, EMPTY: None, HALF: None, CLEAN: None}
    answers = city.answers('count(for c in credit[kind = "none"], t in tax[year = c.listed_on.year] return 1)',
                           stale=frozenset({"tax"}))  # fmt: skip
    assert set(answers.values()) == {0}


@pytest.mark.parametrize(
    "rule",
    [
        "count(for t in tax, c in credit return 1)",
        "count(for t in tax, c in credit[is_serious] return t.revenue)",
        "count(for t in tax, x in [1, 2] return t.revenue * x)",
    ],
)
def test_each_with_each_is_refused(rule: str) -> None:
    with pytest.raises(FeelError) as refused:
        check(rule, catalogue=CATALOGUE)
    assert refused.value.code == "loops_over_records"


def test_pairs_read_well() -> None:
    rule = check(f"sum({PAIRS} t.revenue) > 5", catalogue=CATALOGUE)
    assert (
        explain_rule(rule, language="zh")
        == "合计(税务 × 信用记录（列入日期的年份 等于 年度） 逐条取 (营业收入)) 大于 5"
    )
