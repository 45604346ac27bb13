"""
The public test kit of the standard as a third judge: we may refuse a case, never answer it wrongly.

The kit is read from the folder named by QINQING_TCK, or from ../shared/tck; without it these tests are skipped.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

from qinqing.kit.runner import DIFFERS, RIGHT, judge_cases, read_cases, write_page

pytestmark = pytest.mark.django_db

FOLDER = Path(os.environ.get("QINQING_TCK", Path(__file__).resolve().parents[3] / "shared" / "tck"))
CASES = FOLDER / "cases.jsonl"
LEAST_ANSWERED = 1_138


@pytest.mark.skipif(not CASES.exists(), reason="the test kit is not here")
def test_no_case_is_answered_wrongly_and_the_page_says_so() -> None:
    judgements = judge_cases(read_cases(CASES))
    wrong = [judgement for judgement in judgements if DIFFERS in judgement.outcomes.values()]
    assert wrong == []
    assert all(len(set(judgement.outcomes.values())) == 1 for judgement in judgements)
    assert Counter(judgement.outcomes["sql"] for judgement in judgements)[RIGHT] >= LEAST_ANSWERED
    written = (settings.BASE_DIR / "qinqing" / "docs" / "tck.md").read_text(encoding="utf-8")
    assert write_page(judgements) == written, (
        "write it again with “manage.py feel --tck FILE --write qinqing/docs/tck.md”"
    )


SMALL_KIT = [
    {"id": "a:1:x", "expression": "1 + 1", "facts": None, "expected": {"number": "2"}},
    {"id": "a:2:x", "expression": "1 + 1", "facts": None, "expected": {"number": "3"}},
    {"id": "a:3:x", "expression": '1 + "a"', "facts": None, "expected": None},
    {"id": "b:1:x", "expression": "now()", "facts": None, "expected": True},
    {"id": "b:2:x", "expression": "{a: x}", "facts": {"x": 1}, "expected": {"a": {"number": "1.000000001"}}},
]


def test_the_judge_can_tell_a_wrong_answer() -> None:
    judgements = judge_cases(SMALL_KIT)
    outcomes = [judgement.outcomes["sql"] for judgement in judgements]
    assert outcomes == ["right", "differs", "refused, null wanted", "refused", "right"]
    text = write_page(judgements)
    assert "| a | 3 | 1 | 1 | 0 | 0 | 1 |" in text
    assert "| b: `unsupported` | 1 | `now()` |" in text
