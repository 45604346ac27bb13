"""Calls that both engines could only answer with null although the standard has an answer: refused when written."""

from __future__ import annotations

from decimal import Decimal

from policies.feel import terms
from policies.feel.errors import FeelError
from policies.feel.functions.dates import YEARS
from policies.feel.functions.numbers import POWER_LIMIT
from policies.feel.nodes import Node
from policies.feel.terms import Term


def within(term: Term, node: Node) -> Term:
    """
    The call itself, when its written arguments are within what the engines can do.

    Raises:
        FeelError: an exponent that is not whole or too large, or a year that no date has here.
    """
    if not isinstance(term, terms.Call):
        return term
    written = written_number(term.arguments[-1 if term.function.name == "**" else 0])
    if written is None:
        return term
    if term.function.name == "**" and (written % 1 or abs(written) > POWER_LIMIT):
        raise FeelError("exponent", node.span, limit=f"{POWER_LIMIT:,}")
    if term.function.name == "date" and int(written) not in YEARS:
        raise FeelError("year", node.span, first=YEARS[0], last=YEARS[-1])
    return term


def written_number(term: Term) -> Decimal | None:
    """The number that is written here, with its sign; None for anything else."""
    if isinstance(term, terms.Call) and term.function.name == "-" and len(term.arguments) == 1:
        negated = written_number(term.arguments[0])
        return None if negated is None else -negated
    if isinstance(term, terms.Constant) and isinstance(term.value, Decimal):
        return term.value
    return None
