"""
What a compiled rule needs in FROM: each record group joined once, each list group aggregated once.

Aggregates that look at nothing but the group's own records share one grouped join. Those whose filter looks at
something outside share a lateral join, one level above everything they mention.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from psycopg.sql import SQL, Composable, Composed, Identifier

from companies.datasets.catalogue import Absence, FactGroup

Within = Callable[[Composable], Composable]


@dataclass(slots=True)
class Aggregated:
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
class Prepared:
    """A value that one lateral join works out, one level above everything it mentions."""

    value: Composable
    level: int
    alias: str


def prepared_join(join: Prepared) -> Composed:
    """The join of one value; OFFSET 0 keeps the planner from copying it back to each place that mentions it."""
    return SQL("LEFT JOIN LATERAL (SELECT {} AS item OFFSET 0) AS {} ON true").format(
        join.value, Identifier(join.alias)
    )


def relation(group: FactGroup) -> Composable:
    """The table or view, which may be schema-qualified."""
    return Identifier(*group.relation.split("."))


def record_join(group: FactGroup, alias: str, owner: Composable, within: Within | None = None) -> Composed:
    """The join of a record group: at most one row."""
    column = Identifier(alias, group.owner_column)
    return SQL("LEFT JOIN {} AS {} ON {} = {}{}").format(
        relation(group),
        Identifier(alias),
        column,
        owner,
        SQL(" AND {}").format(within(column)) if within else SQL(""),
    )


def aggregated_join(
    join: Aggregated, owner: Composable, within: Within | None, *, is_looked_up: bool = False
) -> Composed:
    """The join of a list group's aggregates: for all owners at once, or looked up for each row of the caller's FROM."""
    if join.level:
        return _lateral(join, owner)
    column = Identifier("_row", join.group.owner_column)
    if is_looked_up:
        theirs = _groups(join, SQL(" WHERE {} = {}").format(column, owner))
        return SQL("LEFT JOIN LATERAL ({}) AS {} ON true").format(theirs, Identifier(join.alias))
    groups = _groups(join, SQL(" WHERE {}").format(within(column)) if within else SQL(""))
    return SQL("LEFT JOIN ({groups}) AS {alias} ON {alias}.owner = {owner}").format(
        groups=groups, alias=Identifier(join.alias), owner=owner
    )


def _groups(join: Aggregated, where: Composable) -> Composed:
    return SQL(
        "SELECT {owner_column} AS owner, {columns} FROM {relation} AS _row{where} GROUP BY {owner_column}"
    ).format(
        owner_column=Identifier("_row", join.group.owner_column),
        columns=join.select(),
        relation=relation(join.group),
        where=where,
    )


def _lateral(join: Aggregated, owner: Composable) -> Composed:
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
        having=having(join.group),
        alias=Identifier(join.alias),
    )


def having(group: FactGroup) -> Composable:
    """Without GROUP BY an aggregate always gives a row; no record at all must give none, as the grouped join does."""
    return SQL(" HAVING count(*) > 0") if group.absence is Absence.UNKNOWN else SQL("")


def filter_clause(conditions: list[Composable]) -> Composable:
    """The FILTER of an aggregate."""
    return SQL(" FILTER (WHERE {})").format(SQL(" AND ").join(conditions)) if conditions else SQL("")
