"""Making a term fit where another type is wanted, the few ways FEEL has for that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from companies.datasets.catalogue import FactGroup
from policies.feel import terms
from policies.feel.functions import OPERATORS
from policies.feel.functions.table import Function, Parameters
from policies.feel.kinds import FeelType, ListOf, Type
from policies.feel.terms import Term

# What puts the values of a list in their order.
ORDERING = frozenset({"sort", "mode"})


def fit(term: Term, wanted: Type) -> Term | None:
    """
    The term as `wanted`, or None when it cannot be.

    A null fits everywhere; a value stands for a list of it; the only record that a filter keeps stands for itself.
    """
    return _fitted(term, wanted, is_delivered(term))


def fit_argument(term: Term, wanted: Type) -> Term | None:
    """The same for a function's argument, where a filtered list of any kind stands for its only value."""
    return _fitted(term, wanted, isinstance(term, terms.Projection))


def is_delivered(*found: Term) -> bool:
    """Whether one of these lists comes straight from a department's records: it has no order."""
    return any(
        isinstance(term, terms.Projection | terms.Chain)
        and isinstance(terms.innermost(term.selection).source, FactGroup)
        for term in found
    )


def has_no_order(term: Term) -> bool:
    """Whether the items of this list stand in the order of a department's records, that is, in none."""
    if not isinstance(term.type, ListOf):
        return False
    if isinstance(term, terms.Projection | terms.Chain):
        source = term.selection.source
        return isinstance(source, FactGroup) or has_no_order(source) or has_no_order(term.body)
    if isinstance(term, terms.Call) and term.function.name in ORDERING:
        return False
    return any(has_no_order(part) for part in terms.children(term))


def _fitted(term: Term, wanted: Type, stands_for_one: bool) -> Term | None:  # noqa: FBT001
    if term.type == wanted:
        return term
    if term.type == FeelType.NULL:
        # Whatever it is made of, a term of this type has no other value; a fact stays the fact that is unknown.
        is_fact = isinstance(term, terms.GivenFact | terms.FactOf)
        return replace(term, type=wanted) if is_fact else terms.Constant(wanted, None)
    if isinstance(term.type, ListOf) and isinstance(wanted, FeelType):
        typed = fit_list(term, wanted) if stands_for_one else None
        return typed and terms.Single(wanted, typed)
    if isinstance(wanted, ListOf):
        return _fitted_list(term, wanted)
    return None


def _fitted_list(term: Term, wanted: ListOf) -> Term | None:
    if isinstance(term.type, ListOf):
        return fit_list(term, wanted.element)
    single = fit(term, wanted.element)
    return single and terms.Listing(wanted, (single,))


def fit_list(term: Term, element: FeelType) -> Term | None:
    """A list as a list of `element`; only a list of nulls changes its type."""
    if terms.element_of(term) == element:
        return term
    if terms.element_of(term) != FeelType.NULL:
        return None
    if isinstance(term, terms.Listing):
        return terms.Listing(ListOf(element), tuple(terms.Constant(element, None) for _ in term.items))
    if isinstance(term, terms.Projection):
        return replace(term, type=ListOf(element), body=terms.Constant(element, None))
    if isinstance(term, terms.Chain):
        body = fit_list(term.body, element)
        return body and replace(term, type=ListOf(element), body=body)
    return replace(term, type=ListOf(element)) if isinstance(term, terms.GivenFact) else None


def shared_type(found: Sequence[Term]) -> FeelType | None:
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
    fitting = fit if function.name in OPERATORS else fit_argument
    fitted = [fitting(term, wanted) for term, (_, wanted) in zip(ordered, function.parameters, strict=True)]
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
