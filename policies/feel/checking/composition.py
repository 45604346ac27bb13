"""Registers composers: each puts a call of one built-in together from other terms."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from policies.feel.checking.session import Session
from policies.feel.functions.registry import built_in_names
from policies.feel.syntax import nodes
from policies.feel.terms import Term

# Parameter name, if written, and value.
Arguments = list[tuple[str | None, Term]]
# A composer answers None when the arguments do not go with it.
Composer = Callable[[nodes.Invocation, Arguments, Session], Term | None]

_composers: dict[str, Composer] = {}


def composes(*names: str) -> Callable[[Composer], Composer]:
    """Register a function as the composer of built-ins."""
    unknown = set(names) - set(built_in_names())
    assert not unknown, f"no row has the name {unknown}"

    def register(composer: Composer) -> Composer:
        _composers.update(dict.fromkeys(names, composer))
        return composer

    return register


def find_composer(name: str) -> Composer | None:
    """The composer of a built-in; None when it is an ordinary call."""
    return _composers.get(name)


def order_arguments(names: Sequence[str], given: Arguments) -> list[Term] | None:
    """Arguments by position or by name as a plain list, None when they do not go with these parameters."""
    if all(name is None for name, _ in given):
        return [term for _, term in given] if len(given) == len(names) else None
    by_name = {name: term for name, term in given if name}
    return [by_name[name] for name in names] if set(by_name) == set(names) and len(by_name) == len(given) else None
