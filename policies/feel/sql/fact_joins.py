"""
The engine that pays: it compiles rules to SQL over whole relations.

Identifiers come from the catalogue, every value is a literal that psycopg quotes, and nothing that an officer
wrote is ever part of the SQL's own text. No compiled rule can raise at run time: what has no answer is NULL.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from psycopg.sql import SQL, Composable, Identifier

from companies.datasets.catalogue import Catalogue, FactGroup
from policies.feel import terms
from policies.feel.functions.lists import SINGLES
from policies.feel.functions.table import Aggregate
from policies.feel.passes.keys import picks_one_record
from policies.feel.passes.staleness import hide_stale
from policies.feel.sql import definition_terms  # noqa: F401 – teaches this engine its terms
from policies.feel.sql.joins import (
    AggregateJoin,
    AggregateSource,
    Narrowing,
    ValueJoin,
    having_clause,
    join_aggregates,
    join_record,
    join_value,
)
from policies.feel.sql.terms import compile_ordered, compile_term, fill_aggregate
from policies.feel.terms import Expression, Term


class FactJoins:
    """
    The FROM clause that a set of compiled rules shares.

    `owners` gives, per subject ("company", "employee", "spouse"), the SQL of that subject's id in the caller's
    FROM. `bound` gives the alias of groups that the caller's FROM already holds; "" is the row of bare values.
    `stale` names datasets whose facts are unknown now. `within` narrows the grouped joins: per subject, a function
    from the owner column to a condition on it, so that one firm does not cost a whole city. `records_within` says the
    same again for record groups: of two equal columns PostgreSQL knows that one lies in a range, but not the other, and
    would read the whole city's records for each part of it. Of the subjects in `looked_up` the aggregates are looked up
    row by row, for there is no condition on their ids that PostgreSQL could narrow by. `as_of` is the day whose facts
    count.

    Compile every rule with `value` first, then ask for `joins`. The texts hold no placeholders and no "%", so
    they may stand in a statement with or without parameters.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        *,
        owners: Mapping[str, Composable],
        bound: Mapping[str, Composable] | None = None,
        stale: frozenset[str] = frozenset(),
        within: Mapping[str, Narrowing] | None = None,
        records_within: Mapping[str, Narrowing] | None = None,
        looked_up: frozenset[str] = frozenset(),
        as_of: dt.date | None = None,
    ) -> None:
        self.catalogue = catalogue
        self.stale = stale
        self.as_of = as_of
        self._owners = owners
        self._bound = bound or {}
        self._within = within or {}
        self._records_within = records_within or {}
        self._looked_up = looked_up
        self._records: dict[str, tuple[FactGroup, str]] = {}
        self._aggregated: dict[tuple[str, int], AggregateJoin] = {}
        self._prepared: dict[str, ValueJoin] = {}
        self._items: dict[int, Composable] = {}
        self._levels: list[int] = []

    def value(self, expression: Expression) -> Composable:
        """The SQL of a rule's answer for the row of the caller's FROM."""
        return compile_term(hide_stale(expression.node, self.stale), self)

    def term(self, term: Term) -> Composable:
        """The SQL of one term of a rule, from the same joins."""
        return compile_term(hide_stale(term, self.stale), self)

    def joins(self) -> Composable:
        """The LEFT JOINs that everything compiled so far needs."""
        records = [
            join_record(group, alias, self.owner(group), self._records_within.get(group.subject))
            for group, alias in self._records.values()
        ]
        later: list[AggregateJoin | ValueJoin] = [*self._aggregated.values(), *self._prepared.values()]
        further = sorted(later, key=lambda join: join.level)
        return SQL("\n").join([*records, *(self._write_join(join) for join in further)])

    def _write_join(self, join: AggregateJoin | ValueJoin) -> Composable:
        if isinstance(join, ValueJoin):
            return join_value(join)
        subject = join.group.subject
        return join_aggregates(
            join, self.owner(join.group), self._within.get(subject), is_looked_up=subject in self._looked_up
        )

    def owner(self, group: FactGroup) -> Composable:
        """The id of the subject that a group is about."""
        assert group.subject in self._owners, f"the caller gave no owner for the subject {group.subject}"
        return self._owners[group.subject]

    def outer_owner(self, group: FactGroup) -> Composable:
        """The id of the subject, inside a term: the join that holds the term becomes lateral."""
        self._require_level(1)
        return self.owner(group)

    def record(self, record: terms.Record) -> Composable:
        """The alias of a record's row."""
        if record.scope is not None:
            return self._items[record.scope]
        self._require_level(1)
        group = record.group
        if group.name in self._bound:
            return self._bound[group.name]
        _, alias = self._records.setdefault(group.name, (group, f"_record{len(self._records) + 1}"))
        return Identifier(alias)

    def bare_value(self, name: str) -> Composable:
        """A bare value's column."""
        self._require_level(1)
        return SQL("{}.{}").format(self._bound[""], Identifier(name))

    def item(self, scope: int) -> Composable:
        """What a filter, loop or `With` is looking at."""
        return self._items[scope]

    @contextmanager
    def bind(self, scope: int, item: Composable) -> Iterator[None]:
        """Work on terms that see `item` as the item of `scope`."""
        self._items[scope] = item
        yield
        del self._items[scope]

    def aggregate_column(self, function: Aggregate, opened: AggregateSource) -> Composable:
        """The aggregate of a group's records as a column of a shared join."""
        group = opened.source
        assert isinstance(group, FactGroup)
        self._levels.append(0)
        with self.bind(opened.scope, Identifier("_row")):
            body = compile_ordered(opened.body, self) if opened.body else SQL("1")
            conditions = [compile_term(condition, self) for condition in opened.conditions]
        level = self._levels.pop()
        join = self._aggregated.setdefault(
            (group.name, level), AggregateJoin(group, level, f"_list{len(self._aggregated) + 1}")
        )
        self._require_level(level + 1)
        if level:
            body, conditions = join.input(body), [join.input(condition) for condition in conditions]
        column = join.column(fill_aggregate(function, body, conditions, is_sure=_is_sure(function, opened)))
        if level or function.empty == "NULL":
            return column
        return _default_when_missing(join, column, function)

    def prepare_value(self, compile_value: Callable[[], Composable]) -> Composable:
        """A value that a join of its own computes once per row, however many terms mention it."""
        self._levels.append(0)
        value = compile_value()
        level = self._levels.pop()
        self._require_level(level + 1)
        join = self._prepared.setdefault(
            value.as_string(None), ValueJoin(value, level, f"_value{len(self._prepared) + 1}")
        )
        return SQL("{}.item").format(Identifier(join.alias))

    def _require_level(self, level: int) -> None:
        """Note that the terms in work need a join of at least this level."""
        self._levels = [max(level, own) for own in self._levels]


def _default_when_missing(join: AggregateJoin, column: Composable, function: Aggregate) -> Composable:
    if having_clause(join.group) != SQL(""):
        return column
    return SQL("CASE WHEN {}.owner IS NULL THEN {} ELSE {} END").format(
        Identifier(join.alias), SQL(function.empty), column
    )


def _is_sure(function: Aggregate, opened: AggregateSource) -> bool:
    """Whether the catalogue promises what the function would otherwise count the records for."""
    group = opened.source
    assert isinstance(group, FactGroup)
    if function in SINGLES:
        return picks_one_record(group, opened.conditions, opened.scope)
    return isinstance(opened.body, terms.FactOf) and opened.body.fact.is_required
