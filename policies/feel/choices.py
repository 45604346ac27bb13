"""
An `if` whose condition looks at a department's records through the value of a loop, a table or a filter, see ADR 3.

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

# What is unknown because nobody told us, rather than because null was given by hand.
_TOLD = (terms.FactOf, terms.AsOf, terms.ParameterOn, terms.Decision)


def poisoned(term: Term) -> Term:
    """The rule, with every `if` null whose condition is null and looks at records, at however many removes."""
    if all(part.poisons for part in terms.walk(term) if isinstance(part, terms.Choice)):
        return term
    scopes = scopes_of(term, _is_told)
    return _rewritten(term, scopes) if scopes else term


def scopes_of(term: Term, is_meant: Callable[[Term], bool]) -> set[int]:
    """The scopes whose items are worked out from parts that are meant, directly or by way of other such scopes."""
    scopes: set[int] = set()
    # The outer ones come first, so what an inner one looks at is known by then.
    for part in terms.walk(term):
        for scope, value in _bound(part):
            if any(is_meant(each) or looks_through(each, scopes) for each in terms.walk(value)):
                scopes.add(scope)
    return scopes


def looks_through(part: Term, scopes: set[int]) -> bool:
    """Whether this is the item of one of the scopes."""
    return isinstance(part, terms.Item) and part.scope in scopes


def _bound(part: Term) -> Iterator[tuple[int, Term]]:
    """The scopes that a term opens, with what their items come from."""
    if isinstance(part, terms.With):
        yield part.scope, part.value
    elif isinstance(part, terms.Selection) and isinstance(part.source, Term):
        yield part.scope, part.source
    elif isinstance(part, terms.Decision):
        yield from zip(part.scopes, part.inputs, strict=True)


def _is_told(part: Term) -> bool:
    return isinstance(part, _TOLD) or (isinstance(part, terms.Selection) and isinstance(part.source, FactGroup))


def _rewritten(term: Term, scopes: set[int]) -> Term:
    changed: dict[str, Any] = {
        name: _each_rewritten(getattr(term, name), scopes) for name in terms.places_of(type(term))
    }
    if isinstance(term, terms.Choice) and any(looks_through(part, scopes) for part in terms.walk(term.condition)):
        changed["poisons"] = True
    return replace(term, **changed) if changed else term


def _each_rewritten(value: object, scopes: set[int]) -> object:
    if isinstance(value, tuple):
        return tuple(_each_rewritten(item, scopes) for item in value)
    return _rewritten(value, scopes) if isinstance(value, Term) else value
