"""Coerces a term to the type that its place wants, in the few ways that FEEL knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from companies.datasets.catalogue import FactGroup
from policies.feel import terms
from policies.feel.functions.registry import OPERATORS
from policies.feel.functions.table import Function, Parameters
from policies.feel.messages.errors import FeelError, Span
from policies.feel.syntax.nodes import Node
from policies.feel.terms import Term
from policies.feel.types.types import FeelType, ListOf, Type, words

# What puts the values of a list in their order.
ORDERING = frozenset({"sort", "mode"})


def fit(term: Term, wanted: Type) -> Term | None:
    """
    Coerce a term to the type `wanted`; None when it does not fit.

    A null fits everywhere; a value stands for a list of it; the only record that a filter keeps stands for itself.
    """
    return _fit(term, wanted, is_delivered(term))


def fit_argument(term: Term, wanted: Type) -> Term | None:
    """Coerce an argument of a function, where a filtered list of any kind stands for its only value."""
    return _fit(term, wanted, isinstance(term, terms.Projection))


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


def _fit(term: Term, wanted: Type, stands_for_one: bool) -> Term | None:  # noqa: FBT001
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
        return _fit_to_list(term, wanted)
    return None


def _fit_to_list(term: Term, wanted: ListOf) -> Term | None:
    if isinstance(term.type, ListOf):
        return fit_list(term, wanted.element)
    single = fit(term, wanted.element)
    return single and terms.UniformList(wanted, (single,))


def fit_list(term: Term, element: FeelType) -> Term | None:
    """A list as a list of `element`; only a list of nulls changes its type."""
    if terms.element_of(term) == element:
        return term
    if terms.element_of(term) != FeelType.NULL:
        return None
    if isinstance(term, terms.UniformList):
        return terms.UniformList(ListOf(element), tuple(terms.Constant(element, None) for _ in term.items))
    if isinstance(term, terms.Projection):
        return replace(term, type=ListOf(element), body=terms.Constant(element, None))
    if isinstance(term, terms.Chain):
        body = fit_list(term.body, element)
        return body and replace(term, type=ListOf(element), body=body)
    return replace(term, type=ListOf(element)) if isinstance(term, terms.GivenFact) else None


def unify_types(found: Sequence[Term]) -> FeelType | None:
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
    ordered = _order_by_parameters(function.parameters, given)
    if ordered is None:
        return None
    fitting = fit if function.name in OPERATORS else fit_argument
    fitted = [fitting(term, wanted) for term, (_, wanted) in zip(ordered, function.parameters, strict=True)]
    return tuple(term for term in fitted if term) if all(fitted) else None


def _order_by_parameters(parameters: Parameters, given: Sequence[tuple[str | None, Term]]) -> list[Term] | None:
    if len(given) != len(parameters):
        return None
    if all(name is None for name, _ in given):
        return [term for _, term in given]
    by_name = dict(given)
    if set(by_name) != {name for name, _ in parameters}:
        return None
    return [by_name[name] for name, _ in parameters]


def choose_overload(choices: Sequence[Function], given: Sequence[tuple[str | None, Term]]) -> terms.Call | None:
    """The call of the first overload that takes these arguments; None when there is none."""
    for function in choices:
        arguments = fit_arguments(function, given)
        if arguments is not None:
            return terms.Call(function.result, function, arguments)
    return None


def refuse_without_order(call: terms.Call, node: Node) -> None:
    """
    Refuse a position in records that a department delivered.

    Raises:
        FeelError: the function looks at the order of a list that has none.
    """
    if call.function.by_order and any(has_no_order(term) for term in call.arguments):
        raise FeelError("no_order_in_records", node.span, name=call.function.name)


def list_of(written: Sequence[Node], items: Sequence[Term]) -> Term:
    """
    A list of values that are all of one type, or a list that holds structures.

    Raises:
        FeelError: two values are of different types.
    """
    if any(_is_nested(item) for item in items):
        return terms.mixed_list(items)
    element = unify_types(items)
    if element is None:
        place = next(place for place in range(len(items)) if unify_types(items[: place + 1]) is None)
        raise type_mismatch("mixed_list", written[place].span, items[0], items[place])
    fitted = tuple(term for item in items if (term := fit(item, element)))
    assert len(fitted) == len(items)
    return terms.UniformList(ListOf(element), fitted)


def _is_nested(item: Term) -> bool:
    return terms.is_structure(item) or (isinstance(item.type, ListOf) and fit(item, item.type.element) is None)


def type_mismatch(code: str, span: Span, left: Term, right: Term, **params: object) -> FeelError:
    """The refusal that names the types of two terms."""
    (english, chinese), (other, other_zh) = words(left.type), words(right.type)
    return FeelError(code, span, left=english, left_zh=chinese, right=other, right_zh=other_zh, **params)
