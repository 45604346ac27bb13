"""
The slow, obvious engine: one subject, plain Python.

It is the calculator behind officers' example cases, and the judge of the engine that pays.
"""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Mapping
from typing import Any

from policies.feel.passes.staleness import hide_stale
from policies.feel.python import definition_terms  # noqa: F401 – teaches this engine its terms
from policies.feel.python.terms import Environment, value_of
from policies.feel.terms import Expression, Term
from policies.feel.types.values import EXACT


def evaluate(
    expression: Expression,
    *,
    facts: Mapping[str, object],
    stale: frozenset[str] = frozenset(),
    as_of: dt.date | None = None,
) -> object:
    """
    The answer of a rule for one subject.

    `facts` maps a record group's name to a mapping of fact names, a list group's name to a list of such mappings,
    and a bare value's name to the value; what is absent is unknown. `stale` names datasets whose facts are
    unknown now. Numbers are `Decimal` or `int`, dates `datetime.date`; the answer is a Decimal, str, bool, date,
    Days, Months, list of these, or None for unknown. `as_of` is the day whose facts these are.
    """
    return compute(hide_stale(expression.node, stale), Environment(facts, stale, as_of=as_of))


def compute(term: Term, environment: Environment) -> Any:
    """The value of a whole term, to the last digit: Python's own arithmetic rounds to 28 of them."""
    with decimal.localcontext(EXACT):
        return value_of(term, environment)
