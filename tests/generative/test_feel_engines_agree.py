"""Rules and records made at random: both engines give one answer, and so does the rule shown back."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import event, given, settings
from hypothesis import strategies as st

from policies.feel import check, evaluate
from policies.feel.check import Expression
from policies.feel.errors import FeelError
from policies.feel.explain import shown
from tests.profiles import examples
from tests.spec.engines import CATALOGUE, City

pytestmark = pytest.mark.django_db

RULES_PER_STATEMENT = 8

# Templates: {n} a number, {s} a plain number, {t} a text, {d} a date, {m} a date and time, {k} a time of day,
# {p} a duration in days, {q} one in months, {l} a list of numbers, {w} one of texts,
# {b} a verdict, {c} a comparison.
PLAIN = ["0", "1", "2", "3", "7", "10", "0.5", "1.05", "100", "-4", "2019", "2020", "33.3333"]
LEAVES = {
    "n": [
        "{s}", "company.staff", "bank.balance", "tax[year = 2019].revenue", "count(tax)", "sum(tax.revenue)",
        "max(tax.year)", "mean(tax.revenue)", "count(credit)", "company.founded_on.year", "null",
        "min(tax[year >= 2019].revenue)", "count(tax[revenue > company.staff])", "string length({t})",
    ],
    "s": PLAIN,
    "t": ['"330106"', '"a%"', '""', "company.district", "bank.bank", "credit[is_serious].kind"],
    "d": [
        'date("2019-02-28")', '@"2020-01-01"', "company.founded_on", "max(credit.listed_on)", "date(company.district)",
        '(company.founded_on + @"P1M")', '(company.founded_on - @"PT36H")', '(@"2020-02-29" - @"P1Y")',
    ],
    "m": [
        "date and time({t})", '@"2020-02-29T23:59:59.5+08:00"', '@"-2019-12-31T00:00:00"', "date and time({d}, {k})",
        '@"999999999-12-31T24:00:00Z"', "date and time(company.size)", "null",
    ],
    "k": ["time({t})", '@"23:30:00.000000001-18:00"', "time(company.size)", '@"00:00:01"', "null"],
    "p": ['@"P1DT2H"', '@"-PT0.5S"', '@"P400D"', "({d} - {d})", '(@"PT1H" * {n})', "null"],
    "l": [
        "[]", "[{n}, {n}, {s}]", "[{s}, null]", "tax.revenue", "(for i in {s}..{s} return i + {n})",
        "(for t in tax return t.revenue * 2)",
    ],
    "w": ["[{t}, {t}, null]", "[{t}]", "credit.kind", "[]"],
    "q": ['@"P1M"', '@"-P13M"', '@"P4000Y"', '(@"P1M" * {n})', "null"],
    "b": ["true", "false", "null", "company.is_state_owned", "any(credit.is_serious)"],
    "c": ["=", "!=", "<", "<=", ">", ">="],
}  # fmt: skip
BRANCHES = {
    "n": [
        "({n} + {n})", "({n} - {n})", "({n} * {n})", "({n} / {n})", "({s} ** {s})", "({s} ** company.staff)",
        "round up({n}, {s})", "round down({n}, -1)", "round half up({n}, 1)", "round half down({n}, 1)",
        "decimal({n}, {s})", "floor({n}, company.staff)", "ceiling({n}, 0)", "floor({n})", "abs(-{n})",
        "modulo({n}, {n})", "sqrt({n})", "(if {b} then {n} else {n})",
        "min({n}, {n}, {n})", "max({n}, {n})", "sum({n}, {n})", "mean({n}, {n})",
        "sum(for t in tax return t.revenue * {s} + {n})", "count(tax[revenue {c} {n}])", "count(tax[{b}])",
        "count([{n}, {n}, null][item {c} {n}])", "sum(tax[{b}].revenue)", "date({n}, {s}, {s}).day",
        "({d} - {d}).days", "years and months duration({d}, {d}).months",
        "{m}.year", "{m}.month", "{m}.day", "{m}.weekday",
        "{m}.hour", "{m}.second", "{k}.minute", "week of year({m})",
        "{p}.seconds", "{q}.years",
        "product({l})", "median({l})", "stddev({l})", "sum({l})", "count({l})",
        "[{n}, {n}, {s}][{n}]", "exp({n})", "log({n})", "({n} ** 0.5)",
        "number({t}, {t}, {t})", 'number({t}, " ", ".")',
        "count({w})", "index of([{t}, {t}], {t})[1]", "[{{a: {n}}}, {{a: {n}}}][2].a", "(function(x) x + {n})({n})",
        '(({d} - {d}) * {n} / @"P7D")',
    ],
    "m": [
        "({m} + {p})", "({m} - {p})", "({p} + {m})", "({m} + {q})", "({m} - {q})", "date and time({m}, {k})",
        "(if {b} then {m} else {m})",
    ],
    "k": ["({k} + {p})", "({k} - {p})", "time({m})", "time({d})", "time({s}, {s}, {n})", "time({n}, 1, 0, {p})"],
    "p": ["({m} - {m})", "({m} - {d})", "({d} - {m})", "({k} - {k})", "{m}.time offset", "({p} / {n})"],
    "q": ["years and months duration({m}, {m})", "years and months duration({d}, {m})", "({q} / {n})"],
    "l": [
        "append({l}, {n})", "concatenate({l}, {l})", "reverse([{n}, {s}])", "remove([{n}, {s}], {s})",
        "insert before([{n}, {s}], {n}, {n})",
        "list replace([{n}, {s}], {s}, {n})", "sublist([{n}, {s}, 5], {n}, {s})",
        "distinct values({l})", "union({l}, {l})", "index of([{n}, {n}, 1], {n})", "mode({l})", "{l}[item {c} {n}]",
        "sort({l}, function(x, y) x < y)", "(for a in [{n}, {n}], b in [{n}, {n}] return a + b)",
        "(for a in [1, 2], b in 1..a return {n} * b)", "list replace([{n}, 1], function(i, j) i {c} j, {n})",
        "flatten([[{n}], [{n}, [{n}]]])",
    ],
    "w": [
        "append({w}, {t})", "distinct values({w})", "sort({w}, function(x, y) x > y)", "reverse([{t}, {t}])",
        "{w}[item != {t}]",
    ],
    "t": [
        "string({n})", "string({b})", "string({p})", "string({q})", "string join([{t}, {t}], {t})",
        "string join(sort({w}, function(x, y) x < y))", "[{t}, {t}][{n}]", "{{a: {t}}}.a",
        "string({m})", "string({k})", "({t} + {t})", "substring({t}, {n}, {n})", "substring after({t}, {t})",
        "string({d})", "day of week({m})",
    ],
    "d": ["date({m})", "({d} + {p})", "({d} - {q})"],
    "b": [
        "list contains({l}, {n})", "list contains({w}, null)", "({n} instance of number)", "is({n}, {n})",
        "is({m}, {m})", "({{a: {n}, b: {t}}} = {{b: {t}, a: {n}}})", "overlaps([{n}..{n}], ({n}..{n}])",
        "before({n}, [{n}..{n}))", "finishes([{d}..{d}], [{d}..{d}])", "({n} in {l})", "([{n}..{n}] = [{n}..{s}])",
        "({m} {c} {m})", "({k} {c} {k})", "({m} in ({m}, [{m}..{m}]))", "({p} {c} {p})", "({q} {c} {q})",
        "(some m in [{m}, {m}] satisfies m {c} {m})", "({n} {c} {n})", "({t} {c} {t})", "({d} {c} {d})",
        "({b} and {b})", "({b} or {b})", "not({b})",
        "({n} between {n} and {n})", "({n} in ({n}, {s}, [{s}..{n}), > {n}))", "({t} in ({t}, {t}))",
        "(some t in tax satisfies t.revenue {c} {n} or {b})", "(every c in credit satisfies c.is_serious or {b})",
        "(some t in tax satisfies count(tax[year {c} t.year]) > {s})", "({n} = null)", "({t} != null)",
        "({d} = null)", "contains({t}, {t})", "starts with({t}, {t})", "([{n}, {n}] = [{n}, {n}])",
        "({n} in tax.year)", "(company.founded_on {c} min(credit[listed_on {c} {d}].listed_on))",
    ],
}  # fmt: skip


@st.composite
def rules(draw: st.DrawFn, depth: int = 4) -> str:
    """A rule that answers with a number, a verdict, a text, a moment or a list."""
    return _filled(draw, draw(st.sampled_from("nbtmklw")), depth)


def _filled(draw: st.DrawFn, kind: str, depth: int) -> str:
    templates = LEAVES[kind] + (BRANCHES.get(kind, []) if depth else [])
    template = draw(st.sampled_from(templates))
    filled = re.sub(r"\{(\w)\}", lambda match: _filled(draw, match[1], max(depth - 1, 0)), template)
    return filled.replace("{{", "{").replace("}}", "}")


AMOUNTS = st.none() | st.sampled_from([Decimal(n) for n in ("0", "0.0001", "1", "2.5", "-2.5", "7", "99999999.9999")])
DAYS = st.none() | st.sampled_from([dt.date(2019, 2, 28), dt.date(2020, 1, 1), dt.date(2020, 2, 29)])
VERDICTS = st.sampled_from([True, False, None])
WORDS = st.none() | st.sampled_from(
    ["", "330106", "2019-02-28", "2019-02-30", "a%", "_", "阿", "A", "2019-02-29T10:00:00", "2020-02-29T10:00:00.25Z",
     "0000-01-01T00:00:00", "-12345-06-30T24:00:00", "2021-01-01T24:00:00.1", "10:30:00+05:45", "23:59:59.999999999",
     "24:00:00", "10:30:00@Asia/Shanghai", "2020-01-01T08:00:00+18:01", "2020-01-01T08:00:00-18:00\n"]
)  # fmt: skip

COMPANIES = st.fixed_dictionaries(
    {
        "company": st.fixed_dictionaries(
            {"district": WORDS, "size": WORDS, "staff": AMOUNTS, "founded_on": DAYS, "is_state_owned": VERDICTS}
        ),
        "bank": st.none() | st.fixed_dictionaries({"bank": WORDS, "balance": AMOUNTS}),
        "tax": st.lists(
            st.fixed_dictionaries(
                {"year": st.none() | st.sampled_from([Decimal(2019), Decimal(2020)]), "revenue": AMOUNTS}
            ),
            max_size=3,
        ),
        "credit": st.lists(
            st.fixed_dictionaries({"kind": WORDS, "listed_on": DAYS, "is_serious": VERDICTS}), max_size=2
        ),
    }
)


@settings(max_examples=examples(100))
@given(
    texts=st.lists(rules(), min_size=RULES_PER_STATEMENT, max_size=RULES_PER_STATEMENT),
    companies=st.lists(COMPANIES, min_size=1, max_size=4),
    stale=st.sampled_from([frozenset[str](), frozenset({"tax"}), frozenset({"credit", "bank"})]),
)
def test_both_engines_agree(texts: list[str], companies: list[dict[str, Any]], stale: frozenset[str]) -> None:
    accepted = [text for text in texts if _is_accepted(text)]
    event(f"{len(accepted)} of {RULES_PER_STATEMENT} rules accepted")
    city = City(dict(enumerate(companies, start=1)))
    with transaction.atomic():
        city.deliver()
        answers = city.all_answers(accepted, stale=stale)
    for text in accepted:
        for again in _shown_back(text):
            for company_id, facts in city.companies.items():
                assert evaluate(again, facts=facts, stale=stale) == answers[text][company_id], again.text


def _shown_back(text: str) -> list[Expression]:
    """The rule as it is shown in both languages; a range is shown as two comparisons, so it may become too long."""
    rule = check(text, catalogue=CATALOGUE)
    written = [shown(rule, language=language) for language in ("en", "zh")]
    return [check(again, catalogue=CATALOGUE) for again in written if len(again) < 1_000]


def _is_accepted(text: str) -> bool:
    try:
        check(text, catalogue=CATALOGUE)
    except FeelError:
        return False
    return True
