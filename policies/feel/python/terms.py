"""Computes the value of each kind of checked term, with one small function for each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import singledispatch
from typing import Any

from companies.datasets.catalogue import Absence, FactGroup
from policies.feel import terms
from policies.feel.functions.table import COMPARE
from policies.feel.terms import Term


@dataclass(frozen=True, slots=True)
class Environment:
    """What a term may look at: the subject's facts, the stale datasets, the items of loops and filters."""

    facts: Mapping[str, Any]
    stale: frozenset[str] = frozenset()
    items: Mapping[int, Any] = field(default_factory=dict)
    as_of: dt.date | None = None

    def bind(self, scope: int, item: object) -> Environment:
        """The same, with one more item in view."""
        return Environment(self.facts, self.stale, {**self.items, scope: item}, self.as_of)


@singledispatch
def value_of(term: Term, environment: Environment) -> Any:
    """The value of a checked term."""
    raise AssertionError(f"{type(term).__name__} has no value by itself")


@value_of.register
def value_of_constant(term: terms.Constant, environment: Environment) -> Any:
    return term.value


@value_of.register
def value_of_given_fact(term: terms.GivenFact, environment: Environment) -> Any:
    value = environment.facts.get(term.fact.name)
    return [_exact(item) for item in value] if isinstance(value, list) else _exact(value)


@value_of.register
def value_of_fact(term: terms.FactOf, environment: Environment) -> Any:
    record = _record(term.record, environment)
    return None if record is None else _exact(record.get(term.fact.name))


def _record(record: terms.Record, environment: Environment) -> Mapping[str, Any] | None:
    if record.scope is not None:
        item: Mapping[str, Any] = environment.items[record.scope]
        return item
    return None if record.group.dataset in environment.stale else environment.facts.get(record.group.name)


def _exact(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    return value.date() if isinstance(value, dt.datetime) else value


@value_of.register
def value_of_item(term: terms.Item, environment: Environment) -> Any:
    return environment.items[term.scope]


@value_of.register
def value_of_with(term: terms.With, environment: Environment) -> Any:
    return value_of(term.body, environment.bind(term.scope, value_of(term.value, environment)))


@value_of.register
def value_of_call(term: terms.Call, environment: Environment) -> Any:
    arguments = [value_of(argument, environment) for argument in term.arguments]
    names = (name for name, _ in term.function.parameters)
    is_missing = any(
        value is None and name not in term.function.takes_null for name, value in zip(names, arguments, strict=True)
    )
    return None if is_missing else term.function.python(*arguments)


@value_of.register
def value_of_comparison(term: terms.Comparison, environment: Environment) -> bool | None:
    left, right = value_of(term.left, environment), value_of(term.right, environment)
    return None if left is None or right is None else bool(COMPARE[term.symbol](left, right))


@value_of.register
def value_of_null_test(term: terms.IsNull, environment: Environment) -> bool:
    return value_of(term.operand, environment) is None


@value_of.register
def value_of_when_known(term: terms.WhenKnown, environment: Environment) -> Any:
    return (
        None if any(value_of(part, environment) is None for part in term.needed) else value_of(term.body, environment)
    )


@value_of.register
def value_of_not(term: terms.Not, environment: Environment) -> bool | None:
    operand = value_of(term.operand, environment)
    return None if operand is None else not operand


@value_of.register
def value_of_junction(term: terms.Junction, environment: Environment) -> bool | None:
    parts = [value_of(part, environment) for part in term.parts]
    decisive = term.symbol == "or"
    if decisive in parts:
        return decisive
    return None if None in parts else not decisive


@value_of.register
def value_of_one_of(term: terms.OneOf, environment: Environment) -> bool | None:
    operand = value_of(term.operand, environment)
    options = [value_of(option, environment) for option in term.options]
    if operand is None:
        return None
    if operand in [option for option in options if option is not None]:
        return True
    return None if None in options else False


@value_of.register
def value_of_choice(term: terms.Choice, environment: Environment) -> Any:
    condition = value_of(term.condition, environment)
    if condition is None and term.poisons:
        return None
    return value_of(term.then if condition else term.otherwise, environment)


@value_of.register
def value_of_uniform_list(term: terms.UniformList, environment: Environment) -> list[Any]:
    return [value_of(item, environment) for item in term.items]


@value_of.register
def value_of_selection(term: terms.Selection, environment: Environment) -> list[Any] | None:
    items = _source(term.source, environment)
    if items is None:
        return None
    return [item for item in items if _is_kept(term, environment.bind(term.scope, item))]


def _is_kept(selection: terms.Selection, environment: Environment) -> bool:
    return all(value_of(condition, environment) is True for condition in selection.conditions)


def _source(source: FactGroup | Term, environment: Environment) -> Any:
    if isinstance(source, Term):
        return value_of(source, environment)
    if source.dataset in environment.stale:
        return None
    # No row at all: either nothing exists, or nobody told us.
    return environment.facts.get(source.name) or ([] if source.absence is Absence.NONE else None)


@value_of.register
def value_of_projection(term: terms.Projection, environment: Environment) -> list[Any] | None:
    items = value_of(term.selection, environment)
    if items is None:
        return None
    return [value_of(term.body, environment.bind(term.selection.scope, item)) for item in items]


@value_of.register
def value_of_aggregation(term: terms.Aggregation, environment: Environment) -> Any:
    values = value_of(term.source, environment)
    return None if values is None else term.function.python(values)


@value_of.register
def value_of_single(term: terms.Single, environment: Environment) -> Any:
    values = value_of(term.source, environment)
    return values[0] if values is not None and len(values) == 1 else None


@value_of.register
def value_of_pattern(term: terms.Pattern, environment: Environment) -> str:
    return term.python


@value_of.register
def value_of_chain(term: terms.Chain, environment: Environment) -> list[Any] | None:
    items = value_of(term.selection, environment)
    if items is None:
        return None
    lists = [value_of(term.body, environment.bind(term.selection.scope, item)) for item in items]
    return None if None in lists else [value for values in lists for value in values]


@value_of.register
def value_of_context(term: terms.Context, environment: Environment) -> dict[str, Any]:
    return {name: value_of(value, environment) for name, value in zip(term.names, term.values, strict=True)}


@value_of.register
def value_of_mixed_list(term: terms.MixedList, environment: Environment) -> list[Any]:
    return [value_of(item, environment) for item in term.items]
