"""
The engine that pays: rules as SQL over whole relations.

Identifiers come from the catalogue, every value is a literal that psycopg quotes, and nothing that an officer
wrote is ever part of the SQL's own text. No compiled rule can raise at run time: what has no answer is NULL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import singledispatch
from typing import LiteralString

from psycopg.sql import SQL, Composable, Identifier

from companies.catalogue import Catalogue, FactGroup, FactType
from policies.feel import terms
from policies.feel.check import Expression
from policies.feel.functions.lists import LISTED, SINGLE, SINGLE_BOOLEAN
from policies.feel.functions.table import Aggregate
from policies.feel.joins import Aggregated, Within, aggregated_join, filter_clause, having, record_join, relation
from policies.feel.kinds import FeelType, Type
from policies.feel.literals import column_type, literal, null
from policies.feel.mentions import Mention
from policies.feel.terms import Term


class FactJoins:
    """
    The FROM clause that a set of compiled rules shares.

    `owners` gives, per subject ("company", "employee", "spouse"), the SQL of that subject's id in the caller's
    FROM. `bound` gives the alias of groups that the caller's FROM already holds; "" is the row of bare values.
    `stale` names datasets whose facts are unknown now. `within` narrows the grouped joins: per subject, a function
    from the owner column to a condition on it, so that one firm does not cost a whole city.

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
    ) -> None:
        self.catalogue = catalogue
        self.stale = stale
        self._owners = owners
        self._bound = bound or {}
        self._within = within or {}
        self._records: dict[str, tuple[FactGroup, str]] = {}
        self._aggregated: dict[tuple[str, int], Aggregated] = {}
        self._items: dict[int, Composable] = {}
        self._levels: list[int] = []

    def value(self, expression: Expression) -> Composable:
        """The SQL of a rule's answer for the row of the caller's FROM."""
        return compile_term(expression.node, self)

    def mention(self, mention: Mention) -> Composable:
        """The SQL of one thing a rule mentions, from the same joins."""
        return compile_term(mention.term, self)

    def joins(self) -> Composable:
        """The LEFT JOINs that everything compiled so far needs."""
        records = [record_join(group, alias, self.owner(group)) for group, alias in self._records.values()]
        aggregated = [
            aggregated_join(join, self.owner(join.group), self._within.get(join.group.subject))
            for join in sorted(self._aggregated.values(), key=lambda join: join.level)
        ]
        return SQL("\n").join([*records, *aggregated])

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
            body = _ordered(opened.body, self) if opened.body else SQL("1")
            conditions = [compile_term(condition, self) for condition in opened.conditions]
        level = self._levels.pop()
        join = self._aggregated.setdefault(
            (group.name, level), Aggregated(group, level, f"_list{len(self._aggregated) + 1}")
        )
        self._touch(level + 1)
        if level:
            body, conditions = join.input(body), [join.input(condition) for condition in conditions]
        column = join.column(_aggregate(function, body, conditions, is_sure=_is_sure(function, opened)))
        if level or function.empty == "NULL":
            return column
        return _unless_missing(join, column, function)

    def _touch(self, level: int) -> None:
        """Whatever is being compiled needs a join at least this far out."""
        self._levels = [max(level, own) for own in self._levels]


def _unless_missing(join: Aggregated, column: Composable, function: Aggregate) -> Composable:
    if having(join.group) != SQL(""):
        return column
    return SQL("CASE WHEN {}.owner IS NULL THEN {} ELSE {} END").format(
        Identifier(join.alias), SQL(function.empty), column
    )


def _aggregate(
    function: Aggregate, body: Composable, conditions: list[Composable], *, is_sure: bool = False
) -> Composable:
    template = function.sql_when_sure if is_sure and function.sql_when_sure else function.sql
    return SQL(template).format(x=body, kept=filter_clause(conditions))


def _is_sure(function: Aggregate, opened: terms.Opened) -> bool:
    """Whether the catalogue promises what the function would otherwise count the records for."""
    group = opened.source
    assert isinstance(group, FactGroup)
    if function in (SINGLE, SINGLE_BOOLEAN):
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


def _ordered(body: Term, joins: FactJoins) -> Composable:
    """A list's element; text in code point order, whatever the database's collation."""
    compiled = compile_term(body, joins)
    return SQL('{} COLLATE "C"').format(compiled) if body.type == FeelType.STRING else compiled


