"""Text: escapes, positions in characters, and functions of text."""

from __future__ import annotations

import pytest

from tests.spec.engines import answer

pytestmark = pytest.mark.django_db

TABLE = [
    ('"a" + "b"', "ab"),
    ('"a" + null', None),
    (r'"a\"b\\c\n\t\u0041"', 'a"b\\c\n\tA'),
    (r'"\ud83d\ude00"', "😀"),
    ('string length("foo")', 3),
    ('string length("")', 0),
    ('string length("杭州市")', 3),
    (r'string length("\ud83d\udc0e")', 1),
    ("string length(null)", None),
    ('contains("foobar", "ob")', True),
    ('contains("foobar", "x")', False),
    ('contains("foobar", "")', True),
    ('contains("100%", "%")', True),
    ("contains(null, null)", None),
    ('starts with("H6110", "H6")', True),
    ('starts with("H6110", "I")', False),
    ('starts with("H6110", "")', True),
    ('starts with("a_c", "a%")', False),
    ('ends with("foobar", "bar")', True),
    ('ends with("foobar", "")', True),
    ('ends with("bar", "foobar")', False),
    ('substring("foobar", 3)', "obar"),
    ('substring("foobar", 3, 2)', "ob"),
    ('substring("foobar", -2)', "ar"),
    ('substring("foobar", -2, 1)', "a"),
    ('substring("foobar", 3, 99)', "obar"),
    ('substring("foobar", 99)', ""),
    ('substring("foobar", 0)', None),
    ('substring("foobar", 1, 0)', None),
    ('substring("杭州市西湖区", 4)', "西湖区"),
    ('substring("foobar", 1e30)', ""),
    ('substring(string: "foobar", start position: 3)', "obar"),
    ('substring before("foobar", "bar")', "foo"),
    ('substring before("foobar", "xyz")', ""),
    ('substring before("abc", "")', ""),
    ('substring after("foobar", "ob")', "ar"),
    ('substring after("foobar", "xyz")', ""),
    ('substring after("abc", "")', "abc"),
    ('substring after(null, "a")', None),
    ('substring after("a", null)', None),
    ('"50%" + "_"', "50%_"),
    ('upper case("abc 杭州 é")', "ABC 杭州 É"),
    ('lower case("AbC É")', "abc é"),
    ('upper case("straße")', None),  # Upper case has another length; engines differ about it.
    ('upper case("")', ""),
    ("lower case(null)", None),
    ('string("a")', "a"),
]


@pytest.mark.parametrize(("rule", "expected"), TABLE)
def test_texts(rule: str, expected: object) -> None:
    assert answer(rule) == expected


def test_industries_by_prefix() -> None:
    rule = 'starts with(industry, "H6") or substring(industry, 1, 1) = "I"'
    assert answer(rule, {"industry": "H6110"}) is True
    assert answer(rule, {"industry": "I65"}) is True
    assert answer(rule, {"industry": "C26"}) is False
    assert answer(rule, {"industry": None}) is None
