"""Hostile rules get a sentence, never a crash; `manage.py feel --limits` says how soon."""

from __future__ import annotations

from itertools import islice
from time import process_time

import pytest

from policies.feel.checking.check import check
from policies.feel.messages.errors import FeelError
from policies.feel.python.evaluate import evaluate
from policies.feel.syntax.parse import LIMIT_CHARACTERS, LIMIT_DEPTH, LIMIT_NODES, parse
from policies.feel.types.types import FeelType
from qinqing.kit.limits import measure_limits
from tests.spec.engines import CATALOGUE


def nested_loops(depth: int) -> str:
    """A rule that squares a fact this many times, each time in a loop of its own."""
    rule = f"x{depth}"
    for level in range(depth, 0, -1):
        before = f"x{level - 1}" if level > 1 else "company.staff"
        rule = f"sum(for x{level} in [{before} * {before}] return {rule})"
    return rule


HOSTILE = [
    ("a" * (LIMIT_CHARACTERS + 1), "too_long"),
    ("(" * LIMIT_CHARACTERS, "ends_early"),
    ("[" * 1900 + "1" + "]" * 1900, "too_deep"),
    ("-" * 3000 + "1", "too_deep"),
    ("not(" * 700 + "true" + ")" * 700, "too_deep"),
    ("1" + "+1" * 1900, "too_deep"),
    ("if true then " * 100 + "1" + " else 1" * 100, "too_deep"),
    ("a" + ".a" * 1900, "too_deep"),
    ("a" + "[a]" * 1000, "too_deep"),
    ("[" + "1," * LIMIT_NODES + "1]", "too_many_parts"),
    ("true" + " or true" * LIMIT_NODES, "too_long"),
    ('"' + "\\" * 3001, "open_text"),
    ("@" * 1000, "strange_character"),
    ("\ufeff1", "strange_character"),
    ("1\u200b", "strange_character"),
    ("a b " * 900, "unknown_name"),
    ("true orfalse", "unexpected"),
    (" * ".join(["round up(1, company.staff)"] * 11), "wide_roundings"),
    (" * ".join(["round up(1, -6111)"] * 11), "wide_roundings"),
    # 10 to the 153,600th.
    (
        "{a: 10**150, b: a*a, c: b*b, d: c*c, e: d*d, f: e*e, g: f*f, h: g*g, i: h*h, j: i*i, k: j*j}.k > 1",
        "number_too_wide",
    ),
    (nested_loops(12), "number_too_wide"),
    ("1 in(1)and 1 inside", "unexpected"),
    ("..," + "20" * 1990, "unexpected"),
]


@pytest.mark.parametrize(("rule", "code"), HOSTILE, ids=[f"{rule[:12]!r}…{len(rule)}" for rule, _ in HOSTILE])
def test_a_hostile_rule_is_refused(rule: str, code: str) -> None:
    with pytest.raises(FeelError) as refused:
        check(rule, catalogue=CATALOGUE)
    assert refused.value.code == code


def test_the_checker_answers_within_fifty_milliseconds_at_its_limits() -> None:
    times = dict(islice(measure_limits(), 3))
    assert [title.partition(":")[0] for title in times] == ["a rule of 4,000 characters", "a written list", "a nest"]
    assert max(times.values()) < 50


def test_a_long_number_after_a_slip_is_refused_at_once() -> None:
    """The search for a habit behind the slip must not read the number anew from each of its digits."""
    started = process_time()
    with pytest.raises(FeelError):
        check("..," + "20" * 1990, catalogue=CATALOGUE)
    assert process_time() - started < 0.25


def test_what_the_database_holds_is_accepted() -> None:
    check(nested_loops(7), catalogue=CATALOGUE)
    check(" * ".join(["round up(1, -6111)"] * 10), catalogue=CATALOGUE)
    check("[" + ", ".join(["company.staff * 0.03 / 7"] * 60) + "]", catalogue=CATALOGUE)


def test_parentheses_alone_are_not_depth() -> None:
    assert evaluate(check("(" * 1900 + "1" + ")" * 1900, catalogue=CATALOGUE), facts={}) == 1


def test_the_limits_are_the_last_accepted() -> None:
    parse("1" + "+1" * (LIMIT_DEPTH - 1))
    parse("[" + ",".join(["1"] * (LIMIT_NODES - 1)) + "]")
    parse("1".ljust(LIMIT_CHARACTERS))
    with pytest.raises(FeelError):
        parse("1" + "+1" * LIMIT_DEPTH)
    with pytest.raises(FeelError):
        parse("[" + ",".join(["1"] * LIMIT_NODES) + "]")


def test_a_long_list_of_alternatives_is_one_level() -> None:
    rule = " or ".join(['company.district = "330106"'] * 100)
    assert check(rule, catalogue=CATALOGUE, expects=FeelType.BOOLEAN).type == FeelType.BOOLEAN
