"""
Contexts, nested lists, ranges and functions: taken apart while a rule is checked.

No column holds them. What a rule does with one is worked out here on its parts, so that both engines only ever see
single values and lists of one kind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import TYPE_CHECKING, NamedTuple

from policies.feel import nodes, terms
from policies.feel.errors import FeelError
from policies.feel.kinds import FeelType, RangeOf, words
from policies.feel.limits import written_number
from policies.feel.scope import Frame, Scope, unknown
from policies.feel.terms import Term

if TYPE_CHECKING:
    from policies.feel.check import Checker

BOOLEAN = FeelType.BOOLEAN
LIMIT_PARTS = 5_000
LIMIT_LEVELS = 100

Test = Callable[[Term, Term], Term]


YES: Term = terms.Constant(BOOLEAN, value=True)
NO: Term = terms.Constant(BOOLEAN, value=False)
UNKNOWN: Term = terms.Constant(BOOLEAN, value=None)


def flag(is_set: bool) -> Term:  # noqa: FBT001
    """A verdict that is known when the rule is written."""
    return YES if is_set else NO


def nothing() -> Term:
    """A null."""
    return terms.Constant(FeelType.NULL, None)


def all_of(parts: Sequence[Term]) -> Term:
    """All conditions together."""
    return parts[0] if len(parts) == 1 else terms.Junction(BOOLEAN, "and", tuple(parts)) if parts else YES


def any_of(parts: Sequence[Term]) -> Term:
    """One of several conditions."""
    return parts[0] if len(parts) == 1 else terms.Junction(BOOLEAN, "or", tuple(parts)) if parts else NO


def items_of(term: Term) -> tuple[Term, ...] | None:
    """The items of a list that the rule writes out; None for a list whose length is not known yet."""
    return term.items if isinstance(term, terms.Listing | terms.Assorted) else None


def context(checker: Checker, node: nodes.ContextLiteral, scope: Scope) -> Term:
    """
    `{a: 1, b: a + 1}`: each entry sees those before it.

    Raises:
        FeelError: two entries have one name.
    """
    entries: dict[str, Term] = {}
    for name, value in zip(node.names, node.values, strict=True):
        if name.text in entries:
            raise FeelError("duplicate_entry", name.span, name=name.text)
        entries[name.text] = checker.measured(checker.value(value, scope), node)
        scope = scope.inside(Frame(name.text, entries[name.text], is_filter=False))
    return terms.context(entries)


def entry(node: nodes.Path, operand: terms.Context) -> Term:
    """
    `context.name`.

    Raises:
        FeelError: the context has no such entry.
    """
    found = operand.value(node.name.text)
    if found is None:
        raise unknown("unknown_entry", node.name, operand.names)
    return found


def part_of(checker: Checker, node: nodes.Path, operand: Term) -> Term:
    """What stands after the dot of a structure."""
    if isinstance(operand, terms.Context):
        return entry(node, operand)
    if isinstance(operand, terms.Interval):
        return end_of(node, operand)
    if isinstance(operand, terms.Assorted):
        return checker.listing([node] * len(operand.items), [part_of(checker, node, item) for item in operand.items])
    english, chinese = words(operand.type)
    raise FeelError("no_parts", node.name.span, type=english.removeprefix("a "), type_zh=chinese, name=node.name.text)


def end_of(node: nodes.Path, interval: terms.Interval) -> Term:
    """
    `range.start` and its like.

    Raises:
        FeelError: a range has no such part.
    """
    parts: dict[str, Term | None] = {
        "start": interval.low,
        "end": interval.high,
        "start included": flag(interval.includes_low),
        "end included": flag(interval.includes_high),
    }
    if node.name.text not in parts:
        raise unknown("unknown_entry", node.name, parts)
    return parts[node.name.text] or nothing()


def filtered(checker: Checker, node: nodes.Filter, operand: terms.Assorted, scope: Scope) -> Term:
    """
    A position in a list of structures, or the items whose condition is known to hold.

    Raises:
        FeelError: the position or a condition depends on facts.
    """
    position = _written_position(checker, node, scope)
    if position is not None:
        index = position - 1 if position > 0 else len(operand.items) + position
        return operand.items[index] if position and 0 <= index < len(operand.items) else nothing()
    kept = [item for item in operand.items if _holds(checker, node, item, scope)]
    return checker.listing([node] * len(kept), kept)


def _written_position(checker: Checker, node: nodes.Filter, scope: Scope) -> int | None:
    if not isinstance(node.condition, nodes.Literal | nodes.Negation):
        return None
    number = written_number(checker.value(node.condition, scope))
    return None if number is None else int(number)


def _holds(checker: Checker, node: nodes.Filter, item: Term, scope: Scope) -> bool:
    inner = scope.inside(Frame("item", item, is_filter=False))
    if isinstance(item, terms.Context):
        for name, value in zip(item.names, item.values, strict=True):
            inner = inner.inside(Frame(name, value, is_filter=False))
    condition = checker.condition(node.condition, inner, "[ ]")
    if not checker.is_written(condition):
        raise FeelError("structure_filter", node.condition.span)
    return checker.written_value(condition) is True


def application(checker: Checker, node: nodes.Application, scope: Scope) -> Term:
    """
    A call of a function that the rule writes: its body, with the arguments in place of the parameters.

    Raises:
        FeelError: it is no function, or the arguments do not go with its parameters.
    """
    callee = checker.value(node.callee, scope)
    if not isinstance(callee, terms.Lambda):
        english, chinese = words(callee.type)
        raise FeelError("not_a_function", node.callee.span, found=english, found_zh=chinese)
    given = [checker.value(argument.value, scope) for argument in node.arguments]
    named = [argument.parameter for argument in node.arguments if argument.parameter]
    if len(given) != len(callee.parameters) or (named and sorted(named) != sorted(callee.parameters)):
        raise FeelError("wrong_parameters", node.span, parameters=", ".join(callee.parameters))
    inner = callee.scope
    for name, term in zip(named or callee.parameters, given, strict=True):
        inner = inner.inside(Frame(name, term, is_filter=False))
    return checker.measured(checker.value(callee.body, inner), node)


def interval(checker: Checker, node: nodes.Range, scope: Scope) -> terms.Interval:
    """
    `[low..high]` as a value.

    Raises:
        FeelError: an end is null, or the two do not compare.
    """
    low, high = checker.value(node.low, scope), checker.value(node.high, scope)
    return checked_interval(node, low, high, includes_low=node.includes_low, includes_high=node.includes_high)


def checked_interval(
    node: nodes.Node, low: Term, high: Term, *, includes_low: bool, includes_high: bool
) -> terms.Interval:
    """A range between two terms of one kind."""
    if low.type == FeelType.NULL or high.type == FeelType.NULL:
        raise FeelError("null_range", node.span)
    if low.type != high.type or not isinstance(low.type, FeelType):
        (english, chinese), (other, other_zh) = words(low.type), words(high.type)
        raise FeelError("cannot_compare", node.span, left=english, left_zh=chinese, right=other, right_zh=other_zh)
    return terms.Interval(RangeOf(low.type), low, high, includes_low, includes_high)


def half_open(checker: Checker, node: nodes.UnaryTest, scope: Scope) -> Term:
    """
    `(< 10)` as a value.

    Raises:
        FeelError: it is no range: `(!= 10)`.
    """
    end = checker.value(node.operand, scope)
    if node.symbol == "!=" or not isinstance(end.type, FeelType) or end.type == FeelType.NULL:
        raise FeelError("stray_test", node.span)
    low = end if node.symbol in (">", ">=", "=") else None
    high = end if node.symbol in ("<", "<=", "=") else None
    closed = node.symbol in ("<=", ">=", "=")
    return terms.Interval(RangeOf(end.type), low, high, closed and low is not None, closed and high is not None)


def equal(one: Term, other: Term, test: Test) -> Term:
    """Whether two structures are the same; `test` compares the single values in them."""
    if isinstance(one, terms.Context) and isinstance(other, terms.Context):
        if set(one.names) != set(other.names):
            return NO
        return all_of(
            [
                equal(value, other.value(name) or nothing(), test)
                for name, value in zip(one.names, one.values, strict=True)
            ]
        )
    if isinstance(one, terms.Interval) and isinstance(other, terms.Interval):
        return _same_interval(one, other, test)
    items, twins = items_of(one), items_of(other)
    if items is not None and twins is not None:
        if len(items) != len(twins):
            return NO
        return all_of([equal(item, twin, test) for item, twin in zip(items, twins, strict=True)])
    if terms.is_structure(one) or terms.is_structure(other):
        return NO if any(terms.is_null(side) for side in (one, other)) else UNKNOWN
    return test(one, other)


def _same_interval(one: terms.Interval, other: terms.Interval, test: Test) -> Term:
    flags = (one.includes_low, one.includes_high, one.low is None, one.high is None)
    if flags != (other.includes_low, other.includes_high, other.low is None, other.high is None):
        return NO
    ends = [(one.low, other.low), (one.high, other.high)]
    return all_of([test(end, twin) for end, twin in ends if end is not None and twin is not None])


def looped(
    checker: Checker,
    node: nodes.Iteration,
    name: str,
    items: Sequence[Term],
    body: Callable[[Scope], Term],
    scope: Scope,
) -> Term:
    """`for` over a list of structures: its body once for each, `partial` being what came before."""
    results: list[Term] = []
    for item in items:
        inner = scope.inside(Frame("partial", checker.listing([node] * len(results), results), is_filter=False))
        result = body(inner.inside(Frame(name, item, is_filter=False)))
        results.append(checker.measured(result, node))
    return checker.listing([node] * len(results), results)


class Size(NamedTuple):
    """How many parts a term has when written out, and how deep they are nested; `term` keeps its id from reuse."""

    term: Term
    parts: int
    levels: int


def size(term: Term, known: dict[int, Size]) -> Size:
    """The size of a term; what stands in several places is counted each time."""
    if id(term) not in known:
        sizes = [size(child, known) for child in terms.children(term)]
        parts = min(1 + sum(child.parts for child in sizes), LIMIT_PARTS + 1)
        known[id(term)] = Size(term, parts, 1 + max((child.levels for child in sizes), default=0))
    return known[id(term)]


def flattened(term: Term) -> list[Term]:
    """The single values of nested lists, in order."""
    items = items_of(term)
    return [term] if items is None else reduce(lambda found, item: found + flattened(item), items, list[Term]())
