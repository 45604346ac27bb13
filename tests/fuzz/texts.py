"""Random texts for the rule checker: nearly correct rules of every construct, and rules with faults."""

from __future__ import annotations

import re
from random import Random

from policies.feel.functions.registry import built_in_names
from tests.generative.templates import BRANCHES, LEAVES

NAMES = [
    "company", "company.staff", "company.district", "company.founded_on", "company.is_state_owned", "bank.balance",
    "bank", "tax", "tax.revenue", "tax.year", "tax[year = 2019]", "tax[year = 2019].revenue", "credit", "credit.kind",
    "credit.listed_on", "credit.is_serious", "企业.人数", "税务[年度 = 2020].营业收入", "numbers", "words", "days",
    "flags", "nulls", "moments", "nothing", "word", "moment", "clock", "as_of", "rate", "rate(as_of)", "sound", "tier",
    "x", "y", "i", "item", "partial", "?", "a", "b", "f", "unheard_of", "staff", "revenue",
]  # fmt: skip
CONSTANTS = [
    "null", "true", "false", "0", "1", "2", "-1", "0.5", "10000000000", "1e10", ".5", '""', '"a"', '"330106"', '"(a+)"',
    '"\\d"', '"2020-01-01"', '"[1..3]"', '"P1D"', 'date("2020-02-29")', '@"2020-01-01"', '@"P1D"', '@"P1M"',
    '@"PT1H"', '@"10:30:00"', '@"2020-01-01T10:00:00+08:00"', '@"2020-01-01T10:00:00@Europe/Paris"',
    '@"10:30:00@Asia/Shanghai"', "[]", "{}",
]  # fmt: skip
# {e} is any rule, {n} a name of a loop, {f} a built-in, {t} a type, {c} a comparison, {o} an operator.
FORMS = [
    "{e} {o} {e}", "{e} {c} {e}", "-{e}", "({e})", "({e} and {e})", "({e} or {e})", "not({e})", "({e})[{e}]",
    "{e}[{e}]", "{e}[{n}]", "{e}[{c2}]", "({e}).{p}", "{e}.{p}", "[{e}]", "[{e}, {e}]", "[{e}, {e}, {e}]", "{{a: {e}}}",
    "{{a: {e}, b: {e}}}", "{{f: function({n}) {e}}}.f({e})", "{{key: {e}, value: {e}}}", "[{e}..{e}]", "({e}..{e}]",
    "]{e}..{e}[", "({c}{e})", "{e} in {e}", "{e} in ({e}, {e})", "{e} in ({c}{e}, [{e}..{e}])", "{e} in [{e}..{e}]",
    "{e} between {e} and {e}", "if {e} then {e} else {e}", "for {n} in {e} return {e}",
    "for {n} in {e}..{e} return {e}", "for {n} in {e}, {n} in {e} return {e}", "some {n} in {e} satisfies {e}",
    "every {n} in {e}, {n} in {e} satisfies {e}", "function({n}) {e}", "function({n}, {n}) {e}",
    "(function({n}) {e})({e})", "{e} instance of {t}", "{f}({e})", "{f}({e}, {e})", "{f}({e}, {e}, {e})", "{f}()",
    "{f}({e}, {e}, {e}, {e})", "{f}(list: {e})", "{f}(from: {e}, {n}: {e})", "{e}({e})", "{n}({e})", "tier({e})",
    "rate({e})", "sort({e}, function(x, y) x {c} y)", "list replace({e}, function(x, y) {e}, {e})", "sum({e})",
    "min({e}, {e}, {e})", "max({e}, {e})", "count({e})", "mean({e}, {e})", "any({e})", "all({e}, {e})",
    "median({e}, {e})", "mode({e}, {e})",
]  # fmt: skip
PARTS = [
    "year", "month", "day", "hours", "days", "seconds", "time offset", "timezone", "a", "b", "key", "value", "start",
    "end", "start included", "revenue", "staff", "x",
]  # fmt: skip
TYPES = [
    "number", "string", "boolean", "date", "time", "Any", "list<number>", "list<list<Any>>", "context<a: number>",
    "range<number>", "function<number> -> number", "date and time", "days and time duration", "nonsense", "null",
]  # fmt: skip
LOOSE = [
    "(", ")", "[", "]", "{", "}", ",", ".", "..", ":", "=", "!=", "<", ">", "+", "-", "*", "/", "**", "and", "or", "in",
    "if", "then", "else", "for", "return", "some", "satisfies", "between", "instance of", "function", "not", '"', "//",
    "/*", "@", "?", "null", "，", "“", "\\", "\x00", "\ud800", "🐎", "\n", "\u202e", "的", "且", "%",
]  # fmt: skip
_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|\w+|\s+|\*\*|\.\.|!=|<=|>=|.', re.DOTALL)
LONGEST = 4_000


