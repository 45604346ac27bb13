"""Writes a checked rule back: in the rule language itself with English or Chinese names, or in plain words."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from functools import singledispatch

from companies.datasets.catalogue import FactGroup
from policies.feel import terms
from policies.feel.definitions import AS_OF, AS_OF_ZH
from policies.feel.functions.lists import ALL, ANY
from policies.feel.functions.periods import START_OF_PERIOD
from policies.feel.functions.registry import OPERATORS, PARTS
from policies.feel.functions.sequences import SORTS
from policies.feel.standard.moments import format_moment
from policies.feel.terms import Expression, Term
from policies.feel.types.values import DateTime, Days, Months, Time, format_duration, format_number
from policies.feel.words.rendering import FEEL, PLAIN, Style, ValueName, no_name, say_length

# How tightly a written form binds; what binds looser than its place needs parentheses.
OR, AND, COMPARE, ADD, MULTIPLY, POWER, UNARY, TIGHT = range(1, 9)
COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
BINDS = {"+": ADD, "-": ADD, "*": MULTIPLY, "/": MULTIPLY, "**": POWER}


def show_rule(expression: Expression, *, language: str) -> str:
    """The rule in the rule language, with the names of `language` ("en" or "zh…"); it checks to the same rule."""
    return _write_at(expression.node, FEEL[language[:2]], 0)


def explain_rule(expression: Expression, *, language: str, value_name: ValueName = no_name) -> str:
    """
    The rule in plain words of `language` ("en" or "zh…"), for people who do not read the rule language.

    Values that facts are compared with are called by their names, if they have any.
    """
    return _write_at(expression.node, replace(PLAIN[language[:2]], value_name=value_name), 0)


def write_canonical(term: Term) -> str:
    """A term in the rule language with English identifiers."""
    return _write_at(term, FEEL["en"], 0)


def _write_at(term: Term, style: Style, least: int) -> str:
    """A term for a place that takes what binds at least so tightly; anything looser stands in parentheses."""
    text, tightness = write_term(term, style)
    return f"({text})" if tightness < least else text


@singledispatch
def write_term(term: Term, style: Style) -> tuple[str, int]:
    """A term as text, and how tightly the text binds."""
    raise AssertionError(f"{type(term).__name__} is never shown by itself")


@write_term.register
def write_constant(term: terms.Constant, style: Style) -> tuple[str, int]:
    return _write_value(term.value, style), TIGHT


def _write_value(value: object, style: Style) -> str:
    if value is None or isinstance(value, bool):
        return style.say("null" if value is None else str(value).lower())
    if isinstance(value, Decimal):
        # A year has no thousands; an amount of money does.
        return f"{value:,f}" if style.is_plain and abs(value) >= 10_000 else format_number(value)
    if isinstance(value, str):
        return _quote(value)
    if isinstance(value, dt.date):
        return value.isoformat() if style.is_plain else f'date("{value.isoformat()}")'
    if isinstance(value, DateTime | Time):
        return format_moment(value) if style.is_plain else f'@"{format_moment(value)}"'
    assert isinstance(value, Days | Months)
    return say_length(value, style) if style.is_plain else f'duration("{format_duration(value)}")'


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return '"' + escaped.replace("\t", "\\t") + '"'


@write_term.register
def write_given_fact(term: terms.GivenFact, style: Style) -> tuple[str, int]:
    return style.name(term.fact), TIGHT


@write_term.register
def write_fact(term: terms.FactOf, style: Style) -> tuple[str, int]:
    fact = style.name(term.fact)
    if term.record.scope is not None:
        loop = style.loops.get(term.record.scope)
        return (f"{loop}.{fact}" if loop else fact), TIGHT
    return style.of(style.name(term.record.group), fact), TIGHT


@write_term.register
def write_item(term: terms.Item, style: Style) -> tuple[str, int]:
    return style.loops.get(term.scope) or style.say("item"), TIGHT


@write_term.register
def write_with(term: terms.With, style: Style) -> tuple[str, int]:
    # The operand stands where its item does; a range or list of tests is shown test by test.
    fact = style.fact_behind(term.value)
    items = {**style.items, term.scope: fact} if fact else style.items
    inner = replace(style, loops={**style.loops, term.scope: _write_at(term.value, style, ADD)}, items=items)
    return write_term(term.body, inner)


@write_term.register
def write_call(term: terms.Call, style: Style) -> tuple[str, int]:
    name, arguments = term.function.name, term.arguments
    if name in OPERATORS and len(arguments) == 2:
        binds = BINDS[name]
        left, right = _write_at(arguments[0], style, binds), _write_at(arguments[1], style, binds + 1)
        return f"{left} {style.say(name)} {right}", binds
    if name in COMPARISONS:
        return _write_comparison(arguments[0], name, arguments[1], style), COMPARE
    if name == "-":
        return f"-{_write_at(arguments[0], style, UNARY)}", UNARY
    special = _write_special_call(term, style)
    if special:
        return special
    if any(term.function in parts for parts in PARTS.values()):
        return style.of(_write_at(arguments[0], style, TIGHT), style.say(name)), TIGHT
    return f"{style.say(name)}({_write_list(arguments, style)})", TIGHT


def _write_special_call(term: terms.Call, style: Style) -> tuple[str, int] | None:
    """The few built-ins that are not written as a name and arguments."""
    function, arguments = term.function, term.arguments
    if function.name == "item at":
        return f"{_write_at(arguments[0], style, TIGHT)}[{_write_at(arguments[1], style, 0)}]", TIGHT
    flags = next((each.flags for each in arguments if isinstance(each, terms.Pattern) and each.flags), "")
    if flags:
        return f"{style.say(function.name)}({_write_list(arguments, style)}, {_quote(flags)})", TIGHT
    if function.name == "sort":
        symbol = next(symbol for (_, symbol), row in SORTS.items() if row is function)
        return f"{style.say('sort')}({_write_at(arguments[0], style, 0)}, function(x, y) x {symbol} y)", TIGHT
    if function.name == "..":
        series = f"{_write_at(arguments[0], style, ADD)}..{_write_at(arguments[1], style, ADD)}"
        return (series, TIGHT) if style.is_plain else (f"for i in {series} return i", 0)
    return None


def _write_list(items: tuple[Term, ...], style: Style, *, beside: Term | None = None) -> str:
    """The items of a list; `beside` is what they are compared with."""
    written = ((beside and style.value(item, beside)) or _write_at(item, style, 0) for item in items)
    return ("、" if style.is_plain and style.is_chinese else ", ").join(written)


@write_term.register
def write_comparison(term: terms.Comparison, style: Style) -> tuple[str, int]:
    return _write_comparison(term.left, term.symbol, term.right, style), COMPARE


def _write_comparison(left: Term, symbol: str, right: Term, style: Style) -> str:
    first = style.value(left, right) or _write_at(left, style, ADD)
    return _choose_comparison(first, symbol, style.value(right, left) or _write_at(right, style, ADD), style)


def _choose_comparison(left: str, symbol: str, right: str, style: Style) -> str:
    return f"{left} {style.say(symbol)} {right}"


@write_term.register
def write_null_test(term: terms.IsNull, style: Style) -> tuple[str, int]:
    return _choose_comparison(_write_at(term.operand, style, ADD), "=", style.say("null"), style), COMPARE


@write_term.register
def write_not(term: terms.Not, style: Style) -> tuple[str, int]:
    return f"{style.say('not')}({_write_at(term.operand, style, 0)})", TIGHT


@write_term.register
def write_junction(term: terms.Junction, style: Style) -> tuple[str, int]:
    binds = AND if term.symbol == "and" else OR
    return f" {style.say(term.symbol)} ".join(_write_at(part, style, binds + 1) for part in term.parts), binds


@write_term.register
def write_one_of(term: terms.OneOf, style: Style) -> tuple[str, int]:
    options = _write_list(term.options, style, beside=term.operand)
    return f"{_write_at(term.operand, style, ADD)} {style.say('in')} ({options})", COMPARE


@write_term.register
def write_choice(term: terms.Choice, style: Style) -> tuple[str, int]:
    parts = (("if", term.condition), ("then", term.then), ("else", term.otherwise))
    return " ".join(f"{style.say(word)} {_write_at(part, style, 0)}" for word, part in parts), 0


@write_term.register
def write_uniform_list(term: terms.UniformList, style: Style) -> tuple[str, int]:
    return f"[{_write_list(term.items, style)}]", TIGHT


@write_term.register
def write_selection(term: terms.Selection, style: Style) -> tuple[str, int]:
    source = style.name(term.source) if isinstance(term.source, FactGroup) else _write_at(term.source, style, TIGHT)
    inner = style.over(term)
    return source + "".join(style.kept(_write_at(condition, inner, 0)) for condition in term.conditions), TIGHT


@write_term.register
def write_projection(term: terms.Projection, style: Style) -> tuple[str, int]:
    selection, body = term.selection, term.body
    if isinstance(body, terms.Item) and body.scope == selection.scope:
        return write_term(selection, style)
    if isinstance(body, terms.FactOf) and body.record.scope == selection.scope:
        return style.of(_write_at(selection, style, TIGHT), style.name(body.fact)), TIGHT
    return _write_loop(("for", "return"), term, style), 0


@write_term.register
def write_pattern(term: terms.Pattern, style: Style) -> tuple[str, int]:
    return _quote(term.text), TIGHT


@write_term.register
def write_chain(term: terms.Chain, style: Style) -> tuple[str, int]:
    if style.is_plain:
        return _write_pairs(term, style), 0
    loops: list[str] = []
    body: Term = term
    while isinstance(body, terms.Chain | terms.Projection):
        source = _write_at(body.selection, style, 0)
        name, style = _name_variable(body.selection.scope, style)
        loops.append(f"{name} in {source}")
        is_last, body = isinstance(body, terms.Projection), body.body
        if is_last:
            return f"for {', '.join(loops)} return {_write_at(body, style, 0)}", 0
    # The innermost list is no loop: its values are what the last variable runs over.
    last, _ = _name_variable(-term.selection.scope, style)
    return f"for {', '.join(loops)}, {last} in {_write_at(body, style, 0)} return {last}", 0


@write_term.register
def write_context(term: terms.Context, style: Style) -> tuple[str, int]:
    entries = zip(term.names, term.values, strict=True)
    return "{" + ", ".join(f"{_quote(name)}: {_write_at(value, style, 0)}" for name, value in entries) + "}", TIGHT


@write_term.register
def write_mixed_list(term: terms.MixedList, style: Style) -> tuple[str, int]:
    return f"[{_write_list(term.items, style)}]", TIGHT


def _write_pairs(term: terms.Chain, style: Style) -> str:
    """Lists that are gone through together, for people."""
    sources, body = [], term.body
    sources.append(_write_at(term.selection, style, 0))
    while isinstance(body, terms.Chain | terms.Projection):
        sources.append(_write_at(body.selection, style, 0))
        body = body.body
    return f"{' × '.join(sources)} {style.say('for')} ({_write_at(body, style, 0)})"


def _name_variable(scope: int, style: Style) -> tuple[str, Style]:
    """The name of a loop's variable, and the style inside the loop."""
    name = ("各项" if style.is_chinese else "each") + (str(style.depth + 1) if style.depth else "")
    return name, replace(style, loops={**style.loops, scope: name}, depth=style.depth + 1)


