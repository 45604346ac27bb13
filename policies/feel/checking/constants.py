"""Constant folding: the checker computes the value of a term that looks at no fact."""

from __future__ import annotations

from typing import Any

from policies.feel import terms
from policies.feel.python.evaluate import compute
from policies.feel.python.terms import Environment
from policies.feel.terms import Term

# Terms whose value depends on the subject, or on the day.
_VARIABLE = (terms.GivenFact, terms.Record, terms.AsOf, terms.ParameterOn, terms.FunctionValue)


def is_constant(term: Term) -> bool:
    """Whether a term's value is known already: it looks at no fact."""
    parts = list(terms.walk(term))
    is_variable = any(isinstance(part, _VARIABLE) for part in parts)
    reads = any(isinstance(part, terms.Selection) and not isinstance(part.source, Term) for part in parts)
    return not is_variable and not reads and not terms.free_scopes(term)


def constant_value(term: Term) -> Any:
    """The value of such a term."""
    return compute(term, Environment({}))
