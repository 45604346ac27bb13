"""Checking comparisons, `between` and `in`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from policies.feel import nodes, structures, terms
from policies.feel.errors import FeelError, Span
from policies.feel.fit import fit, fit_list, has_no_order, is_delivered, shared_type
from policies.feel.functions.lists import ANY, EQUAL_LISTS
from policies.feel.functions.moments import COMPARISONS
from policies.feel.kinds import MOMENTS, ORDERED, FeelType, ListOf, words
from policies.feel.nodes import Node
from policies.feel.scope import Frame, Scope
from policies.feel.terms import Term

if TYPE_CHECKING:
    from policies.feel.check import Checker

BOOLEAN = FeelType.BOOLEAN


def compared(span: Span, symbol: str, left: Term, right: Term) -> Term:
    """
    Compare two values.

    A written `null` makes = and != a test for null. Otherwise nothing equals or differs from an unknown.

    Raises:
        FeelError: the two do not compare.
    """
    if terms.is_structure(left) or terms.is_structure(right):
        return _structures_compared(span, symbol, left, right)
    if symbol in ("=", "!=") and (terms.is_null(left) or terms.is_null(right)):
        return _negated_if(symbol == "!=", _null_test(left, right))
    kind = shared_type([left, right])
    if kind is None:
        raise between_types(_incomparable(left, right), span, left, right)
    if isinstance(left.type, ListOf) and isinstance(right.type, ListOf) and not is_delivered(left, right):
        return _lists_compared(span, symbol, left, right, kind)
    if symbol not in ("=", "!=") and kind not in ORDERED | MOMENTS:
        english, chinese = words(kind)
        raise FeelError("no_order", span, symbol=symbol, found=english, found_zh=chinese)
    kind = FeelType.NUMBER if kind == FeelType.NULL else kind
    first, second = fit(left, kind), fit(right, kind)
    if first is None or second is None:
        raise between_types("cannot_compare", span, left, right)
    if kind in MOMENTS:
        return terms.Call(BOOLEAN, COMPARISONS[kind][symbol], (first, second))
    return terms.Comparison(BOOLEAN, symbol, first, second)


def _incomparable(left: Term, right: Term) -> str:
    kinds = {left.type, right.type}
    if FeelType.DATE in kinds and kinds & {FeelType.STRING, FeelType.NUMBER}:
        return "day_as_text"
    return "days_as_number" if kinds == {FeelType.DAYS, FeelType.NUMBER} else "cannot_compare"


def uncounted(symbol: str, left: Term, right: Term) -> str:
    """The refusal of an operation on these two: a day beside a number is a habit of spreadsheets."""
    is_day_and_days = {left.type, right.type} == {FeelType.DATE, FeelType.NUMBER} and symbol in ("+", "-")
    return "days_beside_day" if is_day_and_days else "wrong_operands"


def _lists_compared(span: Span, symbol: str, left: Term, right: Term, kind: FeelType) -> Term:
    kind = FeelType.NUMBER if kind == FeelType.NULL else kind
    first, second = fit_list(left, kind), fit_list(right, kind)
    holds_null = any(terms.is_null(item) for term in (left, right) for item in terms.children(term))
    is_comparable = symbol in ("=", "!=") and kind in EQUAL_LISTS
    if not is_comparable or first is None or second is None or holds_null:
        raise FeelError("list_equality", span)
    if any(map(has_no_order, (first, second))) and not any(map(_is_short, (first, second))):
        raise FeelError("no_order_in_records", span, name=symbol)
    return _negated_if(symbol == "!=", terms.Call(BOOLEAN, EQUAL_LISTS[kind], (first, second)))


def _is_short(values: Term) -> bool:
    """Whether a written list has no two items, so that whatever equals it has no order either."""
    return isinstance(values, terms.Listing) and len(values.items) < 2


def _structures_compared(span: Span, symbol: str, left: Term, right: Term) -> Term:
    if symbol not in ("=", "!="):
        english, chinese = words(left.type if terms.is_structure(left) else right.type)
        raise FeelError("no_order", span, symbol=symbol, found=english, found_zh=chinese)
    same = structures.equal(left, right, lambda one, other: compared(span, "=", one, other))
    return _negated_if(symbol == "!=", same)


def _negated_if(is_negated: bool, test: Term) -> Term:  # noqa: FBT001
    return terms.Not(BOOLEAN, test) if is_negated else test


def _null_test(left: Term, right: Term) -> Term:
    other = right if terms.is_null(left) else left
    if terms.is_null(other):
        return terms.Constant(BOOLEAN, value=True)
    if isinstance(other.type, ListOf) and is_delivered(other):
        other = fit(other, other.type.element) or other
    return terms.IsNull(BOOLEAN, other)


def between_types(code: str, span: Span, left: Term, right: Term, **params: object) -> FeelError:
    """A refusal that names the types of two terms."""
    (english, chinese), (other, other_zh) = words(left.type), words(right.type)
    return FeelError(code, span, left=english, left_zh=chinese, right=other, right_zh=other_zh, **params)


def between(checker: Checker, node: nodes.Between, scope: Scope) -> Term:
    """`x between a and b`: the ends belong to it."""
    low = nodes.UnaryTest(node.low.span, ">=", node.low)
    high = nodes.UnaryTest(node.high.span, "<=", node.high)

    def both(item: Term) -> Term:
        parts = tuple(_tested(checker, item, test, scope) for test in (low, high))
        return terms.Junction(BOOLEAN, "and", parts)

    operand = checker.value(node.operand, scope)
    if isinstance(operand.type, ListOf) and is_delivered(operand):
        operand = fit(operand, operand.type.element) or operand
    return _once(checker, operand, both)


def membership(checker: Checker, node: nodes.Membership, scope: Scope) -> Term:
    """`x in …`: true when one of the tests is."""
    operand = checker.value(node.operand, scope)
    if terms.is_null(operand):
        raise FeelError("null_operand", node.operand.span)
    if isinstance(operand.type, ListOf) and is_delivered(operand):
        operand = fit(operand, operand.type.element) or operand
    flat = _lists_apart if isinstance(operand.type, ListOf) else _values_apart
    tests = [part for test in node.tests for part in flat(test)]
    if not tests:
        raise FeelError("empty_tests", node.span)

    return _once(checker, operand, lambda item: _one_of([_tested(checker, item, test, scope) for test in tests]))


def _one_of(parts: list[Term]) -> Term:
    merged = _merged(parts)
    return merged[0] if len(merged) == 1 else terms.Junction(BOOLEAN, "or", tuple(merged))


def in_cell(checker: Checker, item: Term, cell: nodes.Cell, scope: Scope) -> Term:
    """
    A cell of a decision table as a condition on the value of its column.

    Raises:
        FeelError: the value and the cell do not compare.
    """
    inner = scope.inside(Frame("?", item, is_filter=False))
    tests = [part for test in cell.tests for part in _values_apart(test)]
    parts = [
        checker.condition(test, inner, "?") if _asks(test) else _tested(checker, item, test, inner) for test in tests
    ]
    if not parts:
        raise FeelError("empty_tests", cell.span)
    return _negated_if(cell.is_negated, _one_of(parts))


def _asks(test: Node) -> bool:
    """Whether a test is a condition on “?” rather than a value or a range."""
    waiting = [test]
    while waiting:
        node = waiting.pop()
        if isinstance(node, nodes.Name) and node.text == "?":
            return True
        waiting.extend(nodes.children(node))
    return False


def _once(checker: Checker, term: Term, test: Callable[[Term], Term]) -> Term:
    """A test that needs `term` several times, with the term worked out once."""
    # A list without an order stays in sight: whether it may be compared is seen from what it is made of.
    if terms.is_leaf(term) or terms.is_structure(term) or has_no_order(term):
        return test(term)
    scope = checker.fresh()
    return terms.With(BOOLEAN, scope, term, test(terms.Item(term.type, scope)))


def _values_apart(test: Node) -> Iterable[Node]:
    """The items of a written list as tests of their own."""
    if not isinstance(test, nodes.Listing):
        return (test,)
    for item in test.items:
        if isinstance(item, nodes.Listing):
            raise FeelError("nested_list", item.span)
    return test.items


def _lists_apart(test: Node) -> Iterable[Node]:
    """The lists of a written list of lists as tests of their own; a list of values is one test."""
    is_nested = isinstance(test, nodes.Listing) and any(isinstance(item, nodes.Listing) for item in test.items)
    return test.items if is_nested and isinstance(test, nodes.Listing) else (test,)


def _merged(tests: list[Term]) -> list[Term]:
    """All plain values as one test, so that SQL gets one IN."""
    equals = [test for test in tests if isinstance(test, terms.Comparison) and test.symbol == "="]
    if len(equals) < 2 or any(test.left != equals[0].left for test in equals):
        return tests
    merged = terms.OneOf(BOOLEAN, equals[0].left, tuple(test.right for test in equals))
    return [merged, *(test for test in tests if test not in equals)]


def _tested(checker: Checker, item: Term, test: Node, scope: Scope) -> Term:
    if isinstance(test, nodes.UnaryTest):
        return compared(test.span, test.symbol, item, checker.value(test.operand, scope))
    if isinstance(test, nodes.Range):
        return _within(checker, item, test, scope)
    wanted = checker.value(test, scope)
    if isinstance(wanted, terms.Interval) and not terms.is_structure(item):
        return inside(test, item, wanted)
    if isinstance(wanted, terms.Assorted) and not isinstance(item, terms.Assorted):
        return structures.any_of([_same_or_inside(test, item, option) for option in wanted.items])
    if isinstance(wanted.type, ListOf) and not isinstance(item.type, ListOf):
        return _among(checker, item, test, wanted)
    return compared(test.span, "=", item, wanted)


def _within(checker: Checker, item: Term, test: nodes.Range, scope: Scope) -> Term:
    low, high = checker.value(test.low, scope), checker.value(test.high, scope)
    if terms.is_null(low) or terms.is_null(high):
        raise FeelError("null_range", test.span)
    above = compared(test.low.span, ">=" if test.includes_low else ">", item, low)
    below = compared(test.high.span, "<=" if test.includes_high else "<", item, high)
    return terms.Junction(BOOLEAN, "and", (above, below))


def inside(test: Node, item: Term, interval: terms.Interval) -> Term:
    """Whether a value is in a range."""
    ends = [
        (">=" if interval.includes_low else ">", interval.low),
        ("<=" if interval.includes_high else "<", interval.high),
    ]
    return structures.all_of([compared(test.span, symbol, item, end) for symbol, end in ends if end is not None])


def _same_or_inside(test: Node, item: Term, option: Term) -> Term:
    if isinstance(option, terms.Interval) and not terms.is_structure(item):
        return inside(test, item, option)
    return compared(test.span, "=", item, option)


def _among(checker: Checker, item: Term, test: Node, values: Term) -> Term:
    selection, body = checker.opened(test, values)
    assert body
    equal = compared(test.span, "=", item, body)
    return terms.Aggregation(BOOLEAN, ANY, terms.Projection(ListOf(BOOLEAN), selection, equal))
