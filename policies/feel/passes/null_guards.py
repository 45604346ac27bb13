"""
Guards an `if` whose condition looks at a department's records through a loop, a table or a filter (ADR 3).

While such a condition is checked it knows only that it looks at an item; where the items come from is seen when the
rule is whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from companies.datasets.catalogue import FactGroup
from policies.feel import terms
from policies.feel.terms import Term

# Their null means that no department has said anything, not that somebody wrote null by hand.
_DELIVERED = (terms.FactOf, terms.AsOf, terms.ParameterOn, terms.Decision)


def guard_choices(term: Term) -> Term:
    """Make every `if` null whose condition is null and looks at records, directly or through items of other terms."""
    if all(part.poisons for part in terms.walk(term) if isinstance(part, terms.Choice)):
        return term
    scopes = find_scopes(term, _is_delivered)
    return _rewrite(term, scopes) if scopes else term


def find_scopes(term: Term, is_source: Callable[[Term], bool]) -> set[int]:
    """Find the scopes whose items come from parts that are a source, directly or through other such scopes."""
    scopes: set[int] = set()
    # The walk visits an outer scope before the inner scopes that look at its items.
    for part in terms.walk(term):
        for scope, value in _bindings_of(part):
            if any(is_source(each) or is_item_of(each, scopes) for each in terms.walk(value)):
                scopes.add(scope)
    return scopes


def is_item_of(part: Term, scopes: set[int]) -> bool:
    """Whether a term is the item of one of the scopes."""
    return isinstance(part, terms.Item) and part.scope in scopes


def _bindings_of(part: Term) -> Iterator[tuple[int, Term]]:
    """The scopes that a term opens, each with the term that its items come from."""
    if isinstance(part, terms.With):
        yield part.scope, part.value
    elif isinstance(part, terms.Selection) and isinstance(part.source, Term):
        yield part.scope, part.source
    elif isinstance(part, terms.Decision):
        yield from zip(part.scopes, part.inputs, strict=True)


def _is_delivered(part: Term) -> bool:
    return isinstance(part, _DELIVERED) or (isinstance(part, terms.Selection) and isinstance(part.source, FactGroup))


def _rewrite(term: Term, scopes: set[int]) -> Term:
    changed: dict[str, Any] = {name: _rewrite_each(getattr(term, name), scopes) for name in terms.fields_of(type(term))}
    if isinstance(term, terms.Choice) and any(is_item_of(part, scopes) for part in terms.walk(term.condition)):
        changed["poisons"] = True
    return replace(term, **changed) if changed else term


def _rewrite_each(value: object, scopes: set[int]) -> object:
    if isinstance(value, tuple):
        return tuple(_rewrite_each(item, scopes) for item in value)
    return _rewrite(value, scopes) if isinstance(value, Term) else value