def _write_loop(words: tuple[str, str], term: terms.Projection, style: Style) -> str:
    source = _write_at(term.selection, style, 0)
    if style.is_plain:
        return f"{source} {style.say(words[0])} ({_write_at(term.body, style.over(term.selection), 0)})"
    name, inner = _name_variable(term.selection.scope, style)
    return f"{words[0]} {name} in {source} {words[1]} {_write_at(term.body, inner, 0)}"


@write_term.register
def write_aggregation(term: terms.Aggregation, style: Style) -> tuple[str, int]:
    if term.function in (ANY, ALL) and isinstance(term.source, terms.Projection):
        return _write_loop(("some" if term.function is ANY else "every", "satisfies"), term.source, style), 0
    return f"{style.say(term.function.name)}({_write_at(term.source, style, 0)})", TIGHT


@write_term.register
def write_as_of(term: terms.AsOf, style: Style) -> tuple[str, int]:
    if style.is_plain:
        return ("基准日" if style.is_chinese else "the as-of date"), TIGHT
    return (AS_OF_ZH if style.is_chinese else AS_OF), TIGHT


@write_term.register
def write_named_clause(term: terms.NamedClause, style: Style) -> tuple[str, int]:
    if not style.is_plain:
        return style.name(term.clause), TIGHT
    title = term.clause.title_zh if style.is_chinese else term.clause.title_en
    return (f"“{title}”" if title else _write_at(term.body, style, TIGHT)), TIGHT


@write_term.register
def write_parameter(term: terms.ParameterOn, style: Style) -> tuple[str, int]:
    name = style.name(term.parameter)
    if isinstance(term.on, terms.AsOf):
        return name, TIGHT
    is_period = isinstance(term.on, terms.Call) and term.on.function in START_OF_PERIOD
    on = term.on.arguments[0] if is_period and isinstance(term.on, terms.Call) else term.on
    return f"{name}({_write_at(on, style, 0)})", TIGHT


@write_term.register
def write_decision(term: terms.Decision, style: Style) -> tuple[str, int]:
    name, inputs = style.name(term.table), _write_list(term.inputs, style)
    if style.is_plain:
        return (f"按“{name}”表（{inputs}）" if style.is_chinese else f"the table “{name}” ({inputs})"), TIGHT
    return (f"{name}({inputs})" if term.is_called else name), TIGHT


@write_term.register
def write_single(term: terms.Single, style: Style) -> tuple[str, int]:
    return write_term(term.source, style)
