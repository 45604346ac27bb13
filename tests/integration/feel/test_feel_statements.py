"""The SQL that rules become: no text leaks into it, it raises no error, it shares joins, and its size is bounded."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.db import connection
from psycopg.sql import SQL, Composable, Literal

from companies.datasets.catalogue import Catalogue
from policies.feel.checking.check import check
from policies.feel.python.evaluate import evaluate
from policies.feel.sql.fact_joins import FactJoins
from policies.feel.words.json_facts import compile_statement, read_facts
from policies.feel.words.mentions import find_mentions
from tests.spec.engines import CATALOGUE, City, answer

pytestmark = pytest.mark.django_db

CITY = City(
    {
        1: {"company": {"staff": 3, "founded_on": dt.date(2019, 1, 1)}, "tax": [{"year": 2019, "revenue": 5}]},
        2: {"company": {"staff": 9}, "tax": [{"year": 2020, "revenue": 7}]},
    }
)


def _joins(**more: object) -> FactJoins:
    return FactJoins(CATALOGUE, owners={"company": SQL("c.company_id")}, bound={"company": SQL("c")}, **more)  # type: ignore[arg-type]


def _compiled(*rules: str) -> tuple[list[str], str]:
    joins = _joins()
    values = [joins.value(check(rule, catalogue=CATALOGUE)).as_string(None) for rule in rules]
    return values, joins.joins().as_string(None)


NASTY = [
    "'; DROP TABLE companies_company; --",
    '"; DROP TABLE x; --',
    "%s %(a)s %",
    "\\'; --",
    "$$ $1 {} {0} {x}",
    "\u2028\u202e\U0010ffff",
    "E'\\x27'",
]


@pytest.mark.parametrize("text", NASTY)
def test_a_text_stays_a_text(text: str) -> None:
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    assert answer(f'"{quoted}" + ""') == text
    assert answer("a", {"a": text}) == text
    assert answer(f'a = "{quoted}"', {"a": text}) is True


@pytest.mark.parametrize("text", NASTY)
def test_a_text_stays_a_text_beside_parameters(text: str) -> None:
    read = read_facts({"a": text})
    query = SQL("SELECT %s, ({})").format(compile_statement(check("a", catalogue=read.catalogue), read))
    with connection.cursor() as cursor:
        cursor.execute(query.as_string(cursor.connection), ["mine"])
        assert cursor.fetchone() == ("mine", text)


@pytest.mark.parametrize("name", ["select", "order", "user", "Größe", "年度", "a b", "v", "_row", "subject", "x" * 60])
def test_any_name_is_a_name(name: str) -> None:
    assert answer(f"{name} + 1", {name: 1}) == 2
    assert answer(f"subject x.{name} + 1", {"subject x": {name: 1}}) == 2
    assert answer(f"sum(list[{name} > 0].{name})", {"list": [{name: 1}]}) == 1


def test_a_register_is_aggregated_once_for_all_rules() -> None:
    rules = ["tax[year = 2019].revenue > 1", "tax[year = 2020].revenue > tax[year = 2019].revenue", "count(tax) > 1"]
    values, joins = _compiled(*rules)
    assert joins.count("JOIN") == 1
    assert joins.count("GROUP BY") == 1
    # Two rules mention the same year, and the statement computes its facts once.
    assert joins.count(' AS "a') == 3
    assert "feel_tax" not in "".join(values)


def test_filters_that_look_outside_share_one_lateral_join() -> None:
    _, joins = _compiled(
        "count(tax[year > company.founded_on.year]) > 0",
        "sum(tax[revenue > company.staff].revenue) > 0",
        "count(tax) > 0",
    )
    assert joins.count("LEFT JOIN LATERAL") == 1
    assert joins.count("GROUP BY") == 1


def test_a_rule_without_lists_needs_no_join() -> None:
    assert _compiled('company.staff > 1 and company.district != "330127"')[1] == ""


def test_what_the_catalogue_promises_need_not_be_counted() -> None:
    tax = CATALOGUE.groups["tax"]
    revenue = replace(tax.facts["revenue"], is_required=True)
    promised = replace(tax, key=frozenset({"year"}), facts={**tax.facts, "revenue": revenue})
    catalogue = Catalogue({**CATALOGUE.groups, "tax": promised})
    counted = {
        "tax[year = 2019].revenue > 1": 0,
        "tax[2019 = year and revenue > 1].revenue > 1": 0,
        "tax[year >= 2019].revenue > 1": 1,
        "tax[year = year].revenue > 1": 1,
        "tax[year = 2019 or year = 2020].revenue > 1": 1,
        "sum(tax.revenue) > 1": 0,
        "sum(tax.year) > 1": 1,
    }
    for rule, expected in counted.items():
        joins = FactJoins(catalogue, owners={"company": SQL("c.company_id")}, bound={"company": SQL("c")})
        joins.value(check(rule, catalogue=catalogue))
        assert min(joins.joins().as_string(None).count("count(*)"), 1) == expected, rule


def test_the_caller_narrows_what_is_aggregated() -> None:
    CITY.deliver()

    def first(owner: Composable) -> Composable:
        return SQL("{} = {}").format(owner, Literal(1))

    joins = _joins(within={"company": first})
    value = joins.value(check("sum(tax.revenue)", catalogue=CATALOGUE))
    query = SQL("SELECT {} FROM feel_company AS c {} ORDER BY c.company_id").format(value, joins.joins())
    with connection.cursor() as cursor:
        cursor.execute(query.as_string(cursor.connection))
        assert [row for (row,) in cursor.fetchall()] == [5, None]


def test_what_a_rule_mentions() -> None:
    rule = check(
        "企业.人数 > 1 and tax[year = company.founded_on.year].revenue >= 1 and count(credit[is_serious]) = 0"
        " and (some t in tax satisfies t.revenue > company.staff)",
        catalogue=CATALOGUE,
    )
    assert [(mention.text, mention.dataset) for mention in find_mentions(rule)] == [
        ("company.staff", "company"),
        ("tax[year = company.founded_on.year].revenue", "tax"),
        ("company.founded_on", "company"),
        ("count(credit[is_serious])", "credit"),
        ("some each in tax satisfies each.revenue > company.staff", "tax"),
    ]
    assert {mention.department for mention in find_mentions(rule)} == {"tax bureau"}


DEEP = [
    "round up(" * 35 + "a" + ", 1)" * 35,
    "decimal(" * 35 + "a" + ", 1)" * 35,
    "modulo(" * 35 + "a" + ", 7)" * 35,
    "substring after(" * 35 + '"a"' + ', "b")' * 35,
    "(if " * 17 + "true" + " then a else 1) between 1 and 2" * 17,
    "count([1][item > " * 11 + "a" + "])" * 11,
]


@pytest.mark.parametrize("rule", DEEP, ids=[rule[:14] for rule in DEEP])
def test_the_statement_grows_no_faster_than_the_rule(rule: str) -> None:
    read = read_facts({"a": 5})
    checked = check(rule, catalogue=read.catalogue)
    assert len(compile_statement(checked, read).as_string(None)) < 60_000
    answer(rule, {"a": 5})
    evaluate(checked, facts=read.facts)


EXTREMES = [
    ("a * a * a * a * a * a", 10**99),
    ("a / b", "1e-90"),
    ("a ** 1000", 10),
    ("a ** -1000", "0.001"),
    ("round up(a, b)", "1e90"),
    (" * ".join(["round up(a, -6111)"] * 10), 1),
    (" * ".join(["round up(a, 2)"] * 39), "1e99"),
    (" * ".join(["a ** 10"] * 39), "123456789012345"),
    ('substring("x", a, a)', "1e90"),
    ("date(a, a, a)", "1e90"),
    ("sqrt(a)", "1e90"),
    ("a / 0.000000000001 / 0.000000000001 / 0.000000000001", "1e90"),
]


@pytest.mark.parametrize(("rule", "a"), EXTREMES, ids=[rule for rule, _ in EXTREMES])
def test_no_number_stops_the_statement(rule: str, a: object) -> None:
    facts = {"a": {"number": str(a)}, "b": {"number": "1e90"}}
    read = read_facts(facts)
    checked = check(rule, catalogue=read.catalogue)
    with connection.cursor() as cursor:
        cursor.execute(compile_statement(checked, read).as_string(cursor.connection))
        (sql,) = cursor.fetchone()
    assert sql == evaluate(checked, facts=read.facts)
