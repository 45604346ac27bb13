"""Finds the names that a rule uses, before the rule is checked."""

from __future__ import annotations

from collections.abc import Callable

from policies.feel.messages.errors import FeelError
from policies.feel.syntax import nodes
from policies.feel.syntax.parse import parse, parse_cell


def mentioned_names(text: str) -> frozenset[str]:
    """The bare names and the functions of a rule; none if the text does not parse."""
    return _names_in(parse, text)


def mentioned_in_cell(text: str) -> frozenset[str]:
    """The bare names and the functions in a cell of a decision table; none if the text does not parse."""
    return _names_in(parse_cell, text)


def _names_in(read: Callable[[str], nodes.Node], text: str) -> frozenset[str]:
    try:
        node = read(text)
    except FeelError:
        return frozenset()
    found, waiting = set(), [node]
    while waiting:
        current = waiting.pop()
        if isinstance(current, nodes.Name):
            found.add(current.text)
        elif isinstance(current, nodes.Invocation):
            found.add(current.function.text)
        waiting.extend(nodes.children(current))
    return frozenset(found)
