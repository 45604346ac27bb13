"""Checks the built-ins of contexts; keys are written texts, so that the checker knows every entry."""

from __future__ import annotations

from collections.abc import Sequence

from policies.feel import terms
from policies.feel.checking.coercion import list_of
from policies.feel.checking.composition import Arguments, composes, order_arguments
from policies.feel.checking.constants import constant_value, is_constant
from policies.feel.checking.session import Session
from policies.feel.messages.errors import FeelError
from policies.feel.standard import structures
from policies.feel.syntax import nodes
from policies.feel.terms import Term
from policies.feel.types.types import FeelType


@composes("get value")
def compose_get_value(node: nodes.Invocation, given: Arguments, session: Session) -> Term | None:
    """`get value(context, key)`; null for a key that the context does not have."""
    found = order_arguments(("m", "key"), given) or order_arguments(("context", "keys"), given)
    keys = found and _read_keys(given, found[1])
    if not found or not keys:
        return None
    value: Term = found[0]
    for key in keys:
        if not isinstance(value, terms.Context):
            return None
        value = value.value(key) or terms.null()
    return value


@composes("get entries")
def compose_get_entries(node: nodes.Invocation, given: Arguments, session: Session) -> Term | None:
    """`get entries(context)`: a list of contexts of key and value."""
    found = order_arguments(("m",), given)
    if found is None or not isinstance(found[0], terms.Context):
        return None
    made = [
        terms.context({"key": terms.Constant(FeelType.STRING, name), "value": value})
        for name, value in zip(found[0].names, found[0].values, strict=True)
    ]
    return list_of([node] * len(made), made)


@composes("context")
def compose_context(node: nodes.Invocation, given: Arguments, session: Session) -> Term | None:
    """`context(entries)`: the inverse of `get entries`."""
    found = order_arguments(("entries",), given)
    entries = _read_contexts(found[0]) if found else None
    if entries is None:
        return None
    made: dict[str, Term] = {}
    for entry in entries:
        key, value = entry.value("key"), entry.value("value")
        name = _read_text(key) if key else None
        if name is None or value is None or name in made:
            raise FeelError("bad_entries", node.span)
        made[name] = value
    return terms.context(made)


@composes("context put")
def compose_context_put(node: nodes.Invocation, given: Arguments, session: Session) -> Term | None:
    """`context put(context, key, value)`, or with a list of keys into contexts inside it."""
    found = order_arguments(("context", "key", "value"), given) or order_arguments(("context", "keys", "value"), given)
    keys = found and _read_keys(given, found[1])
    if not found or not keys or not isinstance(found[0], terms.Context):
        return None
    return _put(found[0], keys, found[2])


def _put(context: terms.Context, keys: Sequence[str], value: Term) -> Term | None:
    entries = dict(zip(context.names, context.values, strict=True))
    if len(keys) > 1:
        inner = entries.get(keys[0])
        placed = _put(inner, keys[1:], value) if isinstance(inner, terms.Context) else None
        if placed is None:
            return None
        value = placed
    return terms.context({**entries, keys[0]: value})


@composes("context merge")
def compose_context_merge(node: nodes.Invocation, given: Arguments, session: Session) -> Term | None:
    """`context merge(contexts)`: the entries of all; of two with one name the later one stays."""
    found = order_arguments(("contexts",), given)
    contexts = _read_contexts(found[0]) if found else None
    if contexts is None:
        return None
    merged: dict[str, Term] = {}
    for context in contexts:
        merged.update(zip(context.names, context.values, strict=True))
    return terms.context(merged)


def _read_contexts(term: Term) -> list[terms.Context] | None:
    items = (term,) if isinstance(term, terms.Context) else structures.items_of(term)
    found = [item for item in items or () if isinstance(item, terms.Context)]
    return found if items is not None and len(found) == len(items) else None


def _read_keys(given: Arguments, term: Term) -> list[str] | None:
    """Written keys: `key` is one, `keys` a list of them."""
    names_given = {name for name, _ in given}
    items = structures.items_of(term)
    if ("key" in names_given and items is not None) or ("keys" in names_given and items is None):
        return None
    names = [_read_text(item) for item in ((term,) if items is None else items)]
    return [name for name in names if name is not None] if None not in names else None


def _read_text(term: Term) -> str | None:
    if term.type != FeelType.STRING or not is_constant(term):
        return None
    value = constant_value(term)
    return value if isinstance(value, str) else None
