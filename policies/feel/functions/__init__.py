"""Every operator and built-in of the rule language as a row, for the checker and for both engines."""

from __future__ import annotations

from policies.feel.functions import dates, moments, numbers, texts
from policies.feel.functions.lists import AGGREGATES
from policies.feel.functions.table import Aggregate, Function
from policies.feel.kinds import FeelType

# Of the standard, but not of this language; a rule that names one is told so.
LEFT_OUT = frozenset({
    "after", "before", "coincides", "context", "context merge", "context put", "during", "finished by", "finishes",
    "function", "get entries", "get value", "includes", "matches", "meets", "met by", "now", "overlaps",
    "overlaps after", "overlaps before", "partial", "range", "replace", "sort", "split", "started by", "starts",
    "today",
})  # fmt: skip
OPERATORS = frozenset({"+", "-", "*", "/", "**"})

# What stands after the dot of a date, time or duration.
PARTS: dict[FeelType, list[Function]] = {**dates.PARTS, **moments.PARTS}

_rows: dict[str, list[Function]] = {}
for _function in (*numbers.FUNCTIONS, *texts.FUNCTIONS, *dates.FUNCTIONS, *moments.FUNCTIONS):
    _rows.setdefault(_function.name, []).append(_function)


def operator(symbol: str) -> list[Function]:
    """The overloads of an operator."""
    return _rows[symbol]


def find(name: str) -> list[Function] | Aggregate | None:
    """The built-in with this name: its overloads, or a function of whole lists, or None."""
    if name in OPERATORS:
        return None
    return AGGREGATES.get(name) or _rows.get(name)


def names() -> list[str]:
    """All built-ins that can be called by name."""
    return sorted({*AGGREGATES, *_rows, "not"} - OPERATORS)
