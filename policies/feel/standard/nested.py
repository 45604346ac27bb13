"""Checks list functions of written lists that hold lists, contexts or ranges, item by item."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from policies.feel import terms
from policies.feel.checking import lists
from policies.feel.checking.coercion import list_of
from policies.feel.checking.compare import compare_values
from policies.feel.checking.composition import Arguments, Composer, composes, order_arguments
from policies.feel.checking.lists import concatenate_lists
from policies.feel.checking.session import Session
from policies.feel.functions.sequences import index_of_position
from policies.feel.passes.limits import written_number
from policies.feel.standard.structures import flatten_items, items_of
from policies.feel.syntax import nodes
from policies.feel.terms import Term
from policies.feel.types.types import ListOf

Items = Sequence[Term]


def _is_nested(given: Arguments) -> bool:
    return any(terms.is_structure(term) for _, term in given)


def _build_list(node: nodes.Node, items: Items) -> Term:
    return list_of([node] * len(items), items)


def _items_or_single(term: Term) -> list[Term] | None:
    """The items of a list, or a single value as the only one."""
    if isinstance(term, terms.Context | terms.Interval):
        return [term]
    items = items_of(term)
    return None if items is None else list(items)


@composes("concatenate")
def compose_concatenate(node: nodes.Invocation, given: Arguments, session: Session) -> Term | None:
    """`concatenate(list, …)`: of any number of lists."""
    if not _is_nested(given):
        return concatenate_lists([term for _, term in given]) if given else None
    parts = [items_of(term) for _, term in given]
    return None if None in parts else _build_list(node, [item for part in parts for item in part or ()])


@composes("append")
def compose_append(node: nodes.Invocation, given: Arguments, session: Session) -> Term | None:
    """`append(list, item, …)`; an item may be a list itself."""
    values = [term for _, term in given]
    first = items_of(values[0]) if len(values) > 1 else None
    if first is None or not any(terms.is_structure(term) or items_of(term) is not None for term in values):
        return lists.compose_append(node, given, session)
    return _build_list(node, [*first, *values[1:]])


@composes("flatten")
def compose_flatten(node: nodes.Invocation, given: Arguments, session: Session) -> Term | None:
    """`flatten(list)` of nested lists; of a plain list it is an ordinary call."""
    found = order_arguments(("list",), given)
    if found is None or not isinstance(found[0], terms.MixedList):
        return None
    items = flatten_items(found[0])
    if not any(isinstance(item.type, ListOf) for item in items):
        return _build_list(node, items)
    # The length of a fact that is a list is not known yet, so the lists are put together when the rule runs.
    runs = groupby(items, key=lambda item: isinstance(item.type, ListOf))
    return concatenate_lists(
        [part for is_list, run in runs for part in (run if is_list else [_build_list(node, list(run))])]
    )


@composes("reverse")
def compose_reverse(node: nodes.Invocation, given: Arguments, session: Session) -> Term | None:
    """`reverse(list)`."""
    found = order_arguments(("list",), given)
    items = items_of(found[0]) if found and _is_nested(given) else None
    return None if items is None else _build_list(node, items[::-1])


@composes("list contains")
def compose_list_contains(node: nodes.Invocation, given: Arguments, session: Session) -> Term | None:
    """`list contains(list, element)` where either is a structure."""
    found = order_arguments(("list", "element"), given)
    if found is None or not _is_nested(given):
        return lists.compose_list_contains(node, given, session)
    items = _items_or_single(found[0])
    if items is None:
        return None
    return terms.any_of([compare_values(node.span, "=", item, found[1]) for item in items])


def _compose_change(change: Callable[[list[Term], int, list[Term]], list[Term]], names: tuple[str, ...]) -> Composer:
    def changed(node: nodes.Invocation, given: Arguments, session: Session) -> Term | None:
        found = order_arguments(names, given)
        items = _items_or_single(found[0]) if found and _is_nested(given) else None
        position = written_number(found[1]) if found else None
        index = index_of_position(items, position) if items is not None and position is not None else None
        if items is None or index is None or not found:
            return None
        return _build_list(node, change(items, index, found[2:]))

    return changed


_replace_at = _compose_change(
    lambda items, index, new: [*items[:index], *new, *items[index + 1 :]], ("list", "position", "newItem")
)
composes("remove")(_compose_change(lambda items, index, _: [*items[:index], *items[index + 1 :]], ("list", "position")))
composes("insert before")(
    _compose_change(lambda items, index, new: [*items[:index], *new, *items[index:]], ("list", "position", "newItem"))
)


@composes("list replace")
def compose_list_replace(node: nodes.Invocation, given: Arguments, session: Session) -> Term | None:
    """`list replace` at a position, or by a function of the item and the new item."""
    return lists.compose_list_replace(node, given, session) or _replace_at(node, given, session)
