"""A rule that has been checked: every name resolved, every term typed. Both engines work on these."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from companies.datasets.catalogue import Fact, FactGroup
from policies.feel.definitions import ClauseText, ParameterText, TableText
from policies.feel.functions.table import Aggregate, Function
from policies.feel.types.types import ContextOf, FeelType, ListOf, MixedListOf, RecordOf, RecordsOf, Type
from policies.feel.types.values import Scalar


@dataclass(frozen=True, slots=True)
class Term:
    """Anything that has a value; `type` says of which kind."""

    type: Type


@dataclass(frozen=True, slots=True)
class Expression:
    """A rule that may be saved: its text as written, its checked form, and the type of its answer."""

    text: str
    node: Term
    type: Type


@dataclass(frozen=True, slots=True)
class Constant(Term):
    value: Scalar


@dataclass(frozen=True, slots=True)
class GivenFact(Term):
    """A bare value without a group."""

    fact: Fact


@dataclass(frozen=True, slots=True)
class Record(Term):
    """The subject's one record of a group (`scope` None), or the record that a filter or loop is looking at."""

    scope: int | None

    @property
    def group(self) -> FactGroup:
        assert isinstance(self.type, RecordOf)
        return self.type.group


@dataclass(frozen=True, slots=True)
class FactOf(Term):
    record: Record
    fact: Fact


@dataclass(frozen=True, slots=True)
class Item(Term):
    """The single value that a filter, loop or `With` is looking at."""

    scope: int


@dataclass(frozen=True, slots=True)
class With(Term):
    """`body` with `value` worked out once, as the item of `scope`."""

    scope: int
    value: Term
    body: Term


@dataclass(frozen=True, slots=True)
class Call(Term):
    function: Function
    arguments: tuple[Term, ...]

    def __post_init__(self) -> None:
        assert len(self.arguments) == len(self.function.parameters)


@dataclass(frozen=True, slots=True)
class Comparison(Term):
    """Null when either side is."""

    symbol: str
    left: Term
    right: Term

    def __post_init__(self) -> None:
        assert self.left.type == self.right.type


@dataclass(frozen=True, slots=True)
class IsNull(Term):
    operand: Term


@dataclass(frozen=True, slots=True)
class WhenKnown(Term):
    """`body`, but null while any of `needed` is: it stands where a stale dataset would pass for an answer."""

    needed: tuple[Term, ...]
    body: Term


@dataclass(frozen=True, slots=True)
class Not(Term):
    operand: Term


@dataclass(frozen=True, slots=True)
class Junction(Term):
    symbol: str
    parts: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class OneOf(Term):
    operand: Term
    options: tuple[Term, ...]

    def __post_init__(self) -> None:
        assert self.options, "the parser refuses an empty list of tests"


@dataclass(frozen=True, slots=True)
class Choice(Term):
    """`if`; when `poisons`, a null condition makes it null, otherwise it chooses the second branch."""

    condition: Term
    then: Term
    otherwise: Term
    poisons: bool


@dataclass(frozen=True, slots=True)
class UniformList(Term):
    items: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Selection(Term):
    """
    The items of a list for which all conditions are true.

    `source` is a group whose records these are, or a list term; conditions see the item as `scope`.
    """

    scope: int
    source: FactGroup | Term
    conditions: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Projection(Term):
    """One value for each item of a selection."""

    selection: Selection
    body: Term


@dataclass(frozen=True, slots=True)
class Aggregation(Term):
    function: Aggregate
    source: Term


@dataclass(frozen=True, slots=True)
class Single(Term):
    """The only value of a list; null when there is none, or more than one."""

    source: Term


@dataclass(frozen=True, slots=True)
class AsOf(Term):
    """The day whose facts count."""


@dataclass(frozen=True, slots=True)
class ParameterOn(Term):
    """A parameter's value in force on a day; `district` is None when it does not matter."""

    parameter: ParameterText
    on: Term
    district: Term | None

    @property
    def any_day(self) -> dt.date | None:
        """A day for a value that never changes: whoever tries a version on made-up facts may leave the day out."""
        return dt.date.max if isinstance(self.on, AsOf) and not self.parameter.differs_by_date else None


@dataclass(frozen=True, slots=True)
class NamedClause(Term):
    """A named clause, written out."""

    clause: ClauseText
    body: Term


@dataclass(frozen=True, slots=True)
class Decision(Term):
    """
    A decision table, written out: row by row the condition and the output.

    Conditions and outputs see an input as the item of its scope. `is_called`: the rule gave the inputs, as in
    `tier(loan.principal)`.
    """

    table: TableText
    inputs: tuple[Term, ...]
    scopes: tuple[int, ...]
    conditions: tuple[Term, ...]
    outputs: tuple[Term, ...]
    is_called: bool


@dataclass(frozen=True, slots=True)
class Chain(Term):
    """The lists that `body` gives for each item of a selection, one after the other."""

    selection: Selection
    body: Term


