"""
Bounds the digits of a rule's numbers before the rule runs.

PostgreSQL's numeric ends at 131,072 digits before the point and 16,383 behind it; one row beyond would stop the
statement over a whole city. What is worked out here is never too small; products and quotients are what grows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from policies.feel import terms
from policies.feel.functions.numbers import ROUNDINGS, SCALE_LOWEST
from policies.feel.messages.errors import FeelError
from policies.feel.passes.limits import may_be_wide, written_number
from policies.feel.syntax.nodes import Node
from policies.feel.terms import Term
from policies.feel.types.values import Days

# Digits before the point and behind it.
Width = tuple[int, int]

LIMIT: Width = (100_000, 16_000)
# Within so many doublings nothing reaches the limit, and nearly every rule has fewer.
FEW_DOUBLINGS = 6
DOUBLING = frozenset({"*", "/", "stddev"})

NOTHING: Width = (0, 0)
# What departments deliver and officers make up is shorter, and so is what a function reads from a text or a day.
FACT: Width = (100, 100)
PARAMETER: Width = (20, 10)
POWER: Width = (151, 38)
# A sum of a billion rows is longer by so many digits; a quotient is worked out with 40 decimals and rounded to 38.
MANY_ROWS, SHIFT, DECIMALS = 10, 41, 38


def refuse_too_wide(term: Term, node: Node) -> None:
    """
    Refuse a rule whose numbers may be too long for the database.

    Raises:
        FeelError: they may.
    """
    parts = [part for part in terms.walk(term) if isinstance(part, terms.Call | terms.Aggregation)]
    doublings = sum(part.function.name in DOUBLING for part in parts)
    is_rounded_wide = any(isinstance(part, terms.Call) and may_be_wide(part) for part in parts)
    if (is_rounded_wide or doublings > FEW_DOUBLINGS) and _Widths().is_too_wide(term):
        raise FeelError("number_too_wide", node.span, limit=f"{LIMIT[0]:,}", decimals=f"{LIMIT[1]:,}")


class _Widths:
    """Measures the widths of one rule's terms, each term once, however many places it stands in."""

    def __init__(self) -> None:
        self._items: dict[int, Width] = {}
        self._known: dict[int, Width] = {}

    def is_too_wide(self, term: Term) -> bool:
        """Whether a number of this rule may be longer than the limit."""
        try:
            self._width(term)
        except _TooWideError:
            return True
        return False

    def _width(self, term: Term) -> Width:
        known = self._known.get(id(term))
        if known is None:
            known = self._known[id(term)] = self._measure(term)
            if known[0] > LIMIT[0] or known[1] > LIMIT[1]:
                raise _TooWideError
        return known

    def _measure(self, term: Term) -> Width:
        if isinstance(term, terms.Constant):
            return _measure_value(term.value)
        if isinstance(term, terms.FactOf | terms.GivenFact):
            return FACT
        if isinstance(term, terms.Item):
            return self._items.get(term.scope, FACT)
        if isinstance(term, terms.Call | terms.Aggregation):
            return _measure_call(term, [self._width(part) for part in terms.children(term)])
        if isinstance(term, terms.With | terms.Selection | terms.Decision):
            return self._measure_binding(term)
        below = _widest_of(self._width(part) for part in terms.children(term))
        return _widest_of([below, PARAMETER]) if isinstance(term, terms.ParameterOn) else below

    def _measure_binding(self, term: terms.With | terms.Selection | terms.Decision) -> Width:
        """Measure the source of an item before the terms that look at the item."""
        if isinstance(term, terms.With):
            self._items[term.scope] = self._width(term.value)
            return self._width(term.body)
        if isinstance(term, terms.Selection):
            source = self._width(term.source) if isinstance(term.source, Term) else FACT
            self._items[term.scope] = source
            _widest_of(self._width(part) for part in term.conditions)
            return source
        for scope, value in zip(term.scopes, term.inputs, strict=True):
            self._items[scope] = self._width(value)
        whole, decimals = _widest_of(self._width(part) for part in (*term.conditions, *term.outputs))
        return whole + MANY_ROWS, decimals


class _TooWideError(Exception):
    """A number may be longer than the limit."""


def _measure_value(value: object) -> Width:
    number = value.seconds if isinstance(value, Days) else value
    if not isinstance(number, Decimal):
        return NOTHING
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int), "rules never hold infinities"
    return max(number.adjusted() + 1, 1), max(-exponent, 0)


def _measure_call(term: terms.Call | terms.Aggregation, given: Sequence[Width]) -> Width:
    if isinstance(term, terms.Call) and term.function in ROUNDINGS:
        return _measure_rounding(given[0], term.arguments[1])
    grown = _GROWN.get(term.function.name)
    return grown(*given) if grown else _widest_of([FACT, *given])


def _measure_rounding(number: Width, scale: Term) -> Width:
    """A negative scale lets 1 become a one with thousands of zeros."""
    written = written_number(scale)
    places = SCALE_LOWEST if written is None else max(int(written), SCALE_LOWEST)
    return max(number[0], -places) + 1, number[1]


def _widest_of(widths: Iterable[Width]) -> Width:
    whole, decimals = NOTHING
    for width in widths:
        whole, decimals = max(whole, width[0]), max(decimals, width[1])
    return whole, decimals


def _add_widths(*given: Width) -> Width:
    whole, decimals = _widest_of(given)
    return whole + MANY_ROWS, decimals


def _divide_widths(dividend: Width, divisor: Width) -> Width:
    # The nearer to zero the divisor, the longer the quotient.
    return dividend[0] + divisor[1] + SHIFT, DECIMALS


_GROWN: dict[str, Callable[..., Width]] = {
    "*": lambda one, other: (one[0] + other[0], one[1] + other[1]),
    "/": _divide_widths,
    "+": _add_widths,
    "-": _add_widths,
    "sum": _add_widths,
    "median": lambda values: (values[0] + 1, values[1] + 1),
    "mean": lambda values: (values[0] + MANY_ROWS + SHIFT, DECIMALS),
    "stddev": lambda values: (2 * (values[0] + MANY_ROWS) + SHIFT, DECIMALS),
    "**": lambda *_given: POWER,
    "exp": lambda *_given: POWER,
    "product": lambda *_given: POWER,
}
