"""Compiles each kind of checked term to SQL, with one small function for each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from typing import LiteralString

from psycopg.sql import SQL, Composable, Identifier

from companies.datasets.catalogue import Absence, FactGroup, FactType
from policies.feel import terms
from policies.feel.functions.lists import LISTED, single_of
from policies.feel.functions.table import Aggregate
from policies.feel.sql.joins import AggregateSource, FactJoins, filter_clause, having_clause, open_source, relation
from policies.feel.sql.literals import column_type, literal, null
from policies.feel.terms import Term
from policies.feel.types.types import FeelType, ListOf, Type


@singledispatch
def compile_term(term: Term, joins: FactJoins) -> Composable:
    """The SQL of a checked term."""
    raise AssertionError(f"{type(term).__name__} has no value by itself")


@compile_term.register
def compile_constant(term: terms.Constant, joins: FactJoins) -> Composable:
    if term.value is None:
        return null(term.type)
    if isinstance(term.value, bool):
        return SQL("true" if term.value else "false")
    return SQL("{}::{}").format(literal(term.value), column_type(term.type))


@compile_term.register
def compile_given_fact(term: terms.GivenFact, joins: FactJoins) -> Composable:
    return SQL("{}::{}").format(joins.bare_value(term.fact.column), column_type(term.type))


@compile_term.register
def compile_fact(term: terms.FactOf, joins: FactJoins) -> Composable:
    if term.record.scope is None and term.record.group.dataset in joins.stale:
        return null(term.type)
    column = SQL("{}.{}").format(joins.record(term.record), Identifier(term.fact.column))
    if term.type in (FeelType.STRING, FeelType.DATE, FeelType.BOOLEAN) and term.type == term.fact.type.value:
        return column
    # An integer column would overflow, or divide without its remainder.
    return SQL("{}::{}").format(column, column_type(term.type))


@compile_term.register
def compile_item(term: terms.Item, joins: FactJoins) -> Composable:
    return joins.item(term.scope)


@compile_term.register
def compile_with(term: terms.With, joins: FactJoins) -> Composable:
    value = compile_term(term.value, joins)
    alias = Identifier(f"_w{term.scope}")
    with joins.bind(term.scope, SQL("{}.item").format(alias)):
        body = compile_term(term.body, joins)
    return SQL("(SELECT {} FROM (SELECT {} AS item OFFSET 0) AS {})").format(body, value, alias)


@compile_term.register
def compile_call(term: terms.Call, joins: FactJoins) -> Composable:
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
def compile_comparison(term: terms.Comparison, joins: FactJoins) -> Composable:
    template = SQL(COMPARE[term.symbol])
    if _is_bare(term.left) and _is_bare(term.right):
        return template.format(_compile_bare(term.left, joins), _compile_bare(term.right, joins))
    is_ordering = term.symbol not in ("=", "!=")
    left = compile_ordered(term.left, joins) if is_ordering else compile_term(term.left, joins)
    return template.format(left, compile_term(term.right, joins))


def _is_bare(term: Term) -> bool:
    """Whether a number can be compared in its column's own type, without a cast for each row."""
    is_number = term.type == FeelType.NUMBER
    if isinstance(term, terms.FactOf):
        return is_number and term.fact.type == FactType.NUMBER and term.record.scope is not None
    return is_number and isinstance(term, terms.Constant) and term.value is not None


def _compile_bare(term: Term, joins: FactJoins) -> Composable:
    if isinstance(term, terms.Constant):
        return literal(term.value)
    assert isinstance(term, terms.FactOf)
    return SQL("{}.{}").format(joins.record(term.record), Identifier(term.fact.column))


@compile_term.register
def compile_null_test(term: terms.IsNull, joins: FactJoins) -> Composable:
    return SQL("({} IS NULL)").format(compile_term(term.operand, joins))


@compile_term.register
def compile_when_known(term: terms.WhenKnown, joins: FactJoins) -> Composable:
    is_known = SQL(" AND ").join(SQL("({}) IS NOT NULL").format(compile_term(part, joins)) for part in term.needed)
    return SQL("(CASE WHEN {} THEN {} END)").format(is_known, compile_term(term.body, joins))


@compile_term.register
def compile_not(term: terms.Not, joins: FactJoins) -> Composable:
    return SQL("(NOT {})").format(compile_term(term.operand, joins))


@compile_term.register
def compile_junction(term: terms.Junction, joins: FactJoins) -> Composable:
    between = SQL(" AND ") if term.symbol == "and" else SQL(" OR ")
    return SQL("({})").format(between.join(compile_term(part, joins) for part in term.parts))


