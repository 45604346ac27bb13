"""
The slow, obvious engine: one subject, plain Python.

It is the calculator behind officers' example cases, and the judge of the engine that pays.
"""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import singledispatch
from typing import TYPE_CHECKING, Any

from companies.datasets.catalogue import Absence, FactGroup
from policies.feel import terms
from policies.feel.functions.table import COMPARE
from policies.feel.staleness import only_told
from policies.feel.terms import Term
from policies.feel.values import EXACT

if TYPE_CHECKING:
    from policies.feel.check import Expression


@dataclass(frozen=True, slots=True)
class Known:
    """What is known while a term is worked out: the subject's facts, the stale datasets, the items being looked at."""

    facts: Mapping[str, Any]
    stale: frozenset[str] = frozenset()
    items: Mapping[int, Any] = field(default_factory=dict)
    as_of: dt.date | None = None

    def looking_at(self, scope: int, item: object) -> Known:
        """The same, with one more item in view."""
        return Known(self.facts, self.stale, {**self.items, scope: item}, self.as_of)


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
    return worked_out(only_told(expression.node, stale), Known(facts, stale, as_of=as_of))


def worked_out(term: Term, known: Known) -> Any:
    """The value of a whole term, to the last digit: Python's own arithmetic rounds to 28 of them."""
    with decimal.localcontext(EXACT):
        return value_of(term, known)


@singledispatch
def value_of(term: Term, known: Known) -> Any:
    """The value of a checked term."""
    raise AssertionError(f"{type(term).__name__} has no value by itself")


@value_of.register
def _(term: terms.Constant, known: Known) -> Any:
    return term.value


@value_of.register
def _(term: terms.GivenFact, known: Known) -> Any:
    value = known.facts.get(term.fact.name)
    return [_exact(item) for item in value] if isinstance(value, list) else _exact(value)


@value_of.register
def _(term: terms.FactOf, known: Known) -> Any:
    record = _record(term.record, known)
    return None if record is None else _exact(record.get(term.fact.name))


def _record(record: terms.Record, known: Known) -> Mapping[str, Any] | None:
    if record.scope is not None:
        item: Mapping[str, Any] = known.items[record.scope]
        return item
    return None if record.group.dataset in known.stale else known.facts.get(record.group.name)


def _exact(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    return value.date() if isinstance(value, dt.datetime) else value


@value_of.register
def _(term: terms.Item, known: Known) -> Any:
    return known.items[term.scope]


@value_of.register
def _(term: terms.With, known: Known) -> Any:
    return value_of(term.body, known.looking_at(term.scope, value_of(term.value, known)))


@value_of.register
def _(term: terms.Call, known: Known) -> Any:
    arguments = [value_of(argument, known) for argument in term.arguments]
    names = (name for name, _ in term.function.parameters)
    is_missing = any(
        value is None and name not in term.function.takes_null for name, value in zip(names, arguments, strict=True)
    )
    return None if is_missing else term.function.python(*arguments)


@value_of.register
def _(term: terms.Comparison, known: Known) -> bool | None:
    left, right = value_of(term.left, known), value_of(term.right, known)
    return None if left is None or right is None else bool(COMPARE[term.symbol](left, right))


@value_of.register
def _(term: terms.IsNull, known: Known) -> bool:
    return value_of(term.operand, known) is None


@value_of.register
def _(term: terms.WhenTold, known: Known) -> Any:
    return None if any(value_of(part, known) is None for part in term.needed) else value_of(term.body, known)


@value_of.register
def _(term: terms.Not, known: Known) -> bool | None:
    operand = value_of(term.operand, known)
    return None if operand is None else not operand


@value_of.register
def _(term: terms.Junction, known: Known) -> bool | None:
    parts = [value_of(part, known) for part in term.parts]
    decisive = term.symbol == "or"
    if decisive in parts:
        return decisive
    return None if None in parts else not decisive


@value_of.register
def _(term: terms.OneOf, known: Known) -> bool | None:
    operand = value_of(term.operand, known)
    options = [value_of(option, known) for option in term.options]
    if operand is None:
        return None
    if operand in [option for option in options if option is not None]:
        return True
    return None if None in options else False


@value_of.register
def _(term: terms.Choice, known: Known) -> Any:
    condition = value_of(term.condition, known)
    if condition is None and term.poisons:
        return None
    return value_of(term.then if condition else term.otherwise, known)


@value_of.register
def _(term: terms.Listing, known: Known) -> list[Any]:
    return [value_of(item, known) for item in term.items]


@value_of.register
def _(term: terms.Selection, known: Known) -> list[Any] | None:
    items = _source(term.source, known)
    if items is None:
        return None
    return [item for item in items if _is_kept(term, known.looking_at(term.scope, item))]


def _is_kept(selection: terms.Selection, known: Known) -> bool:
    return all(value_of(condition, known) is True for condition in selection.conditions)


def _source(source: FactGroup | Term, known: Known) -> Any:
    if isinstance(source, Term):
        return value_of(source, known)
    if source.dataset in known.stale:
        return None
    # No row at all: either nothing exists, or nobody told us.
    return known.facts.get(source.name) or ([] if source.absence is Absence.NONE else None)


@value_of.register
def _(term: terms.Projection, known: Known) -> list[Any] | None:
    items = value_of(term.selection, known)
    if items is None:
        return None
    return [value_of(term.body, known.looking_at(term.selection.scope, item)) for item in items]


@value_of.register
def _(term: terms.Aggregation, known: Known) -> Any:
    values = value_of(term.source, known)
    return None if values is None else term.function.python(values)


@value_of.register
def _(term: terms.Single, known: Known) -> Any:
    values = value_of(term.source, known)
    return values[0] if values is not None and len(values) == 1 else None


@value_of.register
def _(term: terms.Pattern, known: Known) -> str:
    return term.python


@value_of.register
def _(term: terms.Chain, known: Known) -> list[Any] | None:
    items = value_of(term.selection, known)
    if items is None:
        return None
    lists = [value_of(term.body, known.looking_at(term.selection.scope, item)) for item in items]
    return None if None in lists else [value for values in lists for value in values]


@value_of.register
def _(term: terms.Context, known: Known) -> dict[str, Any]:
    return {name: value_of(value, known) for name, value in zip(term.names, term.values, strict=True)}


@value_of.register
def _(term: terms.Assorted, known: Known) -> list[Any]:
    return [value_of(item, known) for item in term.items]
