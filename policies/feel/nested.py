"""Checking list functions of written lists that hold lists, contexts or ranges: done on the items, one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from policies.feel import lists, nodes, structures, terms
from policies.feel.compare import compared
from policies.feel.functions.sequences import place
from policies.feel.functions.table import Aggregate
from policies.feel.kinds import FeelType
from policies.feel.limits import written_number
from policies.feel.lists import Arguments, in_order
from policies.feel.structures import flattened, items_of
from policies.feel.terms import Term

if TYPE_CHECKING:
    from policies.feel.check import Checker

Items = Sequence[Term]


def counted(function: Aggregate, values: Items) -> Term | None:
    """`count` of a list of structures; no other aggregate takes one."""
    items = items_of(values[0]) if len(values) == 1 and function.name == "count" else None
    return None if items is None else terms.Constant(FeelType.NUMBER, Decimal(len(items)))


def _is_nested(given: Arguments) -> bool:
    return any(terms.is_structure(term) for _, term in given)


def _listed(checker: Checker, node: nodes.Node, items: Items) -> Term:
    return checker.listing([node] * len(items), items)


def _items(term: Term) -> list[Term] | None:
    """The items of a list, or a single value as the only one."""
    if isinstance(term, terms.Context | terms.Interval):
        return [term]
    items = items_of(term)
    return None if items is None else list(items)


def concatenate(checker: Checker, node: nodes.Invocation, given: Arguments) -> Term | None:
    """`concatenate(list, …)`: of any number of lists."""
    if not _is_nested(given):
        return lists.concatenated([term for _, term in given]) if given else None
    parts = [items_of(term) for _, term in given]
    return None if None in parts else _listed(checker, node, [item for part in parts for item in part or ()])


def append(checker: Checker, node: nodes.Invocation, given: Arguments) -> Term | None:
    """`append(list, item, …)`; an item may be a list itself."""
    values = [term for _, term in given]
    first = items_of(values[0]) if len(values) > 1 else None
    if first is None or not any(terms.is_structure(term) or items_of(term) is not None for term in values):
        return lists.append(checker, node, given)
    return _listed(checker, node, [*first, *values[1:]])


def flatten(checker: Checker, node: nodes.Invocation, given: Arguments) -> Term | None:
    """`flatten(list)` of nested lists; of a plain list it is an ordinary call."""
    found = in_order(("list",), given)
    if found is None or not isinstance(found[0], terms.Assorted):
        return None
    return _listed(checker, node, flattened(found[0]))


def reverse(checker: Checker, node: nodes.Invocation, given: Arguments) -> Term | None:
    """`reverse(list)`."""
    found = in_order(("list",), given)
    items = items_of(found[0]) if found and _is_nested(given) else None
    return None if items is None else _listed(checker, node, items[::-1])


def contains(checker: Checker, node: nodes.Invocation, given: Arguments) -> Term | None:
    """`list contains(list, element)` where either is a structure."""
    found = in_order(("list", "element"), given)
    if found is None or not _is_nested(given):
        return lists.contains(checker, node, given)
    items = _items(found[0])
    if items is None:
        return None
    return structures.any_of([compared(node.span, "=", item, found[1]) for item in items])


def _at_place(change: Callable[[list[Term], int, list[Term]], list[Term]], names: tuple[str, ...]) -> lists.Composing:
    def changed(checker: Checker, node: nodes.Invocation, given: Arguments) -> Term | None:
        found = in_order(names, given)
        items = _items(found[0]) if found and _is_nested(given) else None
        position = written_number(found[1]) if found else None
        index = place(items, position) if items is not None and position is not None else None
        if items is None or index is None or not found:
            return None
        return _listed(checker, node, change(items, index, found[2:]))

    return changed


_replace = _at_place(
    lambda items, index, new: [*items[:index], *new, *items[index + 1 :]], ("list", "position", "newItem")
)


def replace(checker: Checker, node: nodes.Invocation, given: Arguments) -> Term | None:
    """`list replace` at a position, or by a function of the item and the new item."""
    return lists.replace(checker, node, given) or _replace(checker, node, given)


COMPOSED: dict[str, lists.Composing] = {
    "concatenate": concatenate,
    "append": append,
    "flatten": flatten,
    "reverse": reverse,
    "list contains": contains,
    "remove": _at_place(lambda items, index, _: [*items[:index], *items[index + 1 :]], ("list", "position")),
    "insert before": _at_place(
        lambda items, index, new: [*items[:index], *new, *items[index:]], ("list", "position", "newItem")
    ),
    "list replace": replace,
}
