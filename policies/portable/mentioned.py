"""Which names a rule uses, before it is checked."""

from __future__ import annotations

from policies.feel import FeelError, nodes
from policies.feel.parse import parse


def mentioned_names(text: str) -> frozenset[str]:
    """The bare names and the functions of a rule; none when it is no rule yet."""
    try:
        node = parse(text)
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
