"""
The engine that pays: rules as SQL over whole relations.

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
from policies.feel.check import Expression
from policies.feel.compiled import aggregate, compile_term, ordered
from policies.feel.functions.lists import SINGLES
from policies.feel.functions.table import Aggregate
from policies.feel.joins import Aggregated, Prepared, Within, aggregated_join, having, prepared_join, record_join
from policies.feel.mentions import Mention
from policies.feel.staleness import only_told
from policies.feel.terms import Term


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
        within: Mapping[str, Within] | None = None,
        records_within: Mapping[str, Within] | None = None,
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
        self._aggregated: dict[tuple[str, int], Aggregated] = {}
        self._prepared: dict[str, Prepared] = {}
        self._items: dict[int, Composable] = {}
        self._levels: list[int] = []

    def value(self, expression: Expression) -> Composable:
        """The SQL of a rule's answer for the row of the caller's FROM."""
        return compile_term(only_told(expression.node, self.stale), self)

    def mention(self, mention: Mention) -> Composable:
        """The SQL of one thing a rule mentions, from the same joins."""
        return compile_term(only_told(mention.term, self.stale), self)

    def joins(self) -> Composable:
        """The LEFT JOINs that everything compiled so far needs."""
        records = [
            record_join(group, alias, self.owner(group), self._records_within.get(group.subject))
            for group, alias in self._records.values()
        ]
        later: list[Aggregated | Prepared] = [*self._aggregated.values(), *self._prepared.values()]
        further = sorted(later, key=lambda join: join.level)
        return SQL("\n").join([*records, *(self._join(join) for join in further)])

    def _join(self, join: Aggregated | Prepared) -> Composable:
        if isinstance(join, Prepared):
            return prepared_join(join)
        subject = join.group.subject
        return aggregated_join(
            join, self.owner(join.group), self._within.get(subject), is_looked_up=subject in self._looked_up
        )

    def owner(self, group: FactGroup) -> Composable:
        """The id of the subject that a group is about."""
        assert group.subject in self._owners, f"the caller gave no owner for the subject {group.subject}"
        return self._owners[group.subject]

    def outer_owner(self, group: FactGroup) -> Composable:
        """The same, inside a term: whatever join holds that term must be lateral."""
        self._touch(1)
        return self.owner(group)

    def record(self, record: terms.Record) -> Composable:
        """The alias of a record's row."""
        if record.scope is not None:
            return self._items[record.scope]
        self._touch(1)
        group = record.group
        if group.name in self._bound:
            return self._bound[group.name]
        _, alias = self._records.setdefault(group.name, (group, f"_record{len(self._records) + 1}"))
        return Identifier(alias)

    def given(self, name: str) -> Composable:
        """A bare value's column."""
        self._touch(1)
        return SQL("{}.{}").format(self._bound[""], Identifier(name))

    def item(self, scope: int) -> Composable:
        """What a filter, loop or `With` is looking at."""
        return self._items[scope]

    @contextmanager
    def looking_at(self, scope: int, item: Composable) -> Iterator[None]:
        """Work on terms that see `item` as the item of `scope`."""
        self._items[scope] = item
        yield
        del self._items[scope]

    def column(self, function: Aggregate, opened: terms.Opened) -> Composable:
        """The aggregate of a group's records as a column of a shared join."""
        group = opened.source
        assert isinstance(group, FactGroup)
        self._levels.append(0)
        with self.looking_at(opened.scope, Identifier("_row")):
            body = ordered(opened.body, self) if opened.body else SQL("1")
            conditions = [compile_term(condition, self) for condition in opened.conditions]
        level = self._levels.pop()
        join = self._aggregated.setdefault(
            (group.name, level), Aggregated(group, level, f"_list{len(self._aggregated) + 1}")
        )
        self._touch(level + 1)
        if level:
            body, conditions = join.input(body), [join.input(condition) for condition in conditions]
        column = join.column(aggregate(function, body, conditions, is_sure=_is_sure(function, opened)))
        if level or function.empty == "NULL":
            return column
        return _unless_missing(join, column, function)

    def prepared(self, compile_value: Callable[[], Composable]) -> Composable:
        """A value that is worked out once per row, in a join of its own, whatever mentions it."""
        self._levels.append(0)
        value = compile_value()
        level = self._levels.pop()
        self._touch(level + 1)
        join = self._prepared.setdefault(
            value.as_string(None), Prepared(value, level, f"_value{len(self._prepared) + 1}")
        )
        return SQL("{}.item").format(Identifier(join.alias))

    def _touch(self, level: int) -> None:
        """Whatever is being compiled needs a join at least this far out."""
        self._levels = [max(level, own) for own in self._levels]


def _unless_missing(join: Aggregated, column: Composable, function: Aggregate) -> Composable:
    if having(join.group) != SQL(""):
        return column
    return SQL("CASE WHEN {}.owner IS NULL THEN {} ELSE {} END").format(
        Identifier(join.alias), SQL(function.empty), column
    )


def _is_sure(function: Aggregate, opened: terms.Opened) -> bool:
    """Whether the catalogue promises what the function would otherwise count the records for."""
    group = opened.source
    assert isinstance(group, FactGroup)
    if function in SINGLES:
        pinned = {name for condition in opened.conditions for name in _pinned(condition, opened.scope)}
        return bool(group.key) and group.key <= pinned
    return isinstance(opened.body, terms.FactOf) and opened.body.fact.is_required


def _pinned(condition: Term, scope: int) -> Iterator[str]:
    """The facts of a record that must equal something for a condition to hold."""
    if isinstance(condition, terms.Junction) and condition.symbol == "and":
        for part in condition.parts:
            yield from _pinned(part, scope)
    elif isinstance(condition, terms.Comparison) and condition.symbol == "=":
        sides = (condition.left, condition.right), (condition.right, condition.left)
        for fact, other in sides:
            is_own = isinstance(fact, terms.FactOf) and fact.record.scope == scope
            if is_own and scope not in terms.free_scopes(other):
                assert isinstance(fact, terms.FactOf)
                yield fact.fact.name
