"""A filter that passes over unknown values gets a caution; a rule that says what it means gets none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from companies.contracts.facts import catalogue
from companies.datasets.catalogue import Catalogue
from policies.feel.checking.check import check
from policies.feel.words.cautions import ListCaution, find_cautions
from tests.spec.engines import CATALOGUE

_TAX = CATALOGUE.groups["tax"]
_SURE = replace(_TAX, facts={**_TAX.facts, "year": replace(_TAX.facts["year"], is_required=True)})
KNOWN = Catalogue({**CATALOGUE.groups, "tax": _SURE})
KEYED = Catalogue({**CATALOGUE.groups, "tax": replace(_SURE, key=frozenset({"year"}))})

PASSED_OVER = [
    ("count(credit[is_serious]) > 0", ["credit.is_serious"]),
    ("count(credit[is_serious]) = 0", ["credit.is_serious"]),
    ("count(信用记录[严重]) = 0", ["credit.is_serious"]),
    ("tax[year = 2019].revenue > 5", []),
    ("sum(tax[revenue > 5].revenue)", ["tax.revenue"]),
    ("count(tax[year = 2019 and revenue > 5])", ["tax.revenue"]),
    ("count(tax[year = company.staff]) > 0", ["company.staff"]),
    ("some c in credit satisfies c.is_serious", []),
    ('every c in credit[is_serious] satisfies c.kind = "a"', ["credit.is_serious"]),
    ("count(credit[is_serious != null and is_serious]) > 0", []),
    ("count(credit[is_serious = null]) = 0 and count(credit[is_serious]) > 0", []),
    ("count(credit[is_serious]) + count(credit[not(is_serious)]) > 0", ["credit.is_serious"]),
    ("tax[revenue > 5].year = 2019", []),
    ("company.staff > 5", []),
    ("count([1, 2, 3][item > 1])", []),
]


@pytest.mark.parametrize(("rule", "facts"), PASSED_OVER)
def test_what_a_filter_passes_over(rule: str, facts: list[str]) -> None:
    found = find_cautions(check(rule, catalogue=KNOWN))
    assert [f"{caution.group.name}.{caution.fact.name}" for caution in found] == facts


def test_the_sentence_names_the_fact_and_a_way_out_that_checks() -> None:
    (caution,) = find_cautions(check("count(credit[is_serious]) > 0", catalogue=KNOWN))
    assert "“is_serious”" in caution.sentence.en
    assert "严重" in caution.sentence.zh
    for way_out in ("count(credit[is_serious = null]) = 0", "count(信用记录[严重 = null]) = 0"):
        assert way_out in caution.sentence.en + caution.sentence.zh
        assert find_cautions(check(f"{way_out} and count(credit[is_serious]) > 0", catalogue=KNOWN)) == ()


AS_ONE_VALUE = [
    ("tax.revenue * 2", ["tax.revenue"]),
    ("税务.营业收入 > 5", ["tax.revenue"]),
    ("if tax.revenue > 5 then tax.revenue else 0", ["tax.revenue"]),
    ("(tax[year >= 2019].revenue + 1) / 2", ["tax.revenue"]),
    ('starts with(credit.kind, "a")', ["credit.kind"]),
    ("tax[year = 2019].revenue * 2", []),
    ("tax[year = max(tax.year)].revenue * 2", []),
    ("tax[year = 2019 and revenue > 5].revenue != null", []),
    ('credit[kind = "a"].listed_on < date("2020-01-01")', []),
    ("sum(tax.revenue) * 2", []),
    ("some t in tax satisfies t.revenue > 5", []),
    ("2019 in tax.year", []),
    ("abs([1, 2][item > 1])", []),
]


@pytest.mark.parametrize(("rule", "facts"), AS_ONE_VALUE)
def test_a_list_that_stands_for_one_value_is_told(rule: str, facts: list[str]) -> None:
    found = [each for each in find_cautions(check(rule, catalogue=KEYED)) if isinstance(each, ListCaution)]
    assert [f"{caution.group.name}.{caution.fact.name}" for caution in found] == facts


def test_the_sentence_about_a_list_names_ways_out_that_check() -> None:
    (caution,) = find_cautions(check("tax.revenue > 5", catalogue=KEYED))
    assert "“tax.revenue”" in caution.sentence.en
    assert "“税务.营业收入”" in caution.sentence.zh
    for way_out in ("sum(tax.revenue)", "sum(税务.营业收入)"):
        assert way_out in caution.sentence.en + caution.sentence.zh
        assert find_cautions(check(f"{way_out} > 5", catalogue=KEYED)) == ()


def test_a_column_made_from_one_that_is_always_told_is_never_missing() -> None:
    for rule in ("count(sales[year = 2019]) > 0", "count(sales[month_of_year <= 6]) > 0"):
        assert find_cautions(check(rule, catalogue=catalogue())) == ()
