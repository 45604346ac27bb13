"""Regular expressions: the same matches in Python and PostgreSQL, whatever the text."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.feel.standard.patterns import BadPattern, translate_pattern
from tests.profiles import examples
from tests.spec.engines import answer

pytestmark = pytest.mark.django_db

TABLE = [
    (r'matches(t, "bra")', "abracadabra", True),
    (r'matches(t, "^bra")', "abracadabra", False),
    (r'matches(t, "^[0-9]{4}-\d\d$")', "2024-03", True),
    (r'matches(t, "^[0-9]{4}-\d\d$")', "2024-03\n", False),
    (r'matches(t, "^杭州市?(西湖|滨江)区")', "杭州滨江区", True),
    (r'matches(t, "^\w+$")', "西湖区", True),
    (r'matches(t, "[A-Z-[OI]]", "i")', "i", False),
    (r'matches(t, "[^Q]", "i")', "q", False),
    (r'matches(t, "a.c")', "a\nc", False),
    (r'matches(t, "a.c", "s")', "a\nc", True),
    (r'matches(t, "^b$", "m")', "a\nb\nc", True),
    (r'matches(t, "^$", "m")', "a\n", False),
    (r'matches(t, "a b", "x")', "ab", True),
    (r'matches(t, "hello\ sworld", "x")', "hello world", True),
    (r'matches(t, "^a{ 2 }$", "x")', "aa", True),
    (r'matches(t, "^\p{ L u }$", "x")', "A", True),
    (r'matches(t, "^a[ ]b$", "x")', "a b", True),
    (r'matches(t, "^a [\ b] \] [\]] $", "x")', "a ]]", True),
    (r'matches(t, "a b", "")', "ab", False),
    (r'matches(t, "\p{Lu}\P{L}")', "É1", True),
    (r'matches(t, "\$\.\[")', "$.[", True),
    (r'matches(t, "%_")', "%_", True),
    (r'matches(t, "a")', None, None),
    (r'replace(t, "\s+", " ")', "a  b\tc", "a b c"),
    (r'replace(t, "(\d{3})(\d{4})", "$1 $2")', "1234567", "123 4567"),
    (r'replace(t, "b", "[$0\$\\\\]")', "abc", r"a[b$\]c"),
    (r'replace(t, "a", "$1")', "abc", "bc"),
    (r'replace(t, "A", "x", "i")', "aA", "xx"),
    (r'replace(t, "a.*?c", "-")', "abcabc", "--"),
    (r'replace(t, "a.*c", "-")', "abcabc", "-"),
    (r'replace(t, "a", "b")', None, None),
    (r'split(t, ";")', "a;b;;", ["a", "b", "", ""]),
    (r'split(t, "\s")', "John Doe", ["John", "Doe"]),
    (r'split(t, "([;])")', "a;b", ["a", "b"]),
    (r'split(t, ";")', "", [""]),
    ('matches(t, "a")', "a" * 500, True),
    ('matches(t, "a")', "a" * 501, None),
    ('replace(t, "a", "b")', "a" * 501, None),
    ('split(t, ";")', "a" * 501, None),
]


@pytest.mark.parametrize(("rule", "text", "expected"), TABLE)
def test_patterns(rule: str, text: str | None, expected: Any) -> None:
    assert answer(rule, {"t": text}) == expected


PIECES = ["a", "b", ".", "[ab]", "[^a]", r"\d", r"\s", "ab", "(a)", "(?:b)", "^", "$", "一", "A", "[a-c-[b]]", r"\w"]
MARKS = ["", "", "", "*", "+", "?", "{2}", "{1,2}", "+?", "*?"]


@st.composite
def patterns(draw: st.DrawFn) -> str:
    """A pattern of some pieces, maybe in two branches."""
    written = "".join(
        draw(st.sampled_from(PIECES)) + draw(st.sampled_from(MARKS)) for _ in range(draw(st.integers(1, 5)))
    )
    return written + draw(st.sampled_from(["", "|b+", "|ab"]))


TEXTS = st.text(alphabet="abAB 1一\n\r", max_size=8)


RULES = st.tuples(patterns(), st.sampled_from(["", "i", "s", "m", "x", "smi"]))


@settings(max_examples=examples(150))
@given(rule=RULES, texts=st.lists(TEXTS, min_size=1, max_size=8))
def test_both_engines_find_the_same(rule: tuple[str, str], texts: list[str]) -> None:
    try:
        pattern = translate_pattern(*rule)
    except BadPattern:
        return
    query = (
        "SELECT t ~ %s, regexp_replace(t, %s, '<\\&>', 'g'), regexp_split_to_array(t, %s) FROM unnest(%s::text[]) AS t"
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(query, [pattern.text] * 3 + [texts])
        rows = cursor.fetchall()
    for text, (is_found, replaced, parts) in zip(texts, rows, strict=True):
        assert is_found is (re.search(pattern.text, text) is not None), (rule, text)
        if pattern.is_one_way and pattern.shortest:
            assert replaced == re.sub(pattern.text, r"<\g<0>>", text), (rule, text)
            if not pattern.groups:
                assert parts == re.split(pattern.text, text), (rule, text)