@dataclass(frozen=True, slots=True)
class Pattern(Term):
    """A regular expression, or what replaces its matches: as it was written, and as each engine reads it."""

    text: str
    flags: str
    sql: str
    python: str


@dataclass(frozen=True, slots=True)
class Context(Term):
    """Values by name. Like all structures, it is taken apart by the checker, or it is the whole answer."""

    names: tuple[str, ...]
    values: tuple[Term, ...]

    def value(self, name: str) -> Term | None:
        """The value of an entry."""
        return dict(zip(self.names, self.values, strict=True)).get(name)


@dataclass(frozen=True, slots=True)
class MixedList(Term):
    """A written list whose items are lists, contexts or ranges, maybe beside single values."""

    items: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Interval(Term):
    """A range of values; an end that is left open is None. `is_equality`: it is written as the test `(=10)`."""

    low: Term | None
    high: Term | None
    includes_low: bool
    includes_high: bool
    is_equality: bool = False


@dataclass(frozen=True, slots=True)
class FunctionValue(Term):
    """A function that a rule writes, by its number in the session that checks the rule."""

    number: int
    parameters: tuple[str, ...]


def context(entries: Mapping[str, Term]) -> Context:
    """A context with these entries."""
    values = tuple(entries.values())
    return Context(ContextOf(tuple(entries), tuple(value.type for value in values)), tuple(entries), values)


def mixed_list(items: Sequence[Term]) -> MixedList:
    """A list of items of any types."""
    return MixedList(MixedListOf(tuple(item.type for item in items)), tuple(items))


def null() -> Constant:
    """A null that is written, or that stands for nothing at all."""
    return Constant(FeelType.NULL, None)


YES: Term = Constant(FeelType.BOOLEAN, value=True)
NO: Term = Constant(FeelType.BOOLEAN, value=False)
UNKNOWN: Term = Constant(FeelType.BOOLEAN, value=None)


def all_of(parts: Sequence[Term]) -> Term:
    """All conditions together."""
    return parts[0] if len(parts) == 1 else Junction(FeelType.BOOLEAN, "and", tuple(parts)) if parts else YES


def any_of(parts: Sequence[Term]) -> Term:
    """One of several conditions."""
    return parts[0] if len(parts) == 1 else Junction(FeelType.BOOLEAN, "or", tuple(parts)) if parts else NO


def choice(condition: Term, then: Term, otherwise: Term) -> Choice:
    """`if`; a condition on a department's facts that is unknown chooses no branch, see ADR 3."""
    poisons = any(isinstance(part, FactOf | Selection | AsOf | ParameterOn | Decision) for part in walk(condition))
    return Choice(then.type, condition, then, otherwise, poisons)


def is_structure(term: Term) -> bool:
    """Whether this is taken apart by the checker."""
    return isinstance(term, Context | MixedList | Interval | FunctionValue)


def is_null(term: Term) -> bool:
    """Whether this is `null` as written."""
    return isinstance(term, Constant) and term.value is None


# Fields that never hold a term, so that `children` skips them.
_LABELS = frozenset({"type", "symbol", "scope", "fact", "function", "table", "parameter", "clause"})


# Leaves are known beforehand: they are half of a rule.
_fields: dict[type[Term], tuple[str, ...]] = {Constant: (), Item: ()}


def fields_of(cls: type[Term]) -> tuple[str, ...]:
    """The names of the fields that may hold terms."""
    if cls not in _fields:
        _fields[cls] = tuple(field.name for field in fields(cls) if field.name not in _LABELS)
    return _fields[cls]


def children(term: Term) -> Iterator[Term]:
    """The terms directly below this one."""
    for name in fields_of(type(term)):
        value = getattr(term, name)
        if isinstance(value, Term):
            yield value
        elif isinstance(value, tuple):
            yield from (item for item in value if isinstance(item, Term))


def walk(term: Term) -> Iterator[Term]:
    """The term and all below it, the outer ones first."""
    waiting = [term]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(list(children(current))))


def element_of(term: Term) -> FeelType:
    """The type of the values of a list term."""
    assert isinstance(term.type, ListOf)
    return term.type.element


def item_of(selection: Selection) -> Record:
    """The record that a selection of records is looking at."""
    assert isinstance(selection.type, RecordsOf)
    return Record(RecordOf(selection.type.group), selection.scope)


def innermost(selection: Selection) -> Selection:
    """The selection that a chain of filters starts from."""
    source = selection.source
    return innermost(source.selection) if isinstance(source, Projection) else selection


def is_leaf(term: Term) -> bool:
    """Whether a term is so small that it may be written or computed several times."""
    return isinstance(term, Constant | FactOf | GivenFact | Item | Pattern | AsOf)


def free_scopes(term: Term) -> set[int]:
    """The scopes of items that this term looks at without binding them itself."""
    parts = list(walk(term))
    seen = {part.scope for part in parts if isinstance(part, Item | Record) and part.scope is not None}
    bound = {part.scope for part in parts if isinstance(part, Selection | With)}
    bound |= {scope for part in parts if isinstance(part, Decision) for scope in part.scopes}
    return seen - bound
