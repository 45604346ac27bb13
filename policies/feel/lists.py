"""Checking calls that take any number of lists or items, and those that depend on a list's order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import TYPE_CHECKING

from policies.feel import functions, nodes, terms
from policies.feel.compare import between_types, compared
from policies.feel.errors import FeelError
from policies.feel.fit import fit, has_no_order, shared_type
from policies.feel.functions.lists import ANY
from policies.feel.functions.sequences import INDEX_OF_NULL, SORTS
from policies.feel.functions.table import Function
from policies.feel.kinds import FeelType, ListOf
from policies.feel.scope import Frame, Scope
from policies.feel.terms import Term

if TYPE_CHECKING:
    from policies.feel.check import Checker

Arguments = list[tuple[str | None, Term]]
Composing = Callable[["Checker", nodes.Invocation, Arguments], Term | None]


def in_order(names: Sequence[str], given: Arguments) -> list[Term] | None:
    """Arguments by position or by name as a plain list, None when they do not go with these parameters."""
    if all(name is None for name, _ in given):
        return [term for _, term in given] if len(given) == len(names) else None
    by_name = {name: term for name, term in given if name}
    return [by_name[name] for name in names] if set(by_name) == set(names) and len(by_name) == len(given) else None


def concatenated(lists: Sequence[Term]) -> Term | None:
    """Several lists as one, None when one of them is no list, or their items are of several kinds."""
    element = shared_type(lists)
    if element is None:
        return None
    element = FeelType.NUMBER if element == FeelType.NULL else element
    fitted = [term for given in lists if (term := fit(given, ListOf(element)))]
    if len(fitted) < len(lists):
        return None
    rows = functions.rows("concatenate")
    row = next(row for row in rows if row.result == ListOf(element))
    return reduce(lambda one, other: terms.Call(ListOf(element), row, (one, other)), fitted)


def append(checker: Checker, node: nodes.Invocation, given: Arguments) -> Term | None:
    """`append(list, item, …)`."""
    values = [term for _, term in given]
    if len(values) < 2 or any(isinstance(term.type, ListOf) for term in values[1:]):
        return None
    items = checker.listing([argument.value for argument in node.arguments[1:]], values[1:])
    return concatenated([values[0], items])


def union(checker: Checker, node: nodes.Invocation, given: Arguments) -> Term | None:
    """`union(list, …)`: every value once."""
    whole = concatenated([term for _, term in given]) if given else None
    rows = functions.rows("distinct values")
    row = next((row for row in rows if whole and row.result == whole.type), None)
    return terms.Call(whole.type, row, (whole,)) if row and whole else None


def contains(checker: Checker, node: nodes.Invocation, given: Arguments) -> Term | None:
    """`list contains(list, element)`: some item equals the element; only a written null equals a null."""
    found = in_order(("list", "element"), given)
    if found is None or terms.is_null(found[0]):
        return None
    values, element = found
    if not isinstance(values.type, ListOf):
        values = checker.listing([node.arguments[0].value], [values])
    selection, item = checker.opened(node.arguments[0].value, values)
    assert item
    test = compared(node.span, "=", item, element)
    return terms.Aggregation(FeelType.BOOLEAN, ANY, terms.Projection(ListOf(FeelType.BOOLEAN), selection, test))


def index_of(checker: Checker, node: nodes.Invocation, given: Arguments) -> Term | None:
    """`index of(list, null)`; any other match is a plain call."""
    found = in_order(("list", "match"), given)
    if found is None or not terms.is_null(found[1]) or not isinstance(found[0].type, ListOf):
        return None
    kind = terms.element_of(found[0])
    row = INDEX_OF_NULL.get(kind)
    return terms.Call(row.result, row, (found[0], terms.Constant(kind, None))) if row else None


def replace(checker: Checker, node: nodes.Invocation, given: Arguments) -> Term | None:
    """
    `list replace(list, match, newItem)` with a function: each item for which it holds gives way.

    Raises:
        FeelError: the function does not give a verdict.
    """
    found = in_order(("list", "match", "newItem"), given)
    if found is None or not isinstance(found[1], terms.Lambda) or not isinstance(found[0].type, ListOf):
        return None
    values, match, new = found
    assert isinstance(match, terms.Lambda)
    if len(match.parameters) != 2 or _fitted(new, terms.element_of(values)) is None:
        return None
    selection, item = checker.opened(node.arguments[0].value, values)
    assert item
    inner = match.scope
    for name, term in zip(match.parameters, (item, new), strict=True):
        inner = inner.inside(Frame(name, term, is_filter=False))
    condition = checker.condition(match.body, inner, "list replace")
    fitted = _fitted(new, terms.element_of(values))
    assert fitted
    body = terms.choice(condition, fitted, item)
    return terms.Projection(values.type, selection, body)


def _fitted(term: Term, wanted: FeelType) -> Term | None:
    return fit(term, wanted) if term.type in (wanted, FeelType.NULL) else None


def sort(checker: Checker, node: nodes.Invocation, scope: Scope) -> Term:
    """
    `sort(list, function(x, y) x < y)`, and with `>`.

    Raises:
        FeelError: the function is another one, or the values have no order.
    """
    names = [argument.parameter for argument in node.arguments]
    has_both = names in ([None, None], ["list", "precedes"])
    ordering = _ordering(node.arguments[1].value) if has_both else None
    if ordering is None:
        raise FeelError("sort", node.span)
    values = checker.value(node.arguments[0].value, scope)
    if not isinstance(values.type, ListOf):
        values = checker.listing([node.arguments[0].value], [values])
    # A list that holds lists or contexts has no one type of element.
    row = SORTS.get((values.type.element, ordering)) if isinstance(values.type, ListOf) else None
    if row is None:
        raise between_types("cannot_compare", node.span, values, values)
    return terms.Call(values.type, row, (values,))


def _ordering(written: nodes.Node) -> str | None:
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


def refuse_without_order(function: Function, arguments: Sequence[Term], node: nodes.Node) -> None:
    """
    Refuse a position in records that a department delivered.

    Raises:
        FeelError: the function looks at the order of a list that has none.
    """
    if function.by_order and any(has_no_order(term) for term in arguments):
        raise FeelError("no_order_in_records", node.span, name=function.name)


# Functions of one list that take its values one by one too.
ANY_NUMBER = frozenset({"mode", "product"})
COMPOSED: dict[str, Composing] = {"index of": index_of, "union": union}