def rule_text(random: Random) -> str:
    """A text that may be a rule: a generated rule, often with some faults."""
    depth = random.choice((1, 2, 2, 3, 3, 4))
    text = (
        _typed_expression(random, random.choice(list(LEAVES)), depth)
        if random.random() < 0.4
        else _expression(random, depth)
    )
    for _ in range(random.choice((0, 0, 0, 1, 2, 5))):
        text = _add_fault(random, text)
    return text[:LONGEST]


def _expression(random: Random, depth: int) -> str:
    if depth == 0 or random.random() < 0.1:
        return random.choice(NAMES if random.random() < 0.6 else CONSTANTS)
    form = random.choice(FORMS)
    filled = re.sub(
        r"\{(\w+)\}", lambda hole: _fill(random, hole[1], depth), form.replace("{{", "\0").replace("}}", "\1")
    )
    return filled.replace("\0", "{").replace("\1", "}")


def _typed_expression(random: Random, type_: str, depth: int) -> str:
    """A rule whose types mostly agree."""
    if depth and random.random() < 0.05:
        return _expression(random, depth - 1)
    template = random.choice(LEAVES[type_] + (BRANCHES.get(type_, []) if depth else []))
    filled = re.sub(r"\{(\w)\}", lambda hole: _typed_expression(random, hole[1], max(depth - 1, 0)), template)
    return filled.replace("{{", "{").replace("}}", "}")


def _fill(random: Random, hole: str, depth: int) -> str:
    choices = {
        "n": ["x", "y", "i", "item", "a"],
        "f": built_in_names(),
        "t": TYPES,
        "c": ["=", "!=", "<", "<=", ">", ">="],
        "c2": ["null", "1", "-1", "0", "true", "item", "item > 1"],
        "o": ["+", "-", "*", "/", "**"],
        "p": PARTS,
    }
    return random.choice(choices[hole]) if hole in choices else _expression(random, depth - 1)


def _add_fault(random: Random, text: str) -> str:
    """The text with one token removed, repeated, inserted, replaced or moved, or with a part of it repeated."""
    tokens = tokens_of(text) or [""]
    at, other = random.randrange(len(tokens)), random.randrange(len(tokens))
    change = random.randrange(7)
    if change == 0:
        del tokens[at]
    elif change == 1:
        tokens.insert(at, tokens[other])
    elif change == 2:
        tokens.insert(at, random.choice(LOOSE))
    elif change == 3:
        tokens[at] = random.choice(LOOSE + CONSTANTS + NAMES)
    elif change == 4:
        tokens[at], tokens[other] = tokens[other], tokens[at]
    elif change == 5:
        tokens[at] = _expression(random, 1)
    else:
        low, high = sorted((at, other))
        tokens[at:at] = tokens[low : high + 1] * random.choice((1, 2, 30))
    return "".join(tokens)[:LONGEST]


def tokens_of(text: str) -> list[str]:
    """The text split into words, signs and quoted texts."""
    return _TOKEN.findall(text)
