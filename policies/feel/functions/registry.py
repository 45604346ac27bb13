"""Finds the row of an operator or a built-in by its name."""

from __future__ import annotations

from policies.feel.functions import conversions, dates, numbers, sequences, texts
from policies.feel.functions.composed import COMPOSED
from policies.feel.functions.lists import AGGREGATES
from policies.feel.functions.table import Aggregate, Composed, Function
from policies.feel.standard import moment_functions
from policies.feel.types.types import FeelType

# Functions of the standard that this language leaves out, with a refusal of their own. A rule has no clock.
LEFT_OUT = frozenset({"now", "today"})
# Rows that are written in a way of their own.
UNNAMED = frozenset({"item at"})
OPERATORS = frozenset({"+", "-", "*", "/", "**"})

# The parts after the dot of a date, a time or a duration.
PARTS: dict[FeelType, list[Function]] = {**dates.PARTS, **moment_functions.PARTS}

_rows: dict[str, list[Function]] = {}
for _function in (
    *numbers.FUNCTIONS,
    *texts.FUNCTIONS,
    *dates.FUNCTIONS,
    *moment_functions.FUNCTIONS,
    *sequences.FUNCTIONS,
    *conversions.FUNCTIONS,
):
    _rows.setdefault(_function.name, []).append(_function)


def operator_overloads(symbol: str) -> list[Function]:
    """The overloads of an operator."""
    return _rows[symbol]


def find_built_in(name: str) -> list[Function] | Aggregate | Composed | None:
    """The built-in with this name: its overloads, a function of whole lists, one put together of others, or None."""
    if name in OPERATORS | UNNAMED:
        return None
    return AGGREGATES.get(name) or _rows.get(name) or COMPOSED.get(name)


def built_in_names() -> list[str]:
    """All built-ins that can be called by name."""
    return sorted({*AGGREGATES, *_rows, *COMPOSED} - OPERATORS - UNNAMED)


def overloads_of(name: str) -> list[Function]:
    """The overloads of a built-in that is known to have some."""
    return _rows[name]
