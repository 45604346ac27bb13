"""`manage.py feel`: both answers for each case, and a sentence for what cannot be read."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.django_db


def _answered(*arguments: str) -> list[dict[str, Any]]:
    out = StringIO()
    call_command("feel", *arguments, stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_rule_with_facts(tmp_path: Path) -> None:
    facts = tmp_path / "facts.json"
    facts.write_text('{"tax": [{"year": 2019, "revenue": 1.5}], "企业": {"founded_on": {"date": "2019-09-01"}}}')
    assert _answered("tax[year = 2019].revenue * 2", "--facts", str(facts)) == [
        {"id": "1", "sql": {"value": {"number": "3"}}, "python": {"value": {"number": "3"}}}
    ]
    assert _answered("企业.founded_on", "--facts", str(facts))[0]["sql"] == {"value": {"date": "2019-09-01"}}


VALUES = [
    ("1/8", {"number": "0.125"}),
    ('"a"', "a"),
    ("1 = 1", True),
    ("null", None),
    ("[1, null]", [{"number": "1"}, None]),
    ('@"P1Y"', {"duration": "P1Y"}),
    ('@"2024-03-01" - @"2024-02-28"', {"duration": "P2D"}),
]


@pytest.mark.parametrize(("rule", "value"), VALUES)
def test_values_are_written_as_the_test_kit_writes_them(rule: str, value: object) -> None:
    assert _answered(rule) == [{"id": "1", "sql": {"value": value}, "python": {"value": value}}]


def test_a_refused_rule_is_an_answer() -> None:
    (answered,) = _answered("1 +")
    assert answered["sql"] == answered["python"]
    assert answered["sql"]["refused"].startswith("The rule ends too early")


def test_a_fact_without_a_type_is_named(tmp_path: Path) -> None:
    facts = tmp_path / "facts.json"
    facts.write_text('{"t": {"time": "10:00:00"}, "deep": {"a": {"b": 1}}, "x": 1}')
    assert "a time of day" in _answered("t = 1", "--facts", str(facts))[0]["sql"]["refused"]
    assert "inside another" in _answered("deep.a = 1", "--facts", str(facts))[0]["sql"]["refused"]
    assert _answered("x", "--facts", str(facts))[0]["sql"] == {"value": {"number": "1"}}


BATCH = b"""{"id": "a", "expression": "x + 1", "facts": {"x": {"number": "1"}}, "expected": 3, "error": true}
this is no JSON

{"id": "b"}
\xff\xfe
{"id": "c", "expression": "1 / 0", "facts": null}
{"id": "d", "expression": "1", "facts": [1]}
{"id": "e", "expression": "1", "facts": {"x": NaN}}
[1]
{"id": "f", "expression": "x", "facts": {"x": 1e999}}"""


def test_a_batch_answers_every_line_that_can_be_read(tmp_path: Path) -> None:
    batch = tmp_path / "cases.jsonl"
    batch.write_bytes(BATCH)
    out, err = StringIO(), StringIO()
    with pytest.raises(CommandError, match="5 of the lines could not be read"):
        call_command("feel", "--batch", str(batch), stdout=out, stderr=err)
    answered = {case["id"]: case["sql"] for case in map(json.loads, out.getvalue().splitlines())}
    assert answered["a"] == {"value": {"number": "2"}}
    assert answered["c"] == {"value": None}
    assert "must be a JSON object" in answered["d"]["refused"]
    assert "100 digits" in answered["f"]["refused"]
    told = err.getvalue().splitlines()
    assert [line.split(":")[0] for line in told] == [f"cases.jsonl, line {number}" for number in (2, 4, 5, 8, 9)]


@pytest.mark.parametrize("content", ["", "{", "[1, 2", "\ufeff{}", "[" * 100_000])
def test_a_bad_file_of_facts_is_one_sentence(tmp_path: Path, content: str) -> None:
    facts = tmp_path / "facts.json"
    facts.write_text(content)
    with pytest.raises(CommandError, match=r"facts\.json: .*"):
        _answered("1", "--facts", str(facts))


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        _answered("--batch", str(tmp_path / "none.jsonl"))


def test_a_rule_or_a_batch() -> None:
    with pytest.raises(CommandError, match="only one"):
        _answered()


@pytest.mark.slow
def test_the_limits_are_timed() -> None:
    out = StringIO()
    call_command("feel", "--limits", stdout=out)
    lines = out.getvalue().splitlines()
    assert len(lines) == 9
    assert any("4,000 characters: 497 parts" in line for line in lines)
    assert all(" ms  " in line for line in lines)
