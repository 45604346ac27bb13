"""Checks calls that take any number of lists or items, and calls that depend on a list's order."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from policies.feel import terms
from policies.feel.checking.coercion import fit, list_of, type_mismatch, unify_types
from policies.feel.checking.compare import compare_values
from policies.feel.checking.composition import Arguments, composes, order_arguments
from policies.feel.checking.session import Session, as_value, check_condition, open_list
from policies.feel.functions import registry
from policies.feel.functions.lists import ANY
from policies.feel.functions.sequences import INDEX_OF_NULL, SORTS
from policies.feel.messages.errors import FeelError
from policies.feel.syntax import nodes
from policies.feel.terms import Term
from policies.feel.types.types import FeelType, ListOf


def concatenate_lists(lists: Sequence[Term]) -> Term | None:
    """Several lists as one, None when one of them is no list, or their items are of several kinds."""
    element = unify_types(lists)
    if element is None:
        return None
    element = FeelType.NUMBER if element == FeelType.NULL else element
    fitted = [term for given in lists if (term := fit(given, ListOf(element)))]
    if len(fitted) < len(lists):
        return None
    rows = registry.overloads_of("concatenate")
    row = next(row for row in rows if row.result == ListOf(element))
    return reduce(lambda one, other: terms.Call(ListOf(element), row, (one, other)), fitted)


def compose_append(node: nodes.Invocation, given: Arguments, session: Session) -> Term | None:
    """`append(list, item, …)`."""
    values = [term for _, term in given]
    if len(values) < 2 or any(isinstance(term.type, ListOf) for term in values[1:]):
        return None
    items = list_of([argument.value for argument in node.arguments[1:]], values[1:])
    return concatenate_lists([values[0], items])


@composes("union")
def compose_union(node: nodes.Invocation, given: Arguments, session: Session) -> Term | None:
    """`union(list, …)`: every value once."""
    whole = concatenate_lists([term for _, term in given]) if given else None
    rows = registry.overloads_of("distinct values")
    row = next((row for row in rows if whole and row.result == whole.type), None)
    return terms.Call(whole.type, row, (whole,)) if row and whole else None


def compose_list_contains(node: nodes.Invocation, given: Arguments, session: Session) -> Term | None:
    """`list contains(list, element)`: some item equals the element; only a written null equals a null."""
    found = order_arguments(("list", "element"), given)
    if found is None or terms.is_null(found[0]):
        return None
    values, element = found
    if not isinstance(values.type, ListOf):
        values = list_of([node.arguments[0].value], [values])
    selection, item = open_list(node.arguments[0].value, values, session)
    assert item
    test = compare_values(node.span, "=", item, element)
    return terms.Aggregation(FeelType.BOOLEAN, ANY, terms.Projection(ListOf(FeelType.BOOLEAN), selection, test))


@composes("index of")
def compose_index_of(node: nodes.Invocation, given: Arguments, session: Session) -> Term | None:
    """`index of(list, null)`; any other match is a plain call."""
    found = order_arguments(("list", "match"), given)
    if found is None or not terms.is_null(found[1]) or not isinstance(found[0].type, ListOf):
        return None
    kind = terms.element_of(found[0])
    row = INDEX_OF_NULL.get(kind)
    return terms.Call(row.result, row, (found[0], terms.Constant(kind, None))) if row else None


def compose_list_replace(node: nodes.Invocation, given: Arguments, session: Session) -> Term | None:
    """
    `list replace(list, match, newItem)` with a function: each item for which it is true is replaced.

    Raises:
        FeelError: the function does not give a verdict.
    """
    found = order_arguments(("list", "match", "newItem"), given)
    if found is None or not isinstance(found[1], terms.FunctionValue) or not isinstance(found[0].type, ListOf):
        return None
    values, _, new = found
    closure = session.closure_of(found[1])
    if len(closure.parameters) != 2 or _fit_item(new, terms.element_of(values)) is None:
        return None
    selection, item = open_list(node.arguments[0].value, values, session)
    assert item
    condition = check_condition(closure.body, closure.bind((item, new)), "list replace", session)
    fitted = _fit_item(new, terms.element_of(values))
    assert fitted
    body = terms.choice(condition, fitted, item)
    return terms.Projection(values.type, selection, body)


def _fit_item(term: Term, wanted: FeelType) -> Term | None:
    return fit(term, wanted) if term.type in (wanted, FeelType.NULL) else None


@composes("sort")
def compose_sort(node: nodes.Invocation, given: Arguments, session: Session) -> Term:
    """
    `sort(list, function(x, y) x < y)`, and with `>`.

    Raises:
        FeelError: the function is another one, or the values have no order.
    """
    names = [name for name, _ in given]
    has_both = names in ([None, None], ["list", "precedes"])
    ordering = _read_order(node.arguments[1].value) if has_both else None
    if ordering is None:
        raise FeelError("sort", node.span)
    values = as_value(node.arguments[0].value, given[0][1])
    if not isinstance(values.type, ListOf):
        values = list_of([node.arguments[0].value], [values])
    # A list that holds lists or contexts has no one type of element.
    row = SORTS.get((values.type.element, ordering)) if isinstance(values.type, ListOf) else None
    if row is None:
        raise type_mismatch("cannot_compare", node.span, values, values)
    return terms.Call(values.type, row, (values,))


def _read_order(written: nodes.Node) -> str | None:
    """Whether `function(x, y) x < y` puts the smaller item first ("<") or the larger (">")."""
    if not isinstance(written, nodes.FunctionLiteral) or len(written.parameters) != 2:
        return None
    body, flipped = written.body, {"<": ">", ">": "<"}
    if not isinstance(body, nodes.Operation) or body.symbol not in flipped:
        return None
    sides = [side.text for side in (body.left, body.right) if isinstance(side, nodes.Name)]
    if sides == list(written.parameters):
        return body.symbol
    return flipped[body.symbol] if sides == list(reversed(written.parameters)) else None
