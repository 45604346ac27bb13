"""
Writes the joins of a compiled rule: it joins each record group once, and aggregates each list group once.

Aggregates that look at nothing but the group's own records share one grouped join. Those whose filter looks at
something outside share a lateral join, one level above everything they mention.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from psycopg.sql import SQL, Composable, Composed, Identifier

from companies.datasets.catalogue import Absence, FactGroup
from policies.feel import terms
from policies.feel.functions.table import Aggregate

Narrowing = Callable[[Composable], Composable]


@dataclass(frozen=True, slots=True)
class AggregateSource:
    """What an aggregate works on: items of `source`, seen as `scope`, kept by `conditions`; `body` is its value."""

    source: FactGroup | terms.Term
    scope: int
    conditions: tuple[terms.Term, ...]
    body: terms.Term | None


def open_source(term: terms.Term) -> AggregateSource:
    """A list term taken apart, so that one pass does the filter, the projection and the aggregate."""
    if isinstance(term, terms.Projection):
        selection = term.selection
        return AggregateSource(selection.source, selection.scope, selection.conditions, term.body)
    if isinstance(term, terms.Selection):
        return AggregateSource(term.source, term.scope, term.conditions, None)
    return AggregateSource(term, 0, (), terms.Item(terms.element_of(term), 0))


class FactJoins(Protocol):
    """What a term needs while it is compiled: the columns of facts, and joins for whatever is worked out apart."""

    stale: frozenset[str]
    as_of: dt.date | None

    def bare_value(self, name: str) -> Composable:
        """A bare value's column."""

    def record(self, record: terms.Record) -> Composable:
        """The alias of a record's row."""

    def item(self, scope: int) -> Composable:
        """What a filter, loop or `With` is looking at."""

    def bind(self, scope: int, item: Composable) -> AbstractContextManager[None]:
        """Compile terms that see `item` as the item of `scope`."""

    def aggregate_column(self, function: Aggregate, opened: AggregateSource) -> Composable:
        """The aggregate of a group's records as a column of a shared join."""

    def prepare_value(self, compile_value: Callable[[], Composable]) -> Composable:
        """A value that a join of its own works out once per row."""

    def outer_owner(self, group: FactGroup) -> Composable:
        """The id of the subject that a group is about, inside a term: the join that holds the term becomes lateral."""


@dataclass(slots=True)
class AggregateJoin:
    """The columns that one join works out of a list group; `level` 0 is the grouped join, more is lateral."""

    group: FactGroup
    level: int
    alias: str
    columns: dict[str, Composable] = field(default_factory=dict)
    inputs: dict[str, Composable] = field(default_factory=dict)

    def column(self, expression: Composable) -> Identifier:
        """The column of this aggregate; the same aggregate twice is one column."""
        written = expression.as_string(None)
        self.columns.setdefault(written, expression)
        return Identifier(self.alias, f"a{list(self.columns).index(written) + 1}")

    def input(self, expression: Composable) -> Identifier:
        """
        An expression over one record, named in the lateral join's inner SELECT.

        PostgreSQL takes an aggregate over nothing but outer columns for an aggregate of the outer query.
        """
        written = expression.as_string(None)
        self.inputs.setdefault(written, expression)
        return Identifier("_s", f"x{list(self.inputs).index(written) + 1}")

    def select(self) -> Composable:
        """The columns with their names."""
        return SQL(", ").join(
            SQL("{} AS {}").format(expression, Identifier(f"a{number}"))
            for number, expression in enumerate(self.columns.values(), start=1)
        )


@dataclass(frozen=True, slots=True)
class ValueJoin:
    """A value that one lateral join works out, one level above everything it mentions."""

    value: Composable
    level: int
    alias: str


def join_value(join: ValueJoin) -> Composed:
    """The join of one value; OFFSET 0 keeps the planner from copying it back to each place that mentions it."""
    return SQL("LEFT JOIN LATERAL (SELECT {} AS item OFFSET 0) AS {} ON true").format(
        join.value, Identifier(join.alias)
    )


def relation(group: FactGroup) -> Composable:
    """The table or view, which may be schema-qualified."""
    return Identifier(*group.relation.split("."))


def join_record(group: FactGroup, alias: str, owner: Composable, within: Narrowing | None = None) -> Composed:
    """The join of a record group: at most one row."""
    column = Identifier(alias, group.owner_column)
    return SQL("LEFT JOIN {} AS {} ON {} = {}{}").format(
        relation(group),
        Identifier(alias),
        column,
        owner,
        SQL(" AND {}").format(within(column)) if within else SQL(""),
    )


def join_aggregates(
    join: AggregateJoin, owner: Composable, within: Narrowing | None, *, is_looked_up: bool = False
) -> Composed:
    """The join of a list group's aggregates: for all owners at once, or looked up for each row of the caller's FROM."""
    if join.level:
        return _join_laterally(join, owner)
    column = Identifier("_row", join.group.owner_column)
    if is_looked_up:
        theirs = _select_groups(join, SQL(" WHERE {} = {}").format(column, owner))
        return SQL("LEFT JOIN LATERAL ({}) AS {} ON true").format(theirs, Identifier(join.alias))
    groups = _select_groups(join, SQL(" WHERE {}").format(within(column)) if within else SQL(""))
    return SQL("LEFT JOIN ({groups}) AS {alias} ON {alias}.owner = {owner}").format(
        groups=groups, alias=Identifier(join.alias), owner=owner
    )


def _select_groups(join: AggregateJoin, where: Composable) -> Composed:
    return SQL(
        "SELECT {owner_column} AS owner, {columns} FROM {relation} AS _row{where} GROUP BY {owner_column}"
    ).format(
        owner_column=Identifier("_row", join.group.owner_column),
        columns=join.select(),
        relation=relation(join.group),
        where=where,
    )


def _join_laterally(join: AggregateJoin, owner: Composable) -> Composed:
    return SQL(
        "LEFT JOIN LATERAL (SELECT {columns}"
        " FROM (SELECT {inputs} FROM {relation} AS _row WHERE {owner_column} = {owner} OFFSET 0) AS _s{having})"
        " AS {alias} ON true"
    ).format(
        inputs=SQL(", ").join(
            SQL("{} AS {}").format(expression, Identifier(f"x{number}"))
            for number, expression in enumerate(join.inputs.values(), start=1)
        ),
        columns=join.select(),
        relation=relation(join.group),
        owner_column=Identifier("_row", join.group.owner_column),
        owner=owner,
        having=having_clause(join.group),
        alias=Identifier(join.alias),
    )


def having_clause(group: FactGroup) -> Composable:
    """Without GROUP BY an aggregate always gives a row; no record at all must give none, as the grouped join does."""
    return SQL(" HAVING count(*) > 0") if group.absence is Absence.UNKNOWN else SQL("")


def filter_clause(conditions: list[Composable]) -> Composable:
    """The FILTER of an aggregate."""
    return SQL(" FILTER (WHERE {})").format(SQL(" AND ").join(conditions)) if conditions else SQL("")
