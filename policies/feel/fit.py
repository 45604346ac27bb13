"""Making a term fit where another type is wanted, the few ways FEEL has for that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from policies.feel import terms
from policies.feel.functions.table import Function, Parameters
from policies.feel.kinds import FeelType, ListOf, Type
from policies.feel.terms import Term


def fit(term: Term, wanted: Type) -> Term | None:
    """
    The term as `wanted`, or None when it cannot be.

    A null fits everywhere; a list of one value stands for the value; a value stands for a list of it.
    """
    if term.type == wanted:
        return term
    if term.type == FeelType.NULL and isinstance(wanted, FeelType):
        return replace(term, type=wanted) if isinstance(term, terms.Constant | terms.GivenFact) else None
    if isinstance(term.type, ListOf) and isinstance(wanted, FeelType):
        typed = fit_list(term, wanted)
        return typed and terms.Single(wanted, typed)
    if isinstance(wanted, ListOf):
        if isinstance(term.type, ListOf):
            return fit_list(term, wanted.element)
        single = fit(term, wanted.element)
        return single and terms.Listing(wanted, (single,))
    return None


def fit_list(term: Term, element: FeelType) -> Term | None:
    """A list as a list of `element`; only a list of nulls changes its type."""
    if terms.element_of(term) == element:
        return term
    if terms.element_of(term) != FeelType.NULL:
        return None
    if isinstance(term, terms.Listing):
        return terms.Listing(ListOf(element), tuple(replace(item, type=element) for item in term.items))
    return replace(term, type=ListOf(element)) if isinstance(term, terms.GivenFact) else None


def common_type(found: Sequence[Term]) -> FeelType | None:
    """The one type of several single values, nulls aside; None when they differ."""
    kinds = {_single_type(term) for term in found} - {FeelType.NULL}
    if len(kinds) > 1 or None in kinds:
        return None
    return kinds.pop() if kinds else FeelType.NULL


def _single_type(term: Term) -> FeelType | None:
    if isinstance(term.type, ListOf):
        return term.type.element
    return term.type if isinstance(term.type, FeelType) else None


def fit_arguments(function: Function, given: Sequence[tuple[str | None, Term]]) -> tuple[Term, ...] | None:
    """The arguments in the function's order and types, or None when this overload does not take them."""
    ordered = _in_order(function.parameters, given)
    if ordered is None:
        return None
    fitted = [fit(term, wanted) for term, (_, wanted) in zip(ordered, function.parameters, strict=True)]
    return tuple(term for term in fitted if term) if all(fitted) else None


def _in_order(parameters: Parameters, given: Sequence[tuple[str | None, Term]]) -> list[Term] | None:
    if len(given) != len(parameters):
        return None
    if all(name is None for name, _ in given):
        return [term for _, term in given]
    by_name = dict(given)
    if set(by_name) != {name for name, _ in parameters}:
        return None
    return [by_name[name] for name, _ in parameters]
