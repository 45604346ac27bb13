"""Random rules and records: both engines give one answer, and the rule shown back gives it too."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import event, given, settings
from hypothesis import strategies as st

from policies.feel.checking.check import check
from policies.feel.messages.errors import FeelError
from policies.feel.python.evaluate import evaluate
from policies.feel.terms import Expression
from policies.feel.words.explain import show_rule
from tests.generative.templates import BRANCHES, LEAVES
from tests.profiles import examples
from tests.spec.engines import CATALOGUE, City

pytestmark = pytest.mark.django_db

RULES_PER_STATEMENT = 8


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
    written = [show_rule(rule, language=language) for language in ("en", "zh")]
    return [check(again, catalogue=CATALOGUE) for again in written if len(again) < 1_000]


def _is_accepted(text: str) -> bool:
    try:
        check(text, catalogue=CATALOGUE)
    except FeelError:
        return False
    return True
