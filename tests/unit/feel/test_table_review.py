"""Cases that a decision table leaves open or decides twice."""

from __future__ import annotations

import time

import pytest

from policies.feel.definitions import LIMIT_ROWS
from policies.feel.messages.errors import FeelError
from policies.feel.words.table_review import review_table
from tests.spec.engines import CATALOGUE
from tests.spec.test_definitions import DEFINITIONS, table

STAFF, BOTH = "company.staff", ("company.size", "company.staff")
TABLES: list[tuple[str, str | tuple[str, ...], list[str], list[str]]] = [
    ("U", STAFF, ["< 5 -> 1", ">= 5 -> 2"], []),
    ("U", STAFF, ["<= 5 -> 1", ">= 5 -> 2"], ["Rows 1, 2 overlap: both match company.staff: 5; under “U” nothing is"]),
    ("U", STAFF, ["< 5 -> 1", "> 5 -> 2"], ["No row matches company.staff: 5; nothing"]),
    ("F", STAFF, ["[5..10) -> 1"], ["No row matches company.staff: < 5, 10, > 10; nothing"]),
    ("F", STAFF, ["> 5 -> 1", "> 10 -> 2", "- -> 3"], ["Row 2 never counts"]),
    ("F", STAFF, ["- -> 1", "> 10 -> 2"], ["Row 2 never counts"]),
    ("C+", STAFF, ["> 0 -> 1", "> 10 -> 2"], ["No row matches company.staff: < 0, 0; nothing"]),
    ("U", STAFF, ["-5 -> 1", "not(-5) -> 2"], []),
    ("U", "company.size", ['"a", "b" -> 1', 'not("a","b") -> 2'], []),
    ("U", "company.size", ['"a", "b" -> 1', '"c" -> 2'], ['company.size: not("a", "b", "c"); nothing']),
    ("U", "company.is_state_owned", ["true -> 1", "false -> 2"], []),
    ("U", "company.is_state_owned", ["true -> 1"], ["company.is_state_owned: false; nothing"]),
    ("U", "company.founded_on", ['<= date("2020-01-01") -> 1', '>= date("2020-01-02") -> 2'], []),
    ("U", BOTH, ['"a" | < 5 -> 1', '"a" | >= 5 -> 2', 'not("a") | - -> 3'], []),
    ("U", BOTH, ['"a" | < 5 -> 1', '- | >= 5 -> 2'], ['company.size: not("a"); company.staff: < 5; nothing']),
    ("U", BOTH, ['"a" | - -> 1', '- | > 5 -> 2', 'not("a") | <= 5 -> 3'],
     ['Rows 1, 2 overlap: both match company.size: "a"; company.staff: > 5']),
    # Nobody can say which values this cell covers.
    ("U", "company.district", ['starts with(?, "33") -> 1', '"330106" -> 2'], []),
    ("U", STAFF, ["> bank.balance -> 1"], []),
    ("F", "price", ["> 5 -> price"], ["No row matches price: < 5, 5; nothing"]),
]  # fmt: skip


@pytest.mark.parametrize(("hit_policy", "inputs", "rows", "expected"), TABLES)
def test_warnings(hit_policy: str, inputs: str | tuple[str, ...], rows: list[str], expected: list[str]) -> None:
    found = review_table(table("t", hit_policy, inputs, *rows), catalogue=CATALOGUE, definitions=DEFINITIONS)
    assert len(found) == len(expected), [warning.message for warning in found]
    for warning, part in zip(found, expected, strict=True):
        assert part in warning.message


def test_a_warning_is_told_in_chinese_too() -> None:
    (found,) = review_table(table("t", "U", STAFF, "<= 5 -> 1", ">= 5 -> 2"), catalogue=CATALOGUE)
    assert found.message_zh == "第 1、2 行重叠：company.staff：5时都命中；按“U”这种情况没有结果。"
    assert (found.code, found.rows) == ("rows_overlap", (1, 2))


def test_a_table_is_checked_by_itself() -> None:
    with pytest.raises(FeelError, match="Row 1, column 1: a number cannot be compared with text"):
        review_table(table("t", "U", STAFF, '"x" -> 1'), catalogue=CATALOGUE)
    with pytest.raises(FeelError, match="Output of row 2: There is no fact called “nonsense”"):
        review_table(table("t", "U", STAFF, "< 1 -> 1", "- -> nonsense"), catalogue=CATALOGUE)


def test_the_largest_table_is_reviewed_in_a_moment() -> None:
    rows = [f"[{n}..{n + 1}) | [{n}..{n + 2}) | {n} -> {n}" for n in range(LIMIT_ROWS)]
    wide = table("t", "U", (STAFF, "bank.balance", "count(tax)"), *rows)
    started = time.process_time()
    assert len(review_table(wide, catalogue=CATALOGUE)) == 1
    assert time.process_time() - started < 2
