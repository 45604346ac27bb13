"""Parameters, named clauses and decision tables, on both engines."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from policies.feel.checking.check import check
from policies.feel.definitions import ClauseText, DatedValue, Definitions, InputText, ParameterText, RowText, TableText
from policies.feel.messages.errors import FeelError
from policies.feel.words.explain import explain_rule, show_rule
from policies.feel.words.mentions import find_mentions
from tests.spec.engines import CATALOGUE, City

pytestmark = pytest.mark.django_db

D = Decimal
XIHU, CHUNAN, NOWHERE = 1, 2, 3
CITY = City(
    {
        XIHU: {
            "company": {"district": "330106", "size": "small", "staff": 25, "founded_on": dt.date(2021, 3, 1),
                        "is_state_owned": False},
            "bank": {"bank": "A", "balance": D(250_000)},
            "tax": [{"year": 2021, "revenue": D(100)}, {"year": 2022, "revenue": D(200)}],
            "credit": [],
        },
        CHUNAN: {
            "company": {"district": "330127", "size": "large", "staff": 10, "founded_on": dt.date(2024, 1, 1),
                        "is_state_owned": True},
            "bank": {"bank": "B", "balance": D(300_000)},
            "credit": [{"kind": "fraud", "listed_on": dt.date(2021, 5, 1), "is_serious": True}],
        },
        NOWHERE: {"company": {}},
    }
)  # fmt: skip


def table(name: str, hit_policy: str, inputs: str | tuple[str, ...], *rows: str) -> TableText:
    """A table of rows such as "< 5 | small -> 1"."""
    texts = (inputs,) if isinstance(inputs, str) else inputs
    split = [row.rsplit("->", 1) for row in rows]
    return TableText(
        name,
        f"{name}表",
        hit_policy,
        tuple(InputText(text, text, text) for text in texts),
        tuple(RowText(tuple(cell.strip() for cell in cells.split("|")), output.strip()) for cells, output in split),
    )


def named(name: str, feel: str) -> ClauseText:
    """A named clause without titles."""
    return ClauseText(name, "", "", "", feel)


DEFINITIONS = Definitions(
    parameters=(
        ParameterText("ratio", "比例", (DatedValue(D("0.3")), DatedValue(D("0.5"), valid_from=dt.date(2022, 1, 1)))),
        ParameterText(
            "limit", "上限",
            (
                DatedValue(D(72_000)),
                DatedValue(D(57_000), "330127"),
                DatedValue(D(60_000), "330127", dt.date(2023, 1, 1)),
            ),
        ),
        ParameterText("late", "以后", (DatedValue(D(1), valid_from=dt.date(2030, 1, 1)),)),
        ParameterText("none", "空", ()),
    ),
    tables=(
        # A car by its price (P-11).
        table("car", "U", "bank.balance", ">= 300000 -> 10000", "[200000..300000) -> 6000", "< 200000 -> 2000"),
        table("first", "F", "company.staff", "> 20 -> 3", "> 5 -> 2", "- -> 1"),
        # Market by class (a two-way table); “not”, lists and several values.
        table(
            "two_way", "U", ("company.size", "company.staff"),
            '"small","micro" | < 20 -> 1', '"small","micro" | >= 20 -> 2', 'not("small", "micro") | - -> 3',
        ),
        # Marginal slabs: 10 % of the first hundred, 20 % of what is above.
        table("slabs", "C+", "sum(tax.revenue)", "> 0 -> min(sum(tax.revenue), 100) * 0.1",
              "> 100 -> (sum(tax.revenue) - 100) * 0.2"),
        table("twice", "U", "company.staff", "> 20 -> 1", "> 5 -> 2"),
        table("gap", "F", "company.staff", "> 20 -> 1"),
        table("asks", "F", "company.district", 'starts with(?, "3301") and ? != "330127" -> "in"', '- -> "out"'),
        table("nothing", "F", "bank.bank", 'null -> "none"', '- -> "some"'),
        table("dates", "F", "company.founded_on", '< date("2022-01-01") -> true', "- -> false"),
        table("truth", "F", "company.is_state_owned", "true -> 1", "false -> 2"),
        table("per_firm", "F", ("company.district", "ratio"), '"330127" | > 0.4 -> limit * 2', "- | - -> limit"),
        # A table of its own input, called with a value.
        table("tier", "F", "price", ">= 200 -> price * 2", "- -> price"),
        # An `if` over the table's own value, and over “?”.
        table("grade", "F", "n", "- -> if n >= 1000 then 1000 else 500"),
        table("untold", "F", "bank.balance", "not(if ? >= 300000 then true else false) -> 1", "- -> 2"),
        table("part_null", "U", "company.staff", "> 20 -> null", "<= 20 -> 7"),
        table("sum_null", "C+", "company.staff", "> 20 -> bank.balance", "> 5 -> tax[year = 2019].revenue"),
    ),
    clauses=(
        ClauseText("honest", "诚信", "非严重失信", "Not seriously dishonest", "count(credit[is_serious]) = 0"),
        ClauseText("private", "民营", "非国有", "Not state-owned", "not(company.is_state_owned)"),
        ClauseText("good", "合格", "合格企业", "A good firm", "honest and 民营"),
    ),
)  # fmt: skip

TABLE: list[tuple[str, Any, Any, Any]] = [
    # rule, Xihu, Chun'an, nobody knows where
    ("ratio", D("0.5"), D("0.5"), D("0.5")),
    ("比例 * 2", 1, 1, 1),
    ('ratio(date("2021-12-31"))', D("0.3"), D("0.3"), D("0.3")),
    ("ratio(company.founded_on)", D("0.3"), D("0.5"), None),
    ('ratio("2021-12")', D("0.3"), D("0.3"), D("0.3")),
    ('ratio("2022Q1")', D("0.5"), D("0.5"), D("0.5")),
    ('ratio("soon")', None, None, None),
    ("ratio(2021)", D("0.3"), D("0.3"), D("0.3")),
    ("limit", 72_000, 60_000, None),
    ('limit(date("2022-12-31"))', 72_000, 57_000, None),
    ("late", None, None, None),
    ('late(date("2030-01-01"))', 1, 1, 1),
    ("none", None, None, None),
    # A calculation across a change of the rate is one expression.
    ("sum(for t in tax return t.revenue * ratio(t.year))", 130, None, None),
    ("sum(tax[revenue * ratio(year) > 50].revenue)", 200, None, None),
    ("as_of", dt.date(2023, 6, 30), dt.date(2023, 6, 30), dt.date(2023, 6, 30)),
    ("company.founded_on <= 基准日", True, False, None),
    ("car", 6_000, 10_000, None),
    ("first", 3, 2, None),
    ("two_way", 2, 3, None),
    ("slabs", 50, None, None),
    ("twice", None, 2, None),
    ("gap", 1, None, None),
    ("asks", "in", "out", None),
    ("grade(tax[year = 2021].revenue)", 500, None, None),
    ("sum(for b in [company.staff] return grade(b * 50))", 1_000, 500, None),
    ("untold", 1, 2, None),
    ("nothing", "some", "some", "none"),
    ("dates", True, False, None),
    ("truth", 2, 1, None),
    ("per_firm", 72_000, 120_000, None),
    ("tier(bank.balance)", 500_000, 600_000, None),
    ("sum(for t in tax return tier(t.revenue))", 500, None, None),
    ("tier(sum(tax.revenue) + 1)", 602, None, None),
    ("part_null", None, 7, None),
    ("sum_null", None, None, None),
    ("car表 + first表", 6_003, 10_002, None),
    ("car * ratio + limit", 75_000, 65_000, None),
    ("honest", True, False, True),
    ("good", True, False, None),
    ("good or car > 9000", True, True, None),
    ("count(tax[honest])", 2, None, None),
    # An unknown value chooses no branch.
    ("if late > 1 then 1 else 2", None, None, None),
    ("if gap > 0 then 1 else 2", 1, None, None),
]  # fmt: skip


@pytest.fixture
def city() -> City:
    CITY.deliver()
    return CITY


AS_OF = dt.date(2023, 6, 30)


@pytest.mark.parametrize(("rule", "xihu", "chunan", "nowhere"), TABLE, ids=[rule for rule, *_ in TABLE])
def test_definitions(city: City, rule: str, xihu: Any, chunan: Any, nowhere: Any) -> None:
    answers = city.answers(rule, definitions=DEFINITIONS, as_of=AS_OF)
    assert answers == {XIHU: xihu, CHUNAN: chunan, NOWHERE: nowhere}


def test_all_at_once(city: City) -> None:
    answers = city.all_answers([rule for rule, *_ in TABLE], definitions=DEFINITIONS, as_of=AS_OF)
    for rule, xihu, chunan, nowhere in TABLE:
        assert answers[rule] == {XIHU: xihu, CHUNAN: chunan, NOWHERE: nowhere}, rule


@pytest.mark.parametrize("rule", [rule for rule, *_ in TABLE])
def test_shown_back_it_is_the_same_rule(city: City, rule: str) -> None:
    checked = check(rule, catalogue=CATALOGUE, definitions=DEFINITIONS)
    expected = city.answers(rule, definitions=DEFINITIONS, as_of=AS_OF)
    for language in ("en", "zh"):
        again = show_rule(checked, language=language)
        assert city.answers(again, definitions=DEFINITIONS, as_of=AS_OF) == expected, again


def test_a_rate_of_the_day_needs_the_day(city: City) -> None:
    assert set(city.answers("ratio", definitions=DEFINITIONS).values()) == {None}
    assert set(city.answers("as_of", definitions=DEFINITIONS).values()) == {None}


def test_the_district_is_evidence_where_the_parameter_differs_by_it() -> None:
    def mentioned(text: str) -> list[str]:
        return [mention.text for mention in find_mentions(check(text, catalogue=CATALOGUE, definitions=DEFINITIONS))]

    assert mentioned("limit") == ["company.district"]
    assert mentioned("ratio") == []
    assert mentioned("good") == ["count(credit[is_serious])", "company.is_state_owned"]
    assert mentioned("car") == ["bank.balance"]


def test_it_reads_well() -> None:
    rule = check("good and car > ratio(company.founded_on)", catalogue=CATALOGUE, definitions=DEFINITIONS)
    assert explain_rule(rule, language="zh") == "“合格企业” 且 按“car表”表（开户的余额） 大于 比例(企业的成立日期)"
    assert explain_rule(rule, language="en").startswith(
        "“A good firm” and the table “car” (Bank – Balance) is above ratio("
    )


REFUSED: list[tuple[str, Definitions, str]] = [
    ("ratio()", DEFINITIONS, "parameter_arguments"),
    ("ratio(true)", DEFINITIONS, "parameter_arguments"),
    ("ratio(as_of, as_of)", DEFINITIONS, "parameter_arguments"),
    ("good(1)", DEFINITIONS, "clause_with_arguments"),
    ("tier(1, 2)", DEFINITIONS, "table_arguments"),
    ('tier("a")', DEFINITIONS, "definition_refused"),
    ("tier", DEFINITIONS, "definition_refused"),
    ("rato", DEFINITIONS, "unknown_name_near"),
    ("? > 1", DEFINITIONS, "unsupported"),
    ("a", Definitions(clauses=(named("a", "1"),)), "definition_refused"),
    ("a", Definitions(clauses=(named("a", "b"), named("b", "not(a)"))), "definition_cycle"),
    ("t", Definitions(tables=(table("t", "U", "company.staff", "- -> t + 1"),)), "definition_cycle"),
    ("t", Definitions(tables=(table("t", "C+", "company.staff", '- -> "a"'),)), "definition_refused"),
    ("t", Definitions(tables=(table("t", "U", "company.staff", '< 5 -> "a"', "- -> 1"),)), "definition_refused"),
    ("t", Definitions(tables=(table("t", "U", "company.staff", '"a" -> 1'),)), "definition_refused"),
    ("t", Definitions(tables=(table("t", "U", "company.staff", "< -> 1"),)), "definition_refused"),
    ("t", Definitions(tables=(table("t", "U", "tax.revenue", "- -> 1"),)), ""),
    ("t", Definitions(tables=(table("t", "U", "tax", "- -> 1"),)), "definition_refused"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "definitions", "code"), REFUSED)
def test_what_cannot_be_is_refused(rule: str, definitions: Definitions, code: str) -> None:
    if not code:
        check(rule, catalogue=CATALOGUE, definitions=definitions)
        return
    with pytest.raises(FeelError) as refused:
        check(rule, catalogue=CATALOGUE, definitions=definitions)
    assert refused.value.code == code


def test_a_circle_is_named() -> None:
    clauses = (
        ClauseText("a", "", "", "", "b"),
        ClauseText("b", "", "", "", "not(c)"),
        ClauseText("c", "", "", "", "a"),
    )
    with pytest.raises(FeelError, match="a → b → c → a"):
        check("a", catalogue=CATALOGUE, definitions=Definitions(clauses=clauses))


def test_a_fault_in_a_cell_names_row_and_column() -> None:
    bad = table("t", "U", ("company.size", "company.staff"), '"a" | < 5 -> 1', '"b" | < "x" -> 2')
    with pytest.raises(FeelError, match="“t”: Row 2, column 2: a number cannot be compared with text"):
        check("t", catalogue=CATALOGUE, definitions=Definitions(tables=(bad,)))
