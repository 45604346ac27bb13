"""Every operator and built-in of the rule language as a row, for the checker and for both engines."""

from __future__ import annotations

from policies.feel.functions import conversions, dates, numbers, sequences, texts
from policies.feel.functions.lists import AGGREGATES
from policies.feel.functions.table import Aggregate, Composed, Function
from policies.feel.standard import moment_functions
from policies.feel.types.types import FeelType

# Of the standard, but not of this language; a rule that names one is told so. A rule has no clock.
LEFT_OUT = frozenset({"now", "today"})
# Put together from others when a rule is checked, and how they are written.
COMPOSED: dict[str, str] = {
    "after": "after(point or range, point or range)",
    "append": "append(list, item, …)",
    "before": "before(point or range, point or range)",
    "coincides": "coincides(point1, point2); coincides(range1, range2)",
    "context": "context(entries: list of contexts with key and value)",
    "context merge": "context merge(contexts: list of contexts)",
    "context put": "context put(context, key: string or list of strings, value)",
    "duration": 'duration(from: string), a written one like "P1Y": its text decides whether it counts months or days',
    "during": "during(point or range, range)",
    "finished by": "finished by(range, point or range)",
    "finishes": "finishes(point or range, range)",
    "get entries": "get entries(m: context)",
    "get value": "get value(m: context, key: string)",
    "includes": "includes(range, point or range)",
    "is": "is(value1, value2)",
    "list contains": "list contains(list, element)",
    "matches": "matches(input: string, pattern: a written text, flags: a written text)",
    "meets": "meets(range1, range2)",
    "met by": "met by(range1, range2)",
    "not": "not(negand: boolean)",
    "overlaps": "overlaps(range1, range2)",
    "overlaps after": "overlaps after(range1, range2)",
    "overlaps before": "overlaps before(range1, range2)",
    "range": "range(from: string)",
    "replace": "replace(input: string, pattern: a written text, replacement: a written text, flags: a written text)",
    "sort": "sort(list, function(x, y) x < y)",
    "split": "split(string, delimiter: a written text)",
    "started by": "started by(range, point or range)",
    "starts": "starts(point or range, range)",
    "union": "union(list, …)",
}
# Rows that are written in a way of their own.
UNNAMED = frozenset({"item at"})
OPERATORS = frozenset({"+", "-", "*", "/", "**"})

# What stands after the dot of a date, time or duration.
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
    composed = Composed(name, COMPOSED[name]) if name in COMPOSED else None
    return AGGREGATES.get(name) or _rows.get(name) or composed


def built_in_names() -> list[str]:
    """All built-ins that can be called by name."""
    return sorted({*AGGREGATES, *_rows, *COMPOSED} - OPERATORS - UNNAMED)


def overloads_of(name: str) -> list[Function]:
    """The overloads of a built-in that is known to have some."""
    return _rows[name]
