"""
Takes contexts, nested lists, ranges and functions apart while a rule is checked.

No column holds them. What a rule does with one is worked out here on its parts, so that both engines only ever see
single values and lists of one kind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

from policies.feel import terms
from policies.feel.checking.coercion import list_of
from policies.feel.checking.constants import constant_value, is_constant
from policies.feel.checking.scope import Frame, Scope, unknown_name
from policies.feel.checking.session import Session, check_condition, check_node, check_value
from policies.feel.messages.errors import FeelError
from policies.feel.passes.limits import written_number
from policies.feel.syntax import nodes
from policies.feel.terms import Term
from policies.feel.types.types import FeelType, RangeOf, words

BOOLEAN = FeelType.BOOLEAN
Test = Callable[[Term, Term], Term]


def _verdict(*, is_true: bool) -> Term:
    """A verdict that is known when the rule is written."""
    return terms.YES if is_true else terms.NO


def items_of(term: Term) -> tuple[Term, ...] | None:
    """The items of a list that the rule writes out; None for a list whose length is not known yet."""
    return term.items if isinstance(term, terms.UniformList | terms.MixedList) else None


@check_node.register
def check_context(node: nodes.ContextLiteral, scope: Scope, session: Session) -> Term:
    """
    `{a: 1, b: a + 1}`: each entry sees those before it.

    Raises:
        FeelError: two entries have one name.
    """
    entries: dict[str, Term] = {}
    for name, value in zip(node.names, node.values, strict=True):
        if name.text in entries:
            raise FeelError("duplicate_entry", name.span, name=name.text)
        entries[name.text] = session.check_size(check_value(value, scope, session), node)
        scope = scope.with_frame(Frame(name.text, entries[name.text], is_filter=False))
    return terms.context(entries)


def _entry_of(node: nodes.Path, operand: terms.Context) -> Term:
    """
    `context.name`.

    Raises:
        FeelError: the context has no such entry.
    """
    found = operand.value(node.name.text)
    if found is None:
        raise unknown_name("unknown_entry", node.name, operand.names)
    return found


def part_of(node: nodes.Path, operand: Term) -> Term:
    """What stands after the dot of a structure."""
    if isinstance(operand, terms.Context):
        return _entry_of(node, operand)
    if isinstance(operand, terms.Interval):
        return _end_of(node, operand)
    if isinstance(operand, terms.MixedList):
        return list_of([node] * len(operand.items), [part_of(node, item) for item in operand.items])
    english, chinese = words(operand.type)
    raise FeelError("no_parts", node.name.span, type=english.removeprefix("a "), type_zh=chinese, name=node.name.text)


def _end_of(node: nodes.Path, interval: terms.Interval) -> Term:
    """
    `range.start` and its like.

    Raises:
        FeelError: a range has no such part.
    """
    parts: dict[str, Term | None] = {
        "start": interval.low,
        "end": interval.high,
        "start included": _verdict(is_true=interval.includes_low),
        "end included": _verdict(is_true=interval.includes_high),
    }
    if node.name.text not in parts:
        raise unknown_name("unknown_entry", node.name, parts)
    return parts[node.name.text] or terms.null()


def filter_items(node: nodes.Filter, operand: terms.MixedList, scope: Scope, session: Session) -> Term:
    """
    A position in a list of structures, or the items whose condition is known to be true.

    Raises:
        FeelError: the position or a condition depends on facts.
    """
    position = _written_position(node, scope, session)
    if position is not None:
        index = position - 1 if position > 0 else len(operand.items) + position
        return operand.items[index] if position and 0 <= index < len(operand.items) else terms.null()
    kept = [item for item in operand.items if _is_true_for(node, item, scope, session)]
    return list_of([node] * len(kept), kept)


def _written_position(node: nodes.Filter, scope: Scope, session: Session) -> int | None:
    if not isinstance(node.condition, nodes.Literal | nodes.Negation):
        return None
    number = written_number(check_value(node.condition, scope, session))
    return None if number is None else int(number)


def _is_true_for(node: nodes.Filter, item: Term, scope: Scope, session: Session) -> bool:
    inner = scope.with_frame(Frame("item", item, is_filter=False))
    if isinstance(item, terms.Context):
        for name, value in zip(item.names, item.values, strict=True):
            inner = inner.with_frame(Frame(name, value, is_filter=False))
    condition = check_condition(node.condition, inner, "[ ]", session)
    if not is_constant(condition):
        raise FeelError("structure_filter", node.condition.span)
    return constant_value(condition) is True


@check_node.register
def apply_function(node: nodes.Application, scope: Scope, session: Session) -> Term:
    """
    A call of a function that the rule writes: its body, with the arguments in place of the parameters.

    Raises:
        FeelError: it is no function, or the arguments do not go with its parameters.
    """
    callee = check_value(node.callee, scope, session)
    if not isinstance(callee, terms.FunctionValue):
        english, chinese = words(callee.type)
        raise FeelError("not_a_function", node.callee.span, found=english, found_zh=chinese)
    given = [check_value(argument.value, scope, session) for argument in node.arguments]
    named = [argument.parameter for argument in node.arguments if argument.parameter]
    if len(given) != len(callee.parameters) or (named and sorted(named) != sorted(callee.parameters)):
        raise FeelError("wrong_parameters", node.span, parameters=", ".join(callee.parameters))
    closure = session.closure_of(callee)
    return session.check_size(check_value(closure.body, closure.bind(given, named), session), node)


@check_node.register
def check_range(node: nodes.Range, scope: Scope, session: Session) -> terms.Interval:
    """
    `[low..high]` as a value.

    Raises:
        FeelError: an end is null, or the two do not compare.
    """
    low, high = check_value(node.low, scope, session), check_value(node.high, scope, session)
    return build_interval(node, low, high, includes_low=node.includes_low, includes_high=node.includes_high)


def build_interval(
    node: nodes.Node, low: Term, high: Term, *, includes_low: bool, includes_high: bool
) -> terms.Interval:
    """A range between two terms of one kind."""
    if low.type == FeelType.NULL or high.type == FeelType.NULL:
        raise FeelError("null_range", node.span)
    if low.type != high.type or not isinstance(low.type, FeelType):
        (english, chinese), (other, other_zh) = words(low.type), words(high.type)
        raise FeelError("cannot_compare", node.span, left=english, left_zh=chinese, right=other, right_zh=other_zh)
    return terms.Interval(RangeOf(low.type), low, high, includes_low, includes_high)


@check_node.register
def check_unary_range(node: nodes.UnaryTest, scope: Scope, session: Session) -> Term:
    """
    `(< 10)` as a value.

    Raises:
        FeelError: it is no range: `(!= 10)`.
    """
    end = check_value(node.operand, scope, session)
    if node.symbol == "!=" or not isinstance(end.type, FeelType) or end.type == FeelType.NULL:
        raise FeelError("stray_test", node.span)
    low = end if node.symbol in (">", ">=", "=") else None
    high = end if node.symbol in ("<", "<=", "=") else None
    closed = node.symbol in ("<=", ">=", "=")
    return terms.Interval(
        RangeOf(end.type), low, high, closed and low is not None, closed and high is not None, node.symbol == "="
    )


def compare_structures(one: Term, other: Term, test: Test) -> Term:
    """Whether two structures are the same; `test` compares the single values in them."""
    if isinstance(one, terms.Context) and isinstance(other, terms.Context):
        if set(one.names) != set(other.names):
            return terms.NO
        return terms.all_of(
            [
                compare_structures(value, other.value(name) or terms.null(), test)
                for name, value in zip(one.names, one.values, strict=True)
            ]
        )
    if isinstance(one, terms.Interval) and isinstance(other, terms.Interval):
        return _compare_intervals(one, other, test)
    items, twins = items_of(one), items_of(other)
    if items is not None and twins is not None:
        if len(items) != len(twins):
            return terms.NO
        return terms.all_of([compare_structures(item, twin, test) for item, twin in zip(items, twins, strict=True)])
    if terms.is_structure(one) or terms.is_structure(other):
        return terms.NO if any(terms.is_null(side) for side in (one, other)) else terms.UNKNOWN
    return test(one, other)


def _compare_intervals(one: terms.Interval, other: terms.Interval, test: Test) -> Term:
    if _shape_of(one) != _shape_of(other):
        return terms.NO
    ends = [(one.low, other.low), (one.high, other.high)]
    return terms.all_of([test(end, twin) for end, twin in ends if end is not None and twin is not None])


def _shape_of(interval: terms.Interval) -> tuple[bool, ...]:
    """All that is known of a range without its ends; `(=10)` tests for equality, so it is not the range `[10..10]`."""
    closed = interval.includes_low, interval.includes_high
    return (*closed, interval.low is None, interval.high is None, interval.is_equality)


def iterate_items(
    node: nodes.Iteration,
    name: str,
    items: Sequence[Term],
    body: Callable[[Scope], Term],
    scope: Scope,
    session: Session,
) -> Term:
    """`for` over a list of structures: its body once for each, `partial` being what came before."""
    results: list[Term] = []
    for item in items:
        inner = scope.with_frame(Frame("partial", list_of([node] * len(results), results), is_filter=False))
        result = body(inner.with_frame(Frame(name, item, is_filter=False)))
        results.append(session.check_size(result, node))
    return list_of([node] * len(results), results)


def flatten_items(term: Term) -> list[Term]:
    """The single values of nested lists, in order."""
    items = items_of(term)
    return [term] if items is None else reduce(lambda found, item: found + flatten_items(item), items, list[Term]())