@compile_term.register
def compile_one_of(term: terms.OneOf, joins: FactJoins) -> Composable:
    options = SQL(", ").join(compile_term(option, joins) for option in term.options)
    return SQL("({} IN ({}))").format(compile_term(term.operand, joins), options)


@compile_term.register
def compile_choice(term: terms.Choice, joins: FactJoins) -> Composable:
    template = SQL(
        "CASE {} WHEN true THEN {} WHEN false THEN {} END" if term.poisons else "CASE WHEN {} THEN {} ELSE {} END"
    )
    return template.format(*(compile_term(part, joins) for part in (term.condition, term.then, term.otherwise)))


@compile_term.register
def compile_uniform_list(term: terms.UniformList, joins: FactJoins) -> Composable:
    items = SQL(", ").join(compile_term(item, joins) for item in term.items)
    return SQL("ARRAY[{}]::{}").format(items, column_type(term.type))


@compile_term.register
def compile_projection(term: terms.Projection, joins: FactJoins) -> Composable:
    return _compile_aggregate(LISTED, term, joins, term.type)


@compile_term.register
def compile_aggregation(term: terms.Aggregation, joins: FactJoins) -> Composable:
    return _compile_aggregate(term.function, term.source, joins, term.type)


@compile_term.register
def compile_single(term: terms.Single, joins: FactJoins) -> Composable:
    assert isinstance(term.type, FeelType)
    return _compile_aggregate(single_of(term.type), term.source, joins, term.type)


def _compile_aggregate(function: Aggregate, source: Term, joins: FactJoins, type_: Type) -> Composable:
    opened = open_source(source)
    if not isinstance(opened.source, FactGroup):
        return _aggregate_array(function, opened, joins)
    if opened.source.dataset in joins.stale:
        return null(type_)
    if terms.free_scopes(source):
        return _aggregate_rows(function, opened, joins)
    return joins.aggregate_column(function, opened)


def _aggregate_rows(function: Aggregate, opened: AggregateSource, joins: FactJoins) -> Composable:
    """An aggregate whose filter looks at the item of a filter around it: no join can hold it."""
    group = opened.source
    assert isinstance(group, FactGroup)
    alias = f"_row{opened.scope}"
    owner = joins.outer_owner(group)
    x, kept = _compile_body(opened, Identifier(alias), joins)
    return SQL("(SELECT {} FROM (SELECT {} AS x, {} AS kept FROM {} AS {} WHERE {} = {} OFFSET 0) AS _s{})").format(
        fill_aggregate(function, SQL("_s.x"), [SQL("_s.kept")]),
        x, kept, relation(group), Identifier(alias), Identifier(alias, group.owner_column), owner,
        having_clause(group),
    )  # fmt: skip


def _aggregate_array(function: Aggregate, opened: AggregateSource, joins: FactJoins) -> Composable:
    """An aggregate over a list that the rule itself holds; null when the list is."""
    assert isinstance(opened.source, Term)
    alias = Identifier(f"_i{opened.scope}")
    x, kept = _compile_body(opened, SQL("{}.item").format(alias), joins)
    return SQL(
        "(SELECT CASE WHEN _l.list IS NOT NULL THEN (SELECT {} FROM"
        " (SELECT {} AS x, {} AS kept FROM unnest(_l.list) WITH ORDINALITY AS {}(item, n) ORDER BY n OFFSET 0) AS _s)"
        " END FROM (SELECT {} AS list OFFSET 0) AS _l)"
    ).format(
        fill_aggregate(function, SQL("_s.x"), [SQL("_s.kept")]), x, kept, alias, compile_term(opened.source, joins)
    )


@compile_term.register
def compile_pattern(term: terms.Pattern, joins: FactJoins) -> Composable:
    return SQL("{}::text").format(literal(term.sql))


@compile_term.register
def compile_chain(term: terms.Chain, joins: FactJoins) -> Composable:
    selection = term.selection
    if not isinstance(selection.source, Term):
        return _chain_registers(term, selection.source, joins)
    alias = Identifier(f"_i{selection.scope}")
    source = compile_term(selection.source, joins)
    with joins.bind(selection.scope, SQL("{}.item").format(alias)):
        body = compile_term(term.body, joins)
        conditions = [compile_term(condition, joins) for condition in selection.conditions]
    kept = SQL(" AND ").join([SQL("true"), *conditions])
    return SQL(
        "(SELECT CASE WHEN bool_and(_l.list IS NOT NULL) AND bool_and(_b.n IS NULL OR _b.list IS NOT NULL)"
        " THEN coalesce(array_agg(_u.x ORDER BY _b.n, _u.m) FILTER (WHERE _u.m IS NOT NULL), '{{}}') END"
        " FROM (SELECT {} AS list OFFSET 0) AS _l LEFT JOIN LATERAL (SELECT n, {} AS list"
        " FROM unnest(_l.list) WITH ORDINALITY AS {}(item, n) WHERE {} OFFSET 0) AS _b ON true"
        " LEFT JOIN LATERAL unnest(_b.list) WITH ORDINALITY AS _u(x, m) ON true)"
    ).format(source, body, alias, kept)


