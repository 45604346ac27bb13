"""Checking the built-ins of contexts; keys are written texts, so that every entry is known when the rule is saved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from policies.feel import nodes, structures, terms
from policies.feel.errors import FeelError
from policies.feel.kinds import FeelType
from policies.feel.lists import Arguments, in_order
from policies.feel.terms import Term

if TYPE_CHECKING:
    from policies.feel.check import Checker


def get_value(checker: Checker, node: nodes.Invocation, given: Arguments) -> Term | None:
    """`get value(context, key)`; null for a key that the context does not have."""
    found = in_order(("m", "key"), given) or in_order(("context", "keys"), given)
    keys = found and _path(checker, given, found[1])
    if not found or not keys:
        return None
    value: Term = found[0]
    for key in keys:
        if not isinstance(value, terms.Context):
            return None
        value = value.value(key) or structures.nothing()
    return value


def get_entries(checker: Checker, node: nodes.Invocation, given: Arguments) -> Term | None:
    """`get entries(context)`: a list of contexts of key and value."""
    found = in_order(("m",), given)
    if found is None or not isinstance(found[0], terms.Context):
        return None
    made = [
        terms.context({"key": terms.Constant(FeelType.STRING, name), "value": value})
        for name, value in zip(found[0].names, found[0].values, strict=True)
    ]
    return checker.listing([node] * len(made), made)


def make(checker: Checker, node: nodes.Invocation, given: Arguments) -> Term | None:
    """`context(entries)`: the inverse of `get entries`."""
    found = in_order(("entries",), given)
    entries = _contexts(found[0]) if found else None
    if entries is None:
        return None
    made: dict[str, Term] = {}
    for entry in entries:
        key, value = entry.value("key"), entry.value("value")
        name = _text(checker, key) if key else None
        if name is None or value is None or name in made:
            raise FeelError("bad_entries", node.span)
        made[name] = value
    return terms.context(made)


def put(checker: Checker, node: nodes.Invocation, given: Arguments) -> Term | None:
    """`context put(context, key, value)`, or with a list of keys into contexts inside it."""
    found = in_order(("context", "key", "value"), given) or in_order(("context", "keys", "value"), given)
    keys = found and _path(checker, given, found[1])
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


def merge(checker: Checker, node: nodes.Invocation, given: Arguments) -> Term | None:
    """`context merge(contexts)`: the entries of all; of two with one name the later one stays."""
    found = in_order(("contexts",), given)
    contexts = _contexts(found[0]) if found else None
    if contexts is None:
        return None
    merged: dict[str, Term] = {}
    for context in contexts:
        merged.update(zip(context.names, context.values, strict=True))
    return terms.context(merged)


def _contexts(term: Term) -> list[terms.Context] | None:
    items = (term,) if isinstance(term, terms.Context) else structures.items_of(term)
    found = [item for item in items or () if isinstance(item, terms.Context)]
    return found if items is not None and len(found) == len(items) else None


def _path(checker: Checker, given: Arguments, term: Term) -> list[str] | None:
    """Written keys: `key` is one, `keys` a list of them."""
    names_given = {name for name, _ in given}
    items = structures.items_of(term)
    if ("key" in names_given and items is not None) or ("keys" in names_given and items is None):
        return None
    names = [_text(checker, item) for item in ((term,) if items is None else items)]
    return [name for name in names if name is not None] if None not in names else None


def _text(checker: Checker, term: Term) -> str | None:
    if term.type != FeelType.STRING or not checker.is_written(term):
        return None
    value = checker.written_value(term)
    return value if isinstance(value, str) else None


COMPOSED = {
    "get value": get_value,
    "get entries": get_entries,
    "context": make,
    "context put": put,
    "context merge": merge,
}
