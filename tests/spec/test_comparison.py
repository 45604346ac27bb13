"""Comparisons, `between` and `in`. Nothing equals an unknown, and nothing differs from it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from tests.spec.engines import answer

pytestmark = pytest.mark.django_db

EARLY, LATE = dt.date(2019, 9, 1), dt.date(2024, 2, 29)

TABLE = [
    # a, b, =, <, <=
    (1, 1, True, False, True),
    (1, 2, False, True, True),
    (Decimal("1.50"), Decimal("1.5"), True, False, True),
    (-1, 1, False, True, True),
    ("a", "a", True, False, True),
    ("B", "a", False, True, True),  # Texts are ordered by code point, not as in a dictionary.
    ("a", "阿", False, True, True),
    ("", "a", False, True, True),
    (EARLY, LATE, False, True, True),
    (LATE, LATE, True, False, True),
    (None, 1, None, None, None),
    ("a", None, None, None, None),
    (None, LATE, None, None, None),
    (None, None, None, None, None),
]


@pytest.mark.parametrize(("a", "b", "equal", "below", "at_most"), TABLE)
def test_comparisons(a: Any, b: Any, equal: bool | None, below: bool | None, at_most: bool | None) -> None:
    facts = {"a": a, "b": b}
    assert answer("a = b", facts) is equal
    assert answer("a != b", facts) is _opposite(equal)
    assert answer("a < b", facts) is below
    assert answer("a >= b", facts) is _opposite(below)
    assert answer("a <= b", facts) is at_most
    assert answer("a > b", facts) is _opposite(at_most)


def _opposite(verdict: bool | None) -> bool | None:
    return None if verdict is None else not verdict


NULL_TESTS = [
    ("a = null", None, True),
    ("a != null", None, False),
    ("null = a", 1, False),
    ("null != a", 1, True),
    ("null = null", 1, True),
    ("null != null", 1, False),
    ("a + 1 = null", None, True),
    ("a < null", 1, None),
]


@pytest.mark.parametrize(("rule", "a", "expected"), NULL_TESTS)
def test_a_written_null_is_a_test(rule: str, a: int | None, expected: bool | None) -> None:
    assert answer(rule, {"a": a}) is expected


MEMBERSHIP = [
    # rule, a, expected
    ("a between 1 and 3", 1, True),
    ("a between 1 and 3", 3, True),
    ("a between 1 and 3", 4, False),
    ("a between 1 and 3", None, None),
    ("a between null and 3", 2, None),
    ("a between null and 3", 4, False),  # 4 exceeds 3, whatever the lower end is.
    ("a in (1, 2)", 2, True),
    ("a in (1, 2)", 3, False),
    ("a in (1, 2)", None, None),
    ("a in [1, 2]", 2, True),
    ("a in (1, null)", None, True),
    ("a in (1, null)", 2, False),
    ("a in 2", 2, True),
    ("a in < 2", 2, False),
    ("a in (< 2, > 5)", 6, True),
    ("a in (< 2, > 5)", None, None),
    ("a in != 2", 2, False),
    ("a in [1..3]", 3, True),
    ("a in [1..3)", 3, False),
    ("a in (1..3]", 1, False),
    ("a in (1..3)", 2, True),
    ("a in ([1..3], [7..9], 20)", 8, True),
    ("a in ([1..3], [7..9], 20)", 20, True),
    ("a in ([1..3], [7..9], 20)", 5, False),
    ("a + 1 in [1..3]", 2, True),
    ("not(a in (1, 2))", None, None),
    ("not(a in (1, 2))", 7, True),
]


@pytest.mark.parametrize(("rule", "a", "expected"), MEMBERSHIP)
def test_between_and_in(rule: str, a: int | None, expected: bool | None) -> None:
    assert answer(rule, {"a": a}) is expected


LISTS = [
    ("[1, 2] = [1, 2]", True),
    ("[1, 2] = [2, 1]", False),
    ("[1, 2] != [1]", True),
    ("[] = []", True),
    ("[] = null", False),
    ('["a"] in [["b"], ["a"]]', True),
    ("[1] in [1]", True),
    ("[1] in ([2], [3])", False),
]


@pytest.mark.parametrize(("rule", "expected"), LISTS)
def test_lists_as_a_whole(rule: str, expected: bool | None) -> None:
    assert answer(rule) is expected


def test_a_list_with_an_unknown_in_it_equals_nothing() -> None:
    assert answer("a = [1, 2]", {"a": [1, None]}) is None
    assert answer("x in a", {"a": [1, None], "x": 1}) is True
    assert answer("x in a", {"a": [1, None], "x": 2}) is None