STRUCTURE_WIDTH = 40  # PostgreSQL takes 100 arguments.


def _chain_registers(term: terms.Chain, group: FactGroup, joins: FactJoins) -> Composable:
    """Pairs of records of two registers, found once per subject: by the subject, then by the inner filter."""
    if group.dataset in joins.stale:
        return null(term.type)
    if terms.free_scopes(term):
        return _pair_records(term, group, joins)
    return joins.prepare_value(lambda: _pair_records(term, group, joins))


def _pair_records(term: terms.Chain, group: FactGroup, joins: FactJoins) -> Composable:
    selection, alias = term.selection, Identifier(f"_row{term.selection.scope}")
    owner = joins.outer_owner(group)
    with joins.bind(selection.scope, alias):
        body = compile_term(term.body, joins)
        conditions = [compile_term(condition, joins) for condition in selection.conditions]
    kept = SQL("({}) IS TRUE").format(SQL(" AND ").join([SQL("true"), *conditions]))
    return SQL(
        "(SELECT CASE WHEN bool_and(NOT _b.kept OR _b.list IS NOT NULL){}"
        " THEN coalesce(array_agg(_u.x) FILTER (WHERE _u.m IS NOT NULL), '{{}}') END"
        " FROM (SELECT 1) AS _one LEFT JOIN (SELECT {} AS kept, CASE WHEN {} THEN {} END AS list"
        " FROM {} AS {} WHERE {} = {} OFFSET 0) AS _b ON true"
        " LEFT JOIN LATERAL unnest(_b.list) WITH ORDINALITY AS _u(x, m) ON true)"
    ).format(
        SQL("") if group.absence is Absence.UNKNOWN else SQL(" IS NOT FALSE"),
        kept, kept, body, relation(group), alias, Identifier(f"_row{selection.scope}", group.owner_column), owner,
    )  # fmt: skip


@compile_term.register
def compile_context(term: terms.Context, joins: FactJoins) -> Composable:
    pairs = [
        SQL("{}::text, {}").format(literal(name), _compile_leaf(value, joins))
        for name, value in zip(term.names, term.values, strict=True)
    ]
    return _build_json(SQL("jsonb_build_object({})"), pairs)


@compile_term.register
def compile_mixed_list(term: terms.MixedList, joins: FactJoins) -> Composable:
    return _build_json(SQL("jsonb_build_array({})"), [_compile_leaf(item, joins) for item in term.items])


def _build_json(build: SQL, parts: Sequence[Composable]) -> Composable:
    slices = [parts[start : start + STRUCTURE_WIDTH] for start in range(0, max(len(parts), 1), STRUCTURE_WIDTH)]
    return SQL("({})").format(SQL(" || ").join(build.format(SQL(", ").join(slice_)) for slice_ in slices))


def _compile_leaf(term: Term, joins: FactJoins) -> Composable:
    """A value inside a structure: as text, so that no digit is lost in JSON."""
    compiled = compile_term(term, joins)
    if isinstance(term, terms.Context | terms.MixedList):
        return compiled
    return SQL("to_jsonb(({})::{})").format(compiled, SQL("text[]" if isinstance(term.type, ListOf) else "text"))


def _compile_body(opened: AggregateSource, item: Composable, joins: FactJoins) -> tuple[Composable, Composable]:
    """What an aggregate takes from each item, and whether it takes it."""
    with joins.bind(opened.scope, item):
        x = compile_ordered(opened.body, joins) if opened.body else SQL("1")
        conditions = [compile_term(condition, joins) for condition in opened.conditions]
    return x, SQL(" AND ").join([SQL("true"), *conditions])


def compile_ordered(body: Term, joins: FactJoins) -> Composable:
    """A list's element; text in code point order, whatever the database's collation."""
    compiled = compile_term(body, joins)
    return SQL('{} COLLATE "C"').format(compiled) if body.type == FeelType.STRING else compiled


def fill_aggregate(
    function: Aggregate, body: Composable, conditions: list[Composable], *, is_sure: bool = False
) -> Composable:
    template = function.sql_when_sure if is_sure and function.sql_when_sure else function.sql
    return SQL(template).format(x=body, kept=filter_clause(conditions))
