"""Contexts, nested lists, ranges and functions: both engines see only the single values in them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.spec.engines import answer

pytestmark = pytest.mark.django_db

TABLE = [
    ("{a: x, b: a + 1}", {"a": 7, "b": 8}),
    ('{"first name": "a"}', {"first name": "a"}),
    ("{a: {b: [1, x]}}.a.b[2]", 7),
    ("{a: x} = {a: 7}", True),
    ("{a: 1, b: 2} = {b: 2, a: 1}", True),
    ("{a: 1} = {b: 1}", False),
    ("{a: 1} = null", False),
    ("{a: u} = {a: 1}", None),
    ("{a: 1} in [{a: 2}, {a: 1}]", True),
    ("[{y: 1, v: x}, {y: 2, v: 3}][y = 1].v", [7]),
    ("[{y: 1, v: x}, {y: 2, v: 3}][2].v", 3),
    ("[{y: 1}, {y: 2}][3]", None),
    ("count([[1], [2, x]])", 2),
    ("flatten([[1, [x]], [], 3])", [1, 7, 3]),
    ("flatten([l, [x]])", [1, 2, 7]),
    ("flatten([[x], l, [[3], 4, l]])", [7, 1, 2, 3, 4, 1, 2]),
    ("flatten([l])", [1, 2]),
    ("flatten([l, x, null])", [1, 2, 7, None]),
    ("count(flatten([l, [l, l]]))", 6),
    ("flatten([[x], tax.revenue])", [7, 5, 6]),
    ("[[1, x], [2]]", [[1, 7], [2]]),
    ("append([[1]], [2])", [[1], [2]]),
    ("concatenate([[1]], [[2]])", [[1], [2]]),
    ("list contains([[1], [x]], [7])", True),
    ('get value({a: x}, "a")', 7),
    ('get value({a: x}, "b")', None),
    ("get entries({a: x})", [{"key": "a", "value": 7}]),
    ('context([{key: "a", value: x}])', {"a": 7}),
    ('context put({a: 1}, "b", x)', {"a": 1, "b": 7}),
    ('context put({a: {b: 1}}, ["a", "b"], x)', {"a": {"b": 7}}),
    ("context merge([{a: 1, b: 2}, {b: x}])", {"a": 1, "b": 7}),
    ("some c in [{v: 1}, {v: x}] satisfies c.v > 6", True),
    ("for c in [{v: 1}, {v: x}] return c.v * 2", [2, 14]),
    ("(function(a, b) a * b)(x, 2)", 14),
    ("{double: function(a) a * 2, d: double(x)}.d", 14),
    ("[1..x] = [1..7]", True),
    ("[1..x) = [1..7]", False),
    ("(=x) = [7..7]", False),
    ("[7..7] = (=x)", False),
    ("(=x) != [7..7]", True),
    ("(=x) = (=7)", True),
    ("is((=x), [7..7])", False),
    ("x in {r: (=7)}.r", True),
    ("(< x) = (< 7)", True),
    ("[1..x].end", 7),
    ("(1..x].start included", False),
    ('x in range("[1..7)")', False),
    ("x in {r: [1..7]}.r", True),
    ("x in [[1..2], [6..8]]", True),
]


@pytest.mark.parametrize(("rule", "expected"), TABLE)
def test_structures(rule: str, expected: Any) -> None:
    assert answer(rule, {"x": 7, "u": None, "l": [1, 2], "tax": [{"revenue": 5}, {"revenue": 6}]}) == expected


RANGES = [
    ("before(1, [2..3])", True),
    ("before([1..2], [2..3])", False),
    ("before([1..2), [2..3])", True),
    ("after([5..6], 4)", True),
    ("meets([1..5], [5..10])", True),
    ("meets([1..5), [5..10])", False),
    ("met by([5..10], [1..5])", True),
    ("overlaps([1..5], [3..8])", True),
    ("overlaps([1..5], (5..8])", False),
    ("overlaps before([1..5], [3..8])", True),
    ("overlaps before([3..8], [1..5])", False),
    ("overlaps after([3..8], [1..5])", True),
    ("finishes(10, [1..10])", True),
    ("finishes([5..10], [1..10])", True),
    ("finished by([1..10], (5..10])", True),
    ("includes([1..10], 1)", True),
    ("includes((1..10], 1)", False),
    ("includes([1..10], [4..10])", True),
    ("during(5, [1..10])", True),
    ("during([1..10], (1..10))", False),
    ("starts(1, [1..10])", True),
    ("starts([1..5], [1..10])", True),
    ("started by([1..10], [1..5])", True),
    ("coincides([1..5], [1..5])", True),
    ("coincides([1..5], [1..5))", False),
    ("coincides(5, 5)", True),
    ("before(u, [2..3])", None),
    ("includes([1..u], 0)", False),
]


@pytest.mark.parametrize(("rule", "expected"), RANGES)
def test_ranges_and_points(rule: str, expected: bool | None) -> None:
    assert answer(rule, {"u": Decimal("1.5") if "before" not in rule else None}) is expected


TYPES = [
    ("x instance of number", True),
    ("u instance of number", False),
    ("null instance of Any", False),
    ("x instance of Any", True),
    ("x instance of string", False),
    ("[x] instance of list<number>", True),
    ("[x] instance of list<string>", False),
    ("[x] instance of list<Any>", True),
    ("[[1], [2]] instance of list<list<number>>", True),
    ('@"P1Y" instance of years and months duration', True),
    ('@"2024-01-01T00:00:00" instance of date and time', True),
    ("{a: x} instance of context<a: number>", True),
    ("{a: x} instance of context<a: string>", False),
    ("{} instance of context<a: string>", False),
    ("[1..2] instance of range<number>", True),
    ("(function(a) a) instance of function<number> -> number", True),
    ("(function(a) a) instance of number", False),
    ("is(x, 7)", True),
    ('is(@"2024-01-01", @"2024-01-01T00:00:00")', False),
    ('is(@"20:00:00Z", @"21:00:00+01:00")', False),
    ("is(null, null)", True),
    ("is(x, null)", False),
    ("is(u, 7)", None),
]


@pytest.mark.parametrize(("rule", "expected"), TYPES)
def test_types_are_known_when_a_rule_is_written(rule: str, expected: bool | None) -> None:
    assert answer(rule, {"x": 7, "u": None}) is expected
