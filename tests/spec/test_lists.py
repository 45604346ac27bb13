"""Lists that a rule holds itself, and functions of lists."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from tests.spec.engines import answer

pytestmark = pytest.mark.django_db

TABLE = [
    ("count([1, 2, null])", 3),
    ("count([])", 0),
    ("sum([1, 2.5])", Decimal("3.5")),
    ("sum(1, 2.5)", Decimal("3.5")),
    ("sum([])", None),
    ("sum([1, null])", None),
    ("min(3, 1, 2)", 1),
    ("max([3, 1, 2])", 3),
    ('max("a", "B")', "a"),
    ('min(@"2024-01-02", @"2024-01-01")', dt.date(2024, 1, 1)),
    ("min(1, null)", None),
    ("min([])", None),
    ("min(2, 1, 3)", 1),
    ("max(2, null, 3)", None),
    ("max(1 + 1, 2 * 2)", 4),
    ("mean(1, 2, 4)", Decimal("2.33333333333333333333333333333333333333")),
    ("mean([])", None),
    ("min(list: [2, 1])", 1),
    ("any([false, true, null])", True),
    ("any([false, null])", None),
    ("any([])", False),
    ("all([true, false, null])", False),
    ("all([true, null])", None),
    ("all([])", True),
    ("[1, 2, 3][item > 1]", [2, 3]),
    ("[1, null, 3][item > 1]", [3]),
    ("[1, 2, 3][item > 9]", []),
    ("[1, 2, 3][item > 1][item < 3]", [2]),
    ("for x in [1, 2] return x * 10", [10, 20]),
    ("sum(for x in [1, 2] return x * 10)", 30),
    ("some x in [1, 2] satisfies x > 1", True),
    ("some x in [1, null] satisfies x > 1", None),
    ("some x in [] satisfies x > 1", False),
    ("every x in [1, 2] satisfies x > 1", False),
    ("every x in [2, null] satisfies x > 1", None),
    ("every x in [] satisfies x > 1", True),
    ("some x in [1, 2], y in [2, 3] satisfies x = y", True),
    ("every x in [1, 2], y in [2, 3] satisfies x <= y", True),
    ("count([1, 2, 3][item in [2..3]])", 2),
    ("[1, 2, 3][item > mean([1, 2, 3])]", [3]),
    ('count(["a", "b"][starts with(item, "a")])', 1),
]


@pytest.mark.parametrize(("rule", "expected"), TABLE)
def test_lists(rule: str, expected: object) -> None:
    assert answer(rule) == expected


def test_a_list_among_the_facts() -> None:
    assert answer("sum(a)", {"a": [1, 2]}) == 3
    assert answer("count(a)", {"a": []}) == 0
    assert answer("sum(a)", {"a": None}) is None
    assert answer("count(a[item > x])", {"a": [1, 2, 3], "x": 1}) == 2
    assert answer("count(a[item > x])", {"a": [1, 2, 3], "x": None}) == 0