@singledispatch
def compile_term(term: Term, joins: FactJoins) -> Composable:
    """The SQL of a checked term."""
    raise AssertionError(f"{type(term).__name__} has no value by itself")


@compile_term.register
def _(term: terms.Constant, joins: FactJoins) -> Composable:
    if term.value is None:
        return null(term.type)
    if isinstance(term.value, bool):
        return SQL("true" if term.value else "false")
    return SQL("{}::{}").format(literal(term.value), column_type(term.type))


@compile_term.register
def _(term: terms.GivenFact, joins: FactJoins) -> Composable:
    return SQL("{}::{}").format(joins.given(term.fact.column), column_type(term.type))


@compile_term.register
def _(term: terms.FactOf, joins: FactJoins) -> Composable:
    if term.record.scope is None and term.record.group.dataset in joins.stale:
        return null(term.type)
    column = SQL("{}.{}").format(joins.record(term.record), Identifier(term.fact.column))
    if term.type in (FeelType.STRING, FeelType.DATE, FeelType.BOOLEAN) and term.type == term.fact.type.value:
        return column
    # An integer column would overflow, or divide without its remainder.
    return SQL("{}::{}").format(column, column_type(term.type))


@compile_term.register
def _(term: terms.Item, joins: FactJoins) -> Composable:
    return joins.item(term.scope)


@compile_term.register
def _(term: terms.With, joins: FactJoins) -> Composable:
    value = compile_term(term.value, joins)
    alias = Identifier(f"_w{term.scope}")
    with joins.looking_at(term.scope, SQL("{}.item").format(alias)):
        body = compile_term(term.body, joins)
    return SQL("(SELECT {} FROM (SELECT {} AS item OFFSET 0) AS {})").format(body, value, alias)


@compile_term.register
def _(term: terms.Call, joins: FactJoins) -> Composable:
    names = [name for name, _ in term.function.parameters]
    compiled = {name: compile_term(argument, joins) for name, argument in zip(names, term.arguments, strict=True)}
    heavy = {
        name
        for name, argument in zip(names, term.arguments, strict=True)
        if name in term.function.repeated and not terms.is_leaf(argument)
    }
    if not heavy:
        return SQL(term.function.sql).format(**compiled)
    # OFFSET 0 keeps the planner from copying the argument back to each place that mentions it.
    bound = SQL(", ").join(SQL("{} AS {}").format(compiled[name], Identifier(name)) for name in sorted(heavy))
    outer = {name: Identifier("_v", name) if name in heavy else value for name, value in compiled.items()}
    body = SQL(term.function.sql).format(**outer)
    return SQL("(SELECT {} FROM (SELECT {} OFFSET 0) AS _v)").format(body, bound)


COMPARE: dict[str, LiteralString] = {
    "=": "({} = {})",
    "!=": "({} <> {})",
    "<": "({} < {})",
    "<=": "({} <= {})",
    ">": "({} > {})",
    ">=": "({} >= {})",
}


@compile_term.register
def _(term: terms.Comparison, joins: FactJoins) -> Composable:
    template = SQL(COMPARE[term.symbol])
    if _is_bare(term.left) and _is_bare(term.right):
        return template.format(_bare(term.left, joins), _bare(term.right, joins))
    is_ordering = term.symbol not in ("=", "!=")
    left = _ordered(term.left, joins) if is_ordering else compile_term(term.left, joins)
    return template.format(left, compile_term(term.right, joins))


def _is_bare(term: Term) -> bool:
    """Whether a number can be compared in its column's own type, without a cast for each row."""
    is_number = term.type == FeelType.NUMBER
    if isinstance(term, terms.FactOf):
        return is_number and term.fact.type == FactType.NUMBER and term.record.scope is not None
    return is_number and isinstance(term, terms.Constant) and term.value is not None


def _bare(term: Term, joins: FactJoins) -> Composable:
    if isinstance(term, terms.Constant):
        return literal(term.value)
    assert isinstance(term, terms.FactOf)
    return SQL("{}.{}").format(joins.record(term.record), Identifier(term.fact.column))


@compile_term.register
def _(term: terms.IsNull, joins: FactJoins) -> Composable:
    return SQL("({} IS NULL)").format(compile_term(term.operand, joins))


