"""Refuses calls that both engines would answer with null although the standard has an answer."""

from __future__ import annotations

from decimal import Decimal

from policies.feel import terms
from policies.feel.functions.dates import YEARS
from policies.feel.functions.numbers import POWER_LIMIT, ROUNDINGS
from policies.feel.messages.errors import FeelError
from policies.feel.standard import zones
from policies.feel.syntax.nodes import Node
from policies.feel.terms import Term

LIMIT_WIDE_ROUNDINGS = 10
SAFE_SCALE = -100


def check_limits(term: Term, node: Node) -> Term:
    """
    The call itself, when its written arguments are within what the engines can do.

    Raises:
        FeelError: an exponent that is too large, or a year that no date has here.
    """
    term = zones.settle_zone(term)
    if not isinstance(term, terms.Call):
        return term
    written = written_number(term.arguments[-1 if term.function.name == "**" else 0])
    if written is None:
        return term
    if term.function.name == "**" and abs(written) > POWER_LIMIT:
        raise FeelError("exponent", node.span, limit=f"{POWER_LIMIT:,}")
    if term.function.name == "date" and int(written) not in YEARS:
        raise FeelError("year", node.span, first=YEARS[0], last=YEARS[-1])
    return term


def check_whole_rule(term: Term, node: Node) -> Term:
    """
    The rule itself, when no product in it can pass PostgreSQL's largest number.

    Raises:
        FeelError: too many roundings whose scale may make a number thousands of digits long, or a named time zone
            whose rules would be needed for values that are not written.
    """
    parts = list(terms.walk(term))
    zones.refuse_unsettled(parts, node)
    wide = [part for part in parts if isinstance(part, terms.Call) and may_be_wide(part)]
    if len(wide) > LIMIT_WIDE_ROUNDINGS:
        raise FeelError("wide_roundings", node.span, limit=LIMIT_WIDE_ROUNDINGS)
    return term


def may_be_wide(call: terms.Call) -> bool:
    """Whether a rounding may make a number thousands of digits long."""
    scale = written_number(call.arguments[-1]) if call.function in ROUNDINGS else Decimal(0)
    return scale is None or scale < SAFE_SCALE


def written_number(term: Term) -> Decimal | None:
    """The number that is written here, with its sign; None for anything else."""
    if isinstance(term, terms.Call) and term.function.name == "-" and len(term.arguments) == 1:
        negated = written_number(term.arguments[0])
        return None if negated is None else -negated
    if isinstance(term, terms.Constant) and isinstance(term.value, Decimal):
        return term.value
    return None
