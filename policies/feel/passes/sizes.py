"""Measures a checked term with everything that it names written out."""

from __future__ import annotations

from typing import NamedTuple

from policies.feel import terms
from policies.feel.terms import Term

LIMIT_PARTS = 5_000
LIMIT_LEVELS = 100


class Size(NamedTuple):
    """How many parts a term has when written out, and how deep they are nested; `term` keeps its id from reuse."""

    term: Term
    parts: int
    levels: int


def measure(term: Term, known: dict[int, Size]) -> Size:
    """The size of a term, noted in `known`; what stands in several places counts each time."""
    if id(term) not in known:
        sizes = [measure(child, known) for child in terms.children(term)]
        parts = min(1 + sum(child.parts for child in sizes), LIMIT_PARTS + 1)
        known[id(term)] = Size(term, parts, 1 + max((child.levels for child in sizes), default=0))
    return known[id(term)]
