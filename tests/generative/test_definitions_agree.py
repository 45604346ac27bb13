"""Random tables, parameters and named clauses: both engines give one answer, and no text becomes SQL."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import event, given, settings
from hypothesis import strategies as st

from policies.feel.checking.check import check
from policies.feel.definitions import ClauseText, DatedValue, Definitions, InputText, ParameterText, RowText, TableText
from policies.feel.messages.errors import FeelError
from policies.feel.python.evaluate import evaluate
from policies.feel.words.explain import show_rule
from tests.generative.test_feel_engines_agree import COMPANIES, _filled
from tests.profiles import examples
from tests.spec.engines import CATALOGUE, City

pytestmark = pytest.mark.django_db

TEMPLATES = {
    "n": [
        "{t}", "ratio", "ratio(company.founded_on)", "ratio(company.district)", "limit", "limit(tax[year = 2020].year)",
        "sum(for t in tax return t.revenue * ratio(t.year))", "count(tax[revenue > ratio(year)])", "other({n})",
        "sum(for t in tax return other(t.revenue))", "max(tier, {n})", "limit + {n}", "other(tier)", "tier",
    ],
    "b": ["good", "not(good)", "good and {b}", "count(tax[good]) > 0", "tier > {n}", "fair or good", "as_of > {d}",
          "(some t in tax satisfies other(t.revenue) > 1 and fair)"],
}  # fmt: skip
CELLS = {
    "company.staff": ["-", "", "< {s}", ">= {s}", "[{s}..{s}]", "({s}..{s})", "{s}, {s}", "not({s}, > {s})", "null",
                      "{n}", "? > {n} and good", "not(null)"],
    "company.district": ["-", '"330106"', '"330106", "a%"', 'not("330106")', "null", "{t}", 'starts with(?, "33")',
                         "? != {t}", '< "b"'],
    "company.is_state_owned": ["-", "true", "false", "null", "{b}", "not(true)"],
    "sum(tax.revenue)": ["-", "<= {s}", "({s}..{s}]", "> {n}", "tax.revenue", "null"],
}  # fmt: skip
FAIR = ["good", "not(good)", "count(credit) = 0", "limit > 1"]
OUTPUTS = ["{s}", "{n}", "company.staff * {s}", "null", "limit"]
DISTRICTS = ["", "330106", "330127"]
DATES = [None, dt.date(2019, 2, 28), dt.date(2020, 1, 1), dt.date(2020, 2, 29)]
NUMBERS = st.sampled_from([Decimal(number) for number in ("0", "1", "-2.5", "0.3", "100")])


def _text(draw: st.DrawFn, template: str) -> str:
    filled = template
    for kind in "nstdb":
        while "{" + kind + "}" in filled:
            filled = filled.replace("{" + kind + "}", _filled(draw, kind, 1), 1)
    return filled


@st.composite
def tables(draw: st.DrawFn, name: str, inputs: list[str]) -> TableText:
    """A table over these inputs."""
    rows = []
    for _row in range(draw(st.integers(1, 4))):
        cells = tuple(_text(draw, draw(st.sampled_from(CELLS.get(text, CELLS["company.staff"])))) for text in inputs)
        rows.append(RowText(cells, _text(draw, draw(st.sampled_from(OUTPUTS)))))
    policy = draw(st.sampled_from(["U", "F", "C+"]))
    return TableText(name, "", policy, tuple(InputText("", "", text) for text in inputs), tuple(rows))


@st.composite
def parameters(draw: st.DrawFn, name: str, districts: list[str]) -> ParameterText:
    """A parameter with values by district and date."""
    keys = st.tuples(st.sampled_from(districts), st.sampled_from(DATES))
    values = draw(st.dictionaries(keys, NUMBERS, max_size=5))
    return ParameterText(name, "", tuple(DatedValue(value, *key) for key, value in values.items()))


@st.composite
def definitions(draw: st.DrawFn) -> Definitions:
    """Definitions whose names the templates mention."""
    inputs = draw(st.lists(st.sampled_from(sorted(CELLS)), min_size=1, max_size=3))
    return Definitions(
        parameters=(draw(parameters("ratio", [""])), draw(parameters("limit", DISTRICTS))),
        tables=(draw(tables("tier", inputs)), draw(tables("other", ["price"]))),
        clauses=(
            ClauseText("good", "", "", "", _filled(draw, "b", 2)),
            ClauseText("fair", "", "", "", draw(st.sampled_from(FAIR))),
        ),
    )  # fmt: skip


@settings(max_examples=examples(80))
@given(
    defined=definitions(),
    templates=st.lists(st.sampled_from(TEMPLATES["n"] + TEMPLATES["b"]), min_size=6, max_size=6),
    companies=st.lists(COMPANIES, min_size=1, max_size=3),
    stale=st.sampled_from([frozenset[str](), frozenset({"tax"}), frozenset({"credit", "company"})]),
    as_of=st.sampled_from([dt.date(2019, 1, 1), dt.date(2020, 1, 1), dt.date(2024, 1, 1)]),
    data=st.data(),
)
def test_both_engines_agree(
    defined: Definitions, templates: list[str], companies: list[dict[str, Any]], stale: frozenset[str], as_of: dt.date,
    data: st.DataObject,
) -> None:  # fmt: skip
    texts = [_text(data.draw, template) for template in templates]
    accepted = [text for text in texts if _is_accepted(text, defined)]
    event(f"{len(accepted)} of {len(templates)} rules accepted")
    city = City(dict(enumerate(companies, start=1)))
    with transaction.atomic():
        city.deliver()
        answers = city.all_answers(accepted, stale=stale, definitions=defined, as_of=as_of)
    for text in accepted:
        rule = check(text, catalogue=CATALOGUE, definitions=defined)
        again = check(show_rule(rule, language="en"), catalogue=CATALOGUE, definitions=defined)
        for company_id, facts in city.companies.items():
            assert evaluate(again, facts=facts, stale=stale, as_of=as_of) == answers[text][company_id], again.text


def _is_accepted(text: str, defined: Definitions) -> bool:
    try:
        check(text, catalogue=CATALOGUE, definitions=defined)
    except FeelError:
        return False
    return True


# Characters that might break out of a literal, an identifier or a comment.
HOSTILE = ["'", '"', ";", "--", "/*", "*/", "\\", "%", "%s", "{}", "{0}", "$$", "')", "\x00", "\ud800", "：", "DROP",
           ' OR 1=1', "a", "\n", "pg_sleep(9)", "]", "["]  # fmt: skip
TEXTS = st.lists(st.sampled_from(HOSTILE), max_size=6).map("".join)


@settings(max_examples=examples(150))
@given(
    label=TEXTS,
    cell=TEXTS,
    output=TEXTS,
    district=TEXTS,
    unit=TEXTS,
    title=TEXTS,
    name=TEXTS,
    code=TEXTS | st.just("330106"),
)
def test_nothing_an_officer_writes_becomes_sql(
    label: str, cell: str, output: str, district: str, unit: str, title: str, name: str, code: str
) -> None:
    """The texts are refused by a sentence, or the statement runs and says what plain Python says."""
    district = district.replace("\x00", "").replace("\ud800", "")
    company = {"company": {"district": district, "staff": Decimal(1)}}
    quoted = cell.replace("\\", "").replace('"', "").replace("\x00", "").replace("\ud800", "")
    with transaction.atomic():
        for cells, answer in (((cell,), output), ((f'"{quoted}"',), f'"{quoted}"')):
            try:
                defined = Definitions(
                    parameters=(ParameterText("rate", name, (DatedValue(Decimal(2), code),), title, unit),),
                    tables=(
                        TableText(
                            "tier", "", "F", (InputText(label, label, "company.district"),),
                            (RowText(cells, answer), RowText(("-",), answer)),
                        ),
                    ),
                    clauses=(ClauseText("good", "", title, title, f'company.district = "{quoted}"'),),
                )  # fmt: skip
                accepted = [text for text in ("tier", "rate", "good") if _is_accepted(text, defined)]
            except FeelError:
                continue
            city = City({1: company})
            city.deliver()
            city.all_answers(accepted, definitions=defined, as_of=dt.date(2024, 1, 1))
        assert connection.is_usable()