@compile_term.register
def _(term: terms.Not, joins: FactJoins) -> Composable:
    return SQL("(NOT {})").format(compile_term(term.operand, joins))


@compile_term.register
def _(term: terms.Junction, joins: FactJoins) -> Composable:
    between = SQL(" AND ") if term.symbol == "and" else SQL(" OR ")
    return SQL("({})").format(between.join(compile_term(part, joins) for part in term.parts))


@compile_term.register
def _(term: terms.OneOf, joins: FactJoins) -> Composable:
    options = SQL(", ").join(compile_term(option, joins) for option in term.options)
    return SQL("({} IN ({}))").format(compile_term(term.operand, joins), options)


@compile_term.register
def _(term: terms.Choice, joins: FactJoins) -> Composable:
    template = SQL(
        "CASE {} WHEN true THEN {} WHEN false THEN {} END" if term.poisons else "CASE WHEN {} THEN {} ELSE {} END"
    )
    return template.format(*(compile_term(part, joins) for part in (term.condition, term.then, term.otherwise)))


@compile_term.register
def _(term: terms.Listing, joins: FactJoins) -> Composable:
    items = SQL(", ").join(compile_term(item, joins) for item in term.items)
    return SQL("ARRAY[{}]::{}").format(items, column_type(term.type))


@compile_term.register
def _(term: terms.Projection, joins: FactJoins) -> Composable:
    return _aggregation(LISTED, term, joins, term.type)


@compile_term.register
def _(term: terms.Aggregation, joins: FactJoins) -> Composable:
    return _aggregation(term.function, term.source, joins, term.type)


@compile_term.register
def _(term: terms.Single, joins: FactJoins) -> Composable:
    function = SINGLE_BOOLEAN if term.type == FeelType.BOOLEAN else SINGLE
    return _aggregation(function, term.source, joins, term.type)


def _aggregation(function: Aggregate, source: Term, joins: FactJoins, type_: Type) -> Composable:
    opened = terms.opened(source)
    if not isinstance(opened.source, FactGroup):
        return _over_array(function, opened, joins)
    if opened.source.dataset in joins.stale:
        return null(type_)
    if terms.free_scopes(source):
        return _over_rows(function, opened, joins)
    return joins.column(function, opened)


def _over_rows(function: Aggregate, opened: terms.Opened, joins: FactJoins) -> Composable:
    """An aggregate whose filter looks at the item of a filter around it: no join can hold it."""
    group = opened.source
    assert isinstance(group, FactGroup)
    alias = f"_row{opened.scope}"
    owner = joins.outer_owner(group)
    x, kept = _seen(opened, Identifier(alias), joins)
    return SQL("(SELECT {} FROM (SELECT {} AS x, {} AS kept FROM {} AS {} WHERE {} = {} OFFSET 0) AS _s{})").format(
        _aggregate(function, SQL("_s.x"), [SQL("_s.kept")]),
        x, kept, relation(group), Identifier(alias), Identifier(alias, group.owner_column), owner,
        having(group),
    )  # fmt: skip


def _over_array(function: Aggregate, opened: terms.Opened, joins: FactJoins) -> Composable:
    """An aggregate over a list that the rule itself holds; null when the list is."""
    assert isinstance(opened.source, Term)
    alias = Identifier(f"_i{opened.scope}")
    x, kept = _seen(opened, SQL("{}.item").format(alias), joins)
    return SQL(
        "(SELECT CASE WHEN _l.list IS NOT NULL THEN (SELECT {} FROM"
        " (SELECT {} AS x, {} AS kept FROM unnest(_l.list) WITH ORDINALITY AS {}(item, n) ORDER BY n OFFSET 0) AS _s)"
        " END FROM (SELECT {} AS list OFFSET 0) AS _l)"
    ).format(_aggregate(function, SQL("_s.x"), [SQL("_s.kept")]), x, kept, alias, compile_term(opened.source, joins))


def _seen(opened: terms.Opened, item: Composable, joins: FactJoins) -> tuple[Composable, Composable]:
    """What an aggregate takes from each item, and whether it takes it."""
    with joins.looking_at(opened.scope, item):
        x = _ordered(opened.body, joins) if opened.body else SQL("1")
        conditions = [compile_term(condition, joins) for condition in opened.conditions]
    return x, SQL(" AND ").join([SQL("true"), *conditions])
