"""The rows that describe operators and built-ins to the checker and to both engines."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from string import Formatter
from typing import Any, LiteralString

from policies.feel.types.types import FeelType, ListOf

COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

Parameters = tuple[tuple[str, FeelType | ListOf], ...]


@dataclass(frozen=True, slots=True)
class Function:
    """
    One operator or built-in for one choice of parameter types; overloads are several rows of one name.

    Every function is strict: null when any argument is null, but for those in `takes_null`. `python` is never called
    with another None and may return None; `sql` is a template over the parameters' names that must be null for such
    a null argument, and must not raise for any value, because one bad row would stop a whole city. `by_order` says
    that the answer depends on the order of a list, which departments' records do not have.
    """

    name: str
    parameters: Parameters
    result: FeelType | ListOf
    python: Callable[..., Any]
    sql: LiteralString
    takes_null: frozenset[str] = frozenset()
    by_order: bool = False

    @property
    def repeated(self) -> frozenset[str]:
        """The parameters that the template mentions more than once."""
        names = [name for _, name, _, _ in Formatter().parse(self.sql) if name]
        return frozenset(name for name in names if names.count(name) > 1)

    @property
    def usage(self) -> str:
        """How it is written, for people."""
        return f"{self.name}({', '.join(f'{name}: {_word(type_)}' for name, type_ in self.parameters)})"


@dataclass(frozen=True, slots=True)
class Aggregate:
    """
    A function of a whole list: `elements` are the types it takes, `result` its type (None: that of the elements).

    `python` gets the kept values, nulls included. `sql` is a template with `{x}` for the value of a row and `{kept}`
    for the FILTER clause, if any; it must be null-safe for an empty and for a null-holding list. `sql_when_sure` is
    shorter, for when the catalogue promises what `sql` counts for: values without nulls, or one record at most.
    `empty` is the answer for no rows, which a grouped join cannot give.
    """

    name: str
    elements: frozenset[FeelType]
    result: FeelType | None
    python: Callable[[Sequence[Any]], Any]
    sql: LiteralString
    sql_when_sure: LiteralString | None = None
    empty: LiteralString = "NULL"
    parameter: str = "list"

    @property
    def usage(self) -> str:
        """How it is written, for people."""
        return f"{self.name}({self.parameter})"

    def result_for(self, element: FeelType) -> FeelType:
        """The type of the answer for a list of `element`."""
        return self.result or element


@dataclass(frozen=True, slots=True)
class Composed:
    """A built-in that the checker puts together from others; a composer registers under its name."""

    name: str
    usage: str


def _word(type_: FeelType | ListOf) -> str:
    return f"list of {type_.element}" if isinstance(type_, ListOf) else str(type_)
