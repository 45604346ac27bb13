"""A filter that passes over what is unknown is told, and saying what is meant silences it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from companies.datasets.catalogue import Catalogue
from policies.feel import cautions, check
from tests.spec.engines import CATALOGUE

_TAX = CATALOGUE.groups["tax"]
_SURE = replace(_TAX, facts={**_TAX.facts, "year": replace(_TAX.facts["year"], is_required=True)})
KNOWN = Catalogue({**CATALOGUE.groups, "tax": _SURE})

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
    found = cautions(check(rule, catalogue=KNOWN))
    assert [f"{caution.group.name}.{caution.fact.name}" for caution in found] == facts


def test_the_sentence_names_the_fact_and_a_way_out_that_checks() -> None:
    (caution,) = cautions(check("count(credit[is_serious]) > 0", catalogue=KNOWN))
    assert "“is_serious”" in caution.sentence.en
    assert "严重" in caution.sentence.zh
    for way_out in ("count(credit[is_serious = null]) = 0", "count(信用记录[严重 = null]) = 0"):
        assert way_out in caution.sentence.en + caution.sentence.zh
        assert cautions(check(f"{way_out} and count(credit[is_serious]) > 0", catalogue=KNOWN)) == ()
