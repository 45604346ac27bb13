"""Checks comparisons, `between` and `in`."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from policies.feel import terms
from policies.feel.checking.coercion import fit, fit_list, has_no_order, is_delivered, type_mismatch, unify_types
from policies.feel.checking.scope import Frame, Scope
from policies.feel.checking.session import Session, check_condition, check_node, check_value, open_list
from policies.feel.functions.lists import ANY, EQUAL_LISTS
from policies.feel.messages.errors import FeelError, Span
from policies.feel.standard import structures
from policies.feel.standard.moment_functions import COMPARISONS
from policies.feel.syntax import nodes
from policies.feel.syntax.nodes import Node
from policies.feel.terms import Term
from policies.feel.types.types import MOMENTS, ORDERED, FeelType, ListOf, words

BOOLEAN = FeelType.BOOLEAN


def compare_values(span: Span, symbol: str, left: Term, right: Term) -> Term:
    """
    Compare two values.

    A written `null` makes = and != a test for null. Otherwise nothing equals or differs from an unknown.

    Raises:
        FeelError: the two do not compare.
    """
    if terms.is_structure(left) or terms.is_structure(right):
        return _compare_structures(span, symbol, left, right)
    if symbol in ("=", "!=") and (terms.is_null(left) or terms.is_null(right)):
        return _negate_if(symbol == "!=", _test_null(left, right))
    kind = unify_types([left, right])
    if kind is None:
        raise type_mismatch(_mismatch_code(left, right), span, left, right)
    if isinstance(left.type, ListOf) and isinstance(right.type, ListOf) and not is_delivered(left, right):
        return _compare_lists(span, symbol, left, right, kind)
    if symbol not in ("=", "!=") and kind not in ORDERED | MOMENTS:
        english, chinese = words(kind)
        raise FeelError("no_order", span, symbol=symbol, found=english, found_zh=chinese)
    kind = FeelType.NUMBER if kind == FeelType.NULL else kind
    first, second = fit(left, kind), fit(right, kind)
    if first is None or second is None:
        raise type_mismatch("cannot_compare", span, left, right)
    if kind in MOMENTS:
        return terms.Call(BOOLEAN, COMPARISONS[kind][symbol], (first, second))
    return terms.Comparison(BOOLEAN, symbol, first, second)


def _mismatch_code(left: Term, right: Term) -> str:
    kinds = {left.type, right.type}
    if FeelType.DATE in kinds and kinds & {FeelType.STRING, FeelType.NUMBER}:
        return "day_as_text"
    return "days_as_number" if kinds == {FeelType.DAYS, FeelType.NUMBER} else "cannot_compare"


def _compare_lists(span: Span, symbol: str, left: Term, right: Term, kind: FeelType) -> Term:
    kind = FeelType.NUMBER if kind == FeelType.NULL else kind
    first, second = fit_list(left, kind), fit_list(right, kind)
    holds_null = any(terms.is_null(item) for term in (left, right) for item in terms.children(term))
    is_comparable = symbol in ("=", "!=") and kind in EQUAL_LISTS
    if not is_comparable or first is None or second is None or holds_null:
        raise FeelError("list_equality", span)
    if any(map(has_no_order, (first, second))) and not any(map(_is_short, (first, second))):
        raise FeelError("no_order_in_records", span, name=symbol)
    return _negate_if(symbol == "!=", terms.Call(BOOLEAN, EQUAL_LISTS[kind], (first, second)))


def _is_short(values: Term) -> bool:
    """Whether a written list has no two items, so that whatever equals it has no order either."""
    return isinstance(values, terms.UniformList) and len(values.items) < 2


def _compare_structures(span: Span, symbol: str, left: Term, right: Term) -> Term:
    if symbol not in ("=", "!="):
        english, chinese = words(left.type if terms.is_structure(left) else right.type)
        raise FeelError("no_order", span, symbol=symbol, found=english, found_zh=chinese)
    same = structures.compare_structures(left, right, lambda one, other: compare_values(span, "=", one, other))
    return _negate_if(symbol == "!=", same)


def _negate_if(is_negated: bool, test: Term) -> Term:  # noqa: FBT001
    return terms.Not(BOOLEAN, test) if is_negated else test


def _test_null(left: Term, right: Term) -> Term:
    other = right if terms.is_null(left) else left
    if terms.is_null(other):
        return terms.Constant(BOOLEAN, value=True)
    if isinstance(other.type, ListOf) and is_delivered(other):
        other = fit(other, other.type.element) or other
    return terms.IsNull(BOOLEAN, other)


@check_node.register
def check_between(node: nodes.Between, scope: Scope, session: Session) -> Term:
    """`x between a and b`: the ends belong to it."""
    low = nodes.UnaryTest(node.low.span, ">=", node.low)
    high = nodes.UnaryTest(node.high.span, "<=", node.high)

    def both(item: Term) -> Term:
        parts = tuple(_check_test(item, test, scope, session) for test in (low, high))
        return terms.Junction(BOOLEAN, "and", parts)

    operand = check_value(node.operand, scope, session)
    if isinstance(operand.type, ListOf) and is_delivered(operand):
        operand = fit(operand, operand.type.element) or operand
    return _bind_once(operand, both, session)


@check_node.register
def check_membership(node: nodes.Membership, scope: Scope, session: Session) -> Term:
    """`x in …`: true when one of the tests is."""
    operand = check_value(node.operand, scope, session)
    if terms.is_null(operand):
        raise FeelError("null_operand", node.operand.span)
    if isinstance(operand.type, ListOf) and is_delivered(operand):
        operand = fit(operand, operand.type.element) or operand
    flat = _split_lists if isinstance(operand.type, ListOf) else _split_values
    tests = [part for test in node.tests for part in flat(test)]
    if not tests:
        raise FeelError("empty_tests", node.span)

    return _bind_once(
        operand, lambda item: _join_tests([_check_test(item, test, scope, session) for test in tests]), session
    )


def _join_tests(parts: list[Term]) -> Term:
    merged = _merge_equalities(parts)
    return merged[0] if len(merged) == 1 else terms.Junction(BOOLEAN, "or", tuple(merged))


def check_cell(item: Term, cell: nodes.Cell, scope: Scope, session: Session) -> Term:
    """
    A cell of a decision table as a condition on the value of its column.

    Raises:
        FeelError: the value and the cell do not compare.
    """
    inner = scope.with_frame(Frame("?", item, is_filter=False))
    tests = [part for test in cell.tests for part in _split_values(test)]
    parts = [
        check_condition(test, inner, "?", session)
        if _mentions_question(test)
        else _check_test(item, test, inner, session)
        for test in tests
    ]
    if not parts:
        raise FeelError("empty_tests", cell.span)
    return _negate_if(cell.is_negated, _join_tests(parts))


def _mentions_question(test: Node) -> bool:
    """Whether a test is a condition on “?” rather than a value or a range."""
    waiting = [test]
    while waiting:
        node = waiting.pop()
        if isinstance(node, nodes.Name) and node.text == "?":
            return True
        waiting.extend(nodes.children(node))
    return False


def _bind_once(term: Term, test: Callable[[Term], Term], session: Session) -> Term:
    """Bind a term that a test needs several times, so that the engines compute it once."""
    # A list without an order stays in sight: whether it may be compared is seen from what it is made of.
    if terms.is_leaf(term) or terms.is_structure(term) or has_no_order(term):
        return test(term)
    scope = session.fresh()
    return terms.With(BOOLEAN, scope, term, test(terms.Item(term.type, scope)))


def _split_values(test: Node) -> Iterable[Node]:
    """The items of a written list as tests of their own."""
    if not isinstance(test, nodes.ListLiteral):
        return (test,)
    for item in test.items:
        if isinstance(item, nodes.ListLiteral):
            raise FeelError("nested_list", item.span)
    return test.items


def _split_lists(test: Node) -> Iterable[Node]:
    """The lists of a written list of lists as tests of their own; a list of values is one test."""
    is_nested = isinstance(test, nodes.ListLiteral) and any(isinstance(item, nodes.ListLiteral) for item in test.items)
    return test.items if is_nested and isinstance(test, nodes.ListLiteral) else (test,)


def _merge_equalities(tests: list[Term]) -> list[Term]:
    """All plain values as one test, so that SQL gets one IN."""
    equals = [test for test in tests if isinstance(test, terms.Comparison) and test.symbol == "="]
    if len(equals) < 2 or any(test.left != equals[0].left for test in equals):
        return tests
    merged = terms.OneOf(BOOLEAN, equals[0].left, tuple(test.right for test in equals))
    return [merged, *(test for test in tests if test not in equals)]


def _check_test(item: Term, test: Node, scope: Scope, session: Session) -> Term:
    if isinstance(test, nodes.UnaryTest):
        return compare_values(test.span, test.symbol, item, check_value(test.operand, scope, session))
    if isinstance(test, nodes.Range):
        return _compare_with_range(item, test, scope, session)
    wanted = check_value(test, scope, session)
    if isinstance(wanted, terms.Interval) and not terms.is_structure(item):
        return compare_with_interval(test, item, wanted)
    if isinstance(wanted, terms.MixedList) and not isinstance(item, terms.MixedList):
        return terms.any_of([_compare_with_option(test, item, option) for option in wanted.items])
    if isinstance(wanted.type, ListOf) and not isinstance(item.type, ListOf):
        return _compare_with_items(item, test, wanted, session)
    return compare_values(test.span, "=", item, wanted)


def _compare_with_range(item: Term, test: nodes.Range, scope: Scope, session: Session) -> Term:
    low, high = check_value(test.low, scope, session), check_value(test.high, scope, session)
    if terms.is_null(low) or terms.is_null(high):
        raise FeelError("null_range", test.span)
    above = compare_values(test.low.span, ">=" if test.includes_low else ">", item, low)
    below = compare_values(test.high.span, "<=" if test.includes_high else "<", item, high)
    return terms.Junction(BOOLEAN, "and", (above, below))


def compare_with_interval(test: Node, item: Term, interval: terms.Interval) -> Term:
    """Whether a value is in a range."""
    ends = [
        (">=" if interval.includes_low else ">", interval.low),
        ("<=" if interval.includes_high else "<", interval.high),
    ]
    return terms.all_of([compare_values(test.span, symbol, item, end) for symbol, end in ends if end is not None])


def _compare_with_option(test: Node, item: Term, option: Term) -> Term:
    if isinstance(option, terms.Interval) and not terms.is_structure(item):
        return compare_with_interval(test, item, option)
    return compare_values(test.span, "=", item, option)


def _compare_with_items(item: Term, test: Node, values: Term, session: Session) -> Term:
    selection, body = open_list(test, values, session)
    assert body
    equal = compare_values(test.span, "=", item, body)
    return terms.Aggregation(BOOLEAN, ANY, terms.Projection(ListOf(BOOLEAN), selection, equal))
