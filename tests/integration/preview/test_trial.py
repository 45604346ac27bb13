"""An officer tries a version on made-up facts: both engines agree, and one sentence refuses bad facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from policies.authoring.draft import write_clauses
from policies.authoring.parts import ClauseText
from policies.models import DecisionTable, NamedClause, Parameter, ParameterValue, PolicyVersion
from policies.trial.trial import Trial, try_version, try_version_in_sql
from policies.trial.trial_facts import BadFacts
from tests.factories.policies import make_draft

pytestmark = pytest.mark.django_db

FIRM = {"company": {"industry": "C26", "standing": "active", "size": "small"}, "district": "330106"}


def both(version: PolicyVersion, facts: Mapping[str, Any]) -> Trial:
    """The answer that both engines give."""
    tried = try_version(version=version, facts=facts)
    assert try_version_in_sql(version=version, facts=facts) == tried
    return tried


def test_a_firm_is_tried_clause_by_clause() -> None:
    version = make_draft(
        'company.size = "small"', "tax[year = 2024].revenue < 1000", amount="tax[year = 2024].revenue * 0.1"
    )
    told = both(version, {**FIRM, "tax": [{"year": 2024, "revenue": 123.45}]})
    assert (told.verdict, told.amount_cny) == (True, Decimal("12.35"))
    assert [reason.verdict for reason in told.reasons] == [True, True, True]
    assert [reason.number for reason in told.reasons] == [1, 2, None]
    assert told.reasons[1].values[0].value == Decimal("123.45")
    assert told.reasons[1].values[0].path == "tax[year = 2024].revenue"


@pytest.mark.parametrize(
    ("tax", "verdict", "amount"),
    [
        ([{"year": 2024, "revenue": 2000}], False, None),
        ([{"year": 2023, "revenue": 1}], None, None),
        ([{"year": 2024}], None, None),
        (None, None, None),
        ([{"year": 2024, "revenue": "0"}], False, None),
        ({"year": 2024, "revenue": 999}, True, Decimal("50.00")),
    ],
)
def test_verdict_and_amount(tax: object, verdict: bool | None, amount: Decimal | None) -> None:
    version = make_draft(
        "tax[year = 2024].revenue < 1000", amount="tax[year = 2024].revenue * 0.1", cap_cny=Decimal(50)
    )
    told = both(version, {**FIRM, "tax": tax})
    assert (told.verdict, told.amount_cny) == (verdict, amount)


def test_an_amount_beyond_all_measure_is_not_one_to_pay() -> None:
    told = both(make_draft(amount="sum(tax.revenue) * 0.03"), {**FIRM, "tax": [{"year": 2024, "revenue": "1e50"}]})
    assert (told.verdict, told.amount_cny) == (False, None)


def test_nothing_below_the_minimum() -> None:
    version = make_draft("true", amount="tax[year = 2024].revenue", minimum_cny=Decimal(100))
    assert both(version, {"tax": [{"year": 2024, "revenue": 99.99}]}).verdict is False
    assert both(version, {"tax": [{"year": 2024, "revenue": 100}]}).amount_cny == 100


def test_what_is_missing_is_named_with_its_department() -> None:
    told = both(make_draft("tax[year = 2024].revenue < 1000"), FIRM)
    assert told.verdict is None
    assert "税务" in told.reasons[0].sentence
    assert told.reasons[0].values[0].value is None


def test_a_person_is_tried_with_the_row_and_the_own_datasets() -> None:
    version = make_draft("employee.insured_months >= 6", "not(housing.owns_home)", subject="employee", amount="500")
    facts = {**FIRM, "employee": {"insured_months": 7}, "housing": {"owns_home": False}}
    assert both(version, facts).amount_cny == 500
    assert both(version, {**FIRM, "employee": {"insured_months": 5}}).verdict is False
    assert both(version, {**facts, "housing": {"owns_home": True}}).verdict is False
    assert both(version, {**facts, "housing": None}).verdict is None
    assert both(version, FIRM).verdict is None


def test_definitions_are_tried_too() -> None:
    NamedClause.objects.create(
        name="alive", name_zh="存续", title_zh="存续", title_en="Alive", feel='company.standing = "active"'
    )
    version = make_draft("true", amount="1")
    rate = Parameter.objects.create(version=version, name="rate", name_zh="费率")
    for value, district, day in ((0.1, "", None), (0.2, "", dt.date(2024, 1, 1)), (0.5, "330127", None)):
        ParameterValue.objects.create(parameter=rate, district=district, valid_from=day, value=Decimal(str(value)))
    DecisionTable.objects.create(
        version=version, name="tier", name_zh="档次", hit_policy="U",
        inputs=[{"label_zh": "收入", "label_en": "Revenue", "feel": "tax[year = 2024].revenue"}],
        rows=[{"cells": ["< 100"], "output": "1000"}, {"cells": [">= 100"], "output": "2000"}],
    )  # fmt: skip
    version = PolicyVersion.objects.get(pk=version.pk)
    version.amount_feel = "tier * rate"
    version.save()
    write_clauses(version=version, clauses=[ClauseText("存续", "Alive", "存续")])
    facts = {**FIRM, "tax": [{"year": 2024, "revenue": 100}], "as_of": "2023-12-31"}
    assert both(version, facts).amount_cny == 200
    assert both(version, {**facts, "as_of": "2024-01-01"}).amount_cny == 400
    assert both(version, {**facts, "district": "330127"}).amount_cny == 1000
    assert both(version, {**facts, "district": None, "company": {"standing": "active"}}).verdict is None
    assert both(version, {**facts, "company": {"standing": "revoked"}}).verdict is False
    undated = both(version, {**facts, "as_of": None})
    assert undated.verdict is None
    # Only the day is missing; the officer who made up the facts has to read that.
    assert "as_of" in undated.reasons[-1].sentence


def test_a_chinese_reader_is_told_the_chinese_names_of_facts() -> None:
    with translation.override("zh-hans"):
        for facts, sentence in (
            ({"tax": [{"revenu": 1}]}, "“年度纳税”"),
            ({"tax": [{"year": "x"}]}, "“年度纳税.年度”"),
        ):
            with pytest.raises(BadFacts, match=sentence):
                both(make_draft("true"), facts)


def test_a_day_is_said_as_people_write_it() -> None:
    version = make_draft('company.founded_on < date("2022-05-02")')
    with translation.override("en"):
        told = both(version, {"company": {"founded_on": "2022-05-01"}})
    assert told.reasons[0].values[0].in_words == "May 1, 2022"


REFUSED = [
    ([], "whose names are groups"),
    ({"taxes": []}, "“taxes”. Did you mean “tax”?"),
    ({"tax": [{"revenu": 1}]}, "“tax” has no fact “revenu”. Did you mean “revenue”?"),
    ({"tax": [{"year": "many"}]}, "“tax.year” must be a number, not “many”."),
    ({"tax": [{"year": True}]}, "“tax.year” must be a number"),
    ({"tax": [{"year": "NaN"}]}, "“tax.year” must be a number"),
    ({"tax": [{"year": "1e999999"}]}, "“tax.year” must be a number"),
    ({"tax": [{"year": {"number": "1"}}]}, "“tax.year” must be a number"),
    ({"tax": [3]}, "record of “tax” must be an object"),
    ({"tax": [{}] * 201}, "201 records; 200 is the most"),
    ({"company": [{}]}, "“company” is one record"),
    ({"company": {"founded_on": "2024-02-30"}}, "“company.founded_on” must be a date like 2024-03-31"),
    ({"company": {"industry": "a\x00"}}, "“company.industry” must be a text"),
    ({"company": {"industry": "\ud800"}}, "“company.industry” must be a text"),
    ({"company": {"is_government_unit": "yes"}}, "must be true or false"),
    ({"as_of": "soon"}, "“as_of” must be a date"),
    ({"district": 330106}, "“district” must be a text"),
    ({"taxpayer": {}, "税务登记": {}}, "“taxpayer” is there twice"),
]


@pytest.mark.parametrize(("facts", "sentence"), REFUSED)
def test_bad_facts_are_refused_in_one_sentence(facts: Any, sentence: str) -> None:
    version = make_draft("true")
    with translation.override("en"):
        for engine in (try_version, try_version_in_sql):
            with pytest.raises(BadFacts, match=r".") as refused:
                engine(version=version, facts=facts)
            assert sentence in str(refused.value)
