"""A checked rule shown back: in the rule language itself with English or Chinese names, or in plain words."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from functools import singledispatch

from companies.datasets.catalogue import FactGroup
from policies.feel import terms
from policies.feel.check import Expression
from policies.feel.definitions import AS_OF, AS_OF_ZH
from policies.feel.functions import OPERATORS, PARTS
from policies.feel.functions.lists import ALL, ANY
from policies.feel.functions.periods import START_OF_PERIOD
from policies.feel.functions.sequences import SORTS
from policies.feel.moments import moment_text
from policies.feel.terms import Term
from policies.feel.values import DateTime, Days, Months, Time, duration_text, plain
from policies.feel.voices import FEEL, PLAIN, ValueName, Voice, length_in_words, no_name

# How tightly a written form binds; what binds looser than its place needs parentheses.
OR, AND, COMPARE, ADD, MULTIPLY, POWER, UNARY, TIGHT = range(1, 9)
COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
BINDS = {"+": ADD, "-": ADD, "*": MULTIPLY, "/": MULTIPLY, "**": POWER}


def shown(expression: Expression, *, language: str) -> str:
    """The rule in the rule language, with the names of `language` ("en" or "zh…"); it checks to the same rule."""
    return _write(expression.node, FEEL[language[:2]], 0)


def explained(expression: Expression, *, language: str, value_name: ValueName = no_name) -> str:
    """
    The rule in plain words of `language` ("en" or "zh…"), for people who do not read the rule language.

    Values that facts are compared with are called by their names, if they have any.
    """
    return _write(expression.node, replace(PLAIN[language[:2]], value_name=value_name), 0)


def canonical(term: Term) -> str:
    """A term in the rule language with English identifiers."""
    return _write(term, FEEL["en"], 0)


def _write(term: Term, voice: Voice, place: int) -> str:
    text, binds = _written(term, voice)
    return f"({text})" if binds < place else text


@singledispatch
def _written(term: Term, voice: Voice) -> tuple[str, int]:
    raise AssertionError(f"{type(term).__name__} is never shown by itself")


@_written.register
def _(term: terms.Constant, voice: Voice) -> tuple[str, int]:
    return _constant(term.value, voice), TIGHT


def _constant(value: object, voice: Voice) -> str:
    if value is None or isinstance(value, bool):
        return voice.say("null" if value is None else str(value).lower())
    if isinstance(value, Decimal):
        # A year has no thousands; an amount of money does.
        return f"{value:,f}" if voice.is_plain and abs(value) >= 10_000 else plain(value)
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, dt.date):
        return value.isoformat() if voice.is_plain else f'date("{value.isoformat()}")'
    if isinstance(value, DateTime | Time):
        return moment_text(value) if voice.is_plain else f'@"{moment_text(value)}"'
    assert isinstance(value, Days | Months)
    return length_in_words(value, voice) if voice.is_plain else f'duration("{duration_text(value)}")'


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return '"' + escaped.replace("\t", "\\t") + '"'


@_written.register
def _(term: terms.GivenFact, voice: Voice) -> tuple[str, int]:
    return voice.name(term.fact), TIGHT


@_written.register
def _(term: terms.FactOf, voice: Voice) -> tuple[str, int]:
    fact = voice.name(term.fact)
    if term.record.scope is not None:
        loop = voice.loops.get(term.record.scope)
        return (f"{loop}.{fact}" if loop else fact), TIGHT
    return voice.of(voice.name(term.record.group), fact), TIGHT


@_written.register
def _(term: terms.Item, voice: Voice) -> tuple[str, int]:
    return voice.loops.get(term.scope) or voice.say("item"), TIGHT


@_written.register
def _(term: terms.With, voice: Voice) -> tuple[str, int]:
    # The operand stands where its item does; a range or list of tests is shown test by test.
    fact = voice.fact_behind(term.value)
    items = {**voice.items, term.scope: fact} if fact else voice.items
    inner = replace(voice, loops={**voice.loops, term.scope: _write(term.value, voice, ADD)}, items=items)
    return _written(term.body, inner)


@_written.register
def _(term: terms.Call, voice: Voice) -> tuple[str, int]:
    name, arguments = term.function.name, term.arguments
    if name in OPERATORS and len(arguments) == 2:
        binds = BINDS[name]
        left, right = _write(arguments[0], voice, binds), _write(arguments[1], voice, binds + 1)
        return f"{left} {voice.say(name)} {right}", binds
    if name in COMPARISONS:
        return _compared(arguments[0], name, arguments[1], voice), COMPARE
    if name == "-":
        return f"-{_write(arguments[0], voice, UNARY)}", UNARY
    special = _called_in_its_own_way(term, voice)
    if special:
        return special
    if any(term.function in parts for parts in PARTS.values()):
        return voice.of(_write(arguments[0], voice, TIGHT), voice.say(name)), TIGHT
    return f"{voice.say(name)}({_list(arguments, voice)})", TIGHT


def _called_in_its_own_way(term: terms.Call, voice: Voice) -> tuple[str, int] | None:
    """The few built-ins that are not written as a name and arguments."""
    function, arguments = term.function, term.arguments
    if function.name == "item at":
        return f"{_write(arguments[0], voice, TIGHT)}[{_write(arguments[1], voice, 0)}]", TIGHT
    flags = next((each.flags for each in arguments if isinstance(each, terms.Pattern) and each.flags), "")
    if flags:
        return f"{voice.say(function.name)}({_list(arguments, voice)}, {_quoted(flags)})", TIGHT
    if function.name == "sort":
        symbol = next(symbol for (_, symbol), row in SORTS.items() if row is function)
        return f"{voice.say('sort')}({_write(arguments[0], voice, 0)}, function(x, y) x {symbol} y)", TIGHT
    if function.name == "..":
        series = f"{_write(arguments[0], voice, ADD)}..{_write(arguments[1], voice, ADD)}"
        return (series, TIGHT) if voice.is_plain else (f"for i in {series} return i", 0)
    return None


def _list(items: tuple[Term, ...], voice: Voice, *, beside: Term | None = None) -> str:
    """The items of a list; `beside` is what they are compared with."""
    written = ((beside and voice.value(item, beside)) or _write(item, voice, 0) for item in items)
    return ("、" if voice.is_plain and voice.is_chinese else ", ").join(written)


@_written.register
def _(term: terms.Comparison, voice: Voice) -> tuple[str, int]:
    return _compared(term.left, term.symbol, term.right, voice), COMPARE


def _compared(left: Term, symbol: str, right: Term, voice: Voice) -> str:
    first = voice.value(left, right) or _write(left, voice, ADD)
    return _comparison(first, symbol, voice.value(right, left) or _write(right, voice, ADD), voice)


def _comparison(left: str, symbol: str, right: str, voice: Voice) -> str:
    return f"{left} {voice.say(symbol)} {right}"


@_written.register
def _(term: terms.IsNull, voice: Voice) -> tuple[str, int]:
    return _comparison(_write(term.operand, voice, ADD), "=", voice.say("null"), voice), COMPARE


@_written.register
def _(term: terms.Not, voice: Voice) -> tuple[str, int]:
    return f"{voice.say('not')}({_write(term.operand, voice, 0)})", TIGHT


@_written.register
def _(term: terms.Junction, voice: Voice) -> tuple[str, int]:
    binds = AND if term.symbol == "and" else OR
    return f" {voice.say(term.symbol)} ".join(_write(part, voice, binds + 1) for part in term.parts), binds


@_written.register
def _(term: terms.OneOf, voice: Voice) -> tuple[str, int]:
    options = _list(term.options, voice, beside=term.operand)
    return f"{_write(term.operand, voice, ADD)} {voice.say('in')} ({options})", COMPARE


@_written.register
def _(term: terms.Choice, voice: Voice) -> tuple[str, int]:
    parts = (("if", term.condition), ("then", term.then), ("else", term.otherwise))
    return " ".join(f"{voice.say(word)} {_write(part, voice, 0)}" for word, part in parts), 0


@_written.register
def _(term: terms.Listing, voice: Voice) -> tuple[str, int]:
    return f"[{_list(term.items, voice)}]", TIGHT


@_written.register
def _(term: terms.Selection, voice: Voice) -> tuple[str, int]:
    source = voice.name(term.source) if isinstance(term.source, FactGroup) else _write(term.source, voice, TIGHT)
    inner = voice.over(term)
    return source + "".join(voice.kept(_write(condition, inner, 0)) for condition in term.conditions), TIGHT


@_written.register
def _(term: terms.Projection, voice: Voice) -> tuple[str, int]:
    selection, body = term.selection, term.body
    if isinstance(body, terms.Item) and body.scope == selection.scope:
        return _written(selection, voice)
    if isinstance(body, terms.FactOf) and body.record.scope == selection.scope:
        return voice.of(_write(selection, voice, TIGHT), voice.name(body.fact)), TIGHT
    return _loop(("for", "return"), term, voice), 0


@_written.register
def _(term: terms.Pattern, voice: Voice) -> tuple[str, int]:
    return _quoted(term.text), TIGHT


@_written.register
def _(term: terms.Chain, voice: Voice) -> tuple[str, int]:
    if voice.is_plain:
        return _pairs(term, voice), 0
    loops: list[str] = []
    body: Term = term
    while isinstance(body, terms.Chain | terms.Projection):
        source = _write(body.selection, voice, 0)
        name, voice = _named(body.selection.scope, voice)
        loops.append(f"{name} in {source}")
        is_last, body = isinstance(body, terms.Projection), body.body
        if is_last:
            return f"for {', '.join(loops)} return {_write(body, voice, 0)}", 0
    # The innermost list is no loop: its values are what the last variable runs over.
    last, _ = _named(-term.selection.scope, voice)
    return f"for {', '.join(loops)}, {last} in {_write(body, voice, 0)} return {last}", 0


@_written.register
def _(term: terms.Context, voice: Voice) -> tuple[str, int]:
    entries = zip(term.names, term.values, strict=True)
    return "{" + ", ".join(f"{_quoted(name)}: {_write(value, voice, 0)}" for name, value in entries) + "}", TIGHT


@_written.register
def _(term: terms.Assorted, voice: Voice) -> tuple[str, int]:
    return f"[{_list(term.items, voice)}]", TIGHT


def _pairs(term: terms.Chain, voice: Voice) -> str:
    """Lists that are gone through together, for people."""
    sources, body = [], term.body
    sources.append(_write(term.selection, voice, 0))
    while isinstance(body, terms.Chain | terms.Projection):
        sources.append(_write(body.selection, voice, 0))
        body = body.body
    return f"{' × '.join(sources)} {voice.say('for')} ({_write(body, voice, 0)})"


def _named(scope: int, voice: Voice) -> tuple[str, Voice]:
    """The name of a loop's variable, and the voice inside the loop."""
    name = ("各项" if voice.is_chinese else "each") + (str(voice.depth + 1) if voice.depth else "")
    return name, replace(voice, loops={**voice.loops, scope: name}, depth=voice.depth + 1)


