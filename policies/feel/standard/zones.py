"""
Settles named time zones while a rule is checked, because only Python knows their rules.

SQL never asks what a named zone's clock shows: PostgreSQL's list of zones may be older or newer than Python's, and a
name that it does not know would stop a whole city.
"""

from __future__ import annotations

from collections.abc import Sequence

from policies.feel import terms
from policies.feel.messages.errors import FeelError
from policies.feel.syntax.nodes import Node
from policies.feel.terms import Term
from policies.feel.types.types import MOMENTS, FeelType, type_of
from policies.feel.types.values import DateTime, Time


def settle_zone(term: Term) -> Term:
    """A call with a named zone in its written arguments as the moment that it gives."""
    if not _moves_a_moment(term) or not any(names_a_zone(part) for part in terms.children(term)):
        return term
    assert isinstance(term, terms.Call)
    arguments = [argument.value for argument in term.arguments if isinstance(argument, terms.Constant)]
    if len(arguments) < len(term.arguments) or None in arguments:
        return term
    value = term.function.python(*arguments)
    return terms.Constant(type_of(value), value) if value is not None else terms.Constant(term.type, None)


def refuse_unsettled(parts: Sequence[Term], node: Node) -> None:
    """
    Refuse a rule of these terms that would need a zone's rules for a value that is not written in it.

    Raises:
        FeelError: the rule names a zone, and moves or builds a moment that is not written.
    """
    if any(names_a_zone(part) for part in parts) and any(_moves_a_moment(part) for part in parts):
        raise FeelError("named_zone", node.span)


def names_a_zone(term: Term) -> bool:
    """Whether a term is a written moment in a named zone."""
    return isinstance(term, terms.Constant) and isinstance(term.value, DateTime | Time) and term.value.zone is not None


def _moves_a_moment(term: Term) -> bool:
    """Whether a call makes a moment from another, so that a named zone's offset may change."""
    if not isinstance(term, terms.Call) or term.type not in MOMENTS:
        return False
    is_clock_kept = term.type == FeelType.TIME and term.function.name in ("+", "-")
    return not is_clock_kept and any(argument.type in MOMENTS for argument in term.arguments)
