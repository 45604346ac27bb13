"""
The public test kit of the standard as a third judge: we may refuse a case, never answer it wrongly.

The kit is read from the folder named by QINQING_TCK, or from ../shared/tck; without it these tests are skipped.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from policies.feel import FeelError, check, evaluate
from policies.feel.given import answer, given, statement
from policies.feel.values import duration_from
from tests.spec.engines import by_sql

pytestmark = pytest.mark.django_db

FOLDER = Path(os.environ.get("QINQING_TCK", Path(__file__).resolve().parents[3] / "shared" / "tck"))
CASES = FOLDER / "cases.jsonl"
TOLERANCE = Decimal("1e-8")
LEAST_ANSWERED = 1_090

# The decision that holds these expressions declares a type, and the kit coerces the answer to it. An expression alone
# cannot know: "Employees[item = \"Bob\"]" is ["Bob"] in one case and "Bob" in the next.
JUDGED_BY_THEIR_DECISION = (
    "0082-feel-coercion:",
    "0021-singleton-list:001:decision2",
    "0021-singleton-list:001:decision4",
)


def _cases() -> list[dict[str, Any]]:
    if not CASES.exists():
        return []
    lines = CASES.read_text(encoding="utf-8").splitlines()
    return [json.loads(line, parse_float=Decimal) for line in lines]


@pytest.mark.skipif(not CASES.exists(), reason="the test kit is not here")
def test_no_case_is_answered_wrongly(capsys: pytest.CaptureFixture[str]) -> None:
    outcomes: dict[str, Counter[str]] = {}
    wrong = []
    for case in _cases():
        if case["id"].startswith(JUDGED_BY_THEIR_DECISION):
            continue
        outcome = _outcome(case)
        outcomes.setdefault(case["id"].split(":")[0], Counter())[outcome] += 1
        if outcome == "wrong":
            wrong.append((case["id"], case["expression"]))
    with capsys.disabled():
        _print(outcomes)
    assert wrong == []
    assert sum(counter["right"] for counter in outcomes.values()) >= LEAST_ANSWERED


def _outcome(case: dict[str, Any]) -> str:
    read = given(case["facts"])
    try:
        rule = check(case["expression"], catalogue=read.catalogue)
    except FeelError:
        return "refused, and null is right" if case["expected"] is None else "refused"
    answers = answer(evaluate(rule, facts=read.facts)), answer(by_sql(statement(rule, read), rule))
    return "right" if all(_same(found, case["expected"]) for found in answers) else "wrong"


def _same(found: Any, expected: Any) -> bool:
    if isinstance(found, list) and isinstance(expected, list):
        return len(found) == len(expected) and all(map(_same, found, expected))
    if isinstance(found, dict) and isinstance(expected, dict) and "number" in found and "number" in expected:
        one, other = Decimal(found["number"]), Decimal(expected["number"])
        return abs(one - other) <= TOLERANCE * max(abs(one), abs(other))
    if isinstance(found, dict) and isinstance(expected, dict) and "duration" in found and "duration" in expected:
        # The kit writes no time at all as PT0S, as P0D and as P0M.
        return duration_from(found["duration"]) == duration_from(expected["duration"])
    return type(found) is type(expected) and bool(found == expected)


def _print(outcomes: dict[str, Counter[str]]) -> None:
    total = sum(outcomes.values(), Counter[str]())
    print(f"\nDMN test kit: {dict(total)}")  # noqa: T201
    for category, counter in outcomes.items():
        if counter["refused"]:
            print(f"  {category}: {dict(counter)}")  # noqa: T201