def _loop(words: tuple[str, str], term: terms.Projection, voice: Voice) -> str:
    source = _write(term.selection, voice, 0)
    if voice.is_plain:
        return f"{source} {voice.say(words[0])} ({_write(term.body, voice.over(term.selection), 0)})"
    name, inner = _named(term.selection.scope, voice)
    return f"{words[0]} {name} in {source} {words[1]} {_write(term.body, inner, 0)}"


@_written.register
def _(term: terms.Aggregation, voice: Voice) -> tuple[str, int]:
    if term.function in (ANY, ALL) and isinstance(term.source, terms.Projection):
        return _loop(("some" if term.function is ANY else "every", "satisfies"), term.source, voice), 0
    return f"{voice.say(term.function.name)}({_write(term.source, voice, 0)})", TIGHT


@_written.register
def _(term: terms.AsOf, voice: Voice) -> tuple[str, int]:
    if voice.is_plain:
        return ("基准日" if voice.is_chinese else "the as-of date"), TIGHT
    return (AS_OF_ZH if voice.is_chinese else AS_OF), TIGHT


@_written.register
def _(term: terms.NamedClause, voice: Voice) -> tuple[str, int]:
    if not voice.is_plain:
        return voice.name(term.clause), TIGHT
    title = term.clause.title_zh if voice.is_chinese else term.clause.title_en
    return (f"“{title}”" if title else _write(term.body, voice, TIGHT)), TIGHT


@_written.register
def _(term: terms.ParameterOn, voice: Voice) -> tuple[str, int]:
    name = voice.name(term.parameter)
    if isinstance(term.on, terms.AsOf):
        return name, TIGHT
    is_period = isinstance(term.on, terms.Call) and term.on.function in START_OF_PERIOD
    on = term.on.arguments[0] if is_period and isinstance(term.on, terms.Call) else term.on
    return f"{name}({_write(on, voice, 0)})", TIGHT


@_written.register
def _(term: terms.Decision, voice: Voice) -> tuple[str, int]:
    name, inputs = voice.name(term.table), _list(term.inputs, voice)
    if voice.is_plain:
        return (f"按“{name}”表（{inputs}）" if voice.is_chinese else f"the table “{name}” ({inputs})"), TIGHT
    return (f"{name}({inputs})" if term.is_called else name), TIGHT


@_written.register
def _(term: terms.Single, voice: Voice) -> tuple[str, int]:
    return _written(term.source, voice)
