"""
Compiles parameters, named clauses and decision tables; `policies.feel.python.definition_terms` computes them.

A row of a table whose condition is unknown may be the one that counts, so it makes the answer unknown: under "F"
when no row above it matched, under "U" and "C+" always. No row, and under "U" a second one, is unknown too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import ExitStack

from psycopg.sql import SQL, Composable, Identifier

from policies.feel import terms
from policies.feel.definitions import FIRST, UNIQUE, DatedValue, ParameterText
from policies.feel.sql.joins import FactJoins
from policies.feel.sql.literals import literal, null
from policies.feel.sql.terms import compile_term
from policies.feel.types.types import FeelType


@compile_term.register
def compile_as_of(term: terms.AsOf, joins: FactJoins) -> Composable:
    return null(FeelType.DATE) if joins.as_of is None else SQL("{}::date").format(literal(joins.as_of))


@compile_term.register
def compile_named_clause(term: terms.NamedClause, joins: FactJoins) -> Composable:
    return compile_term(term.body, joins)


@compile_term.register
def compile_parameter(term: terms.ParameterOn, joins: FactJoins) -> Composable:
    district = compile_term(term.district, joins) if term.district else None
    if isinstance(term.on, terms.AsOf):
        day = joins.as_of or term.any_day
        return null(FeelType.NUMBER) if day is None else _value_on_one_day(term.parameter, day, district)
    on = compile_term(term.on, joins)
    if terms.is_leaf(term.on):
        return _value_in_force(term.parameter, on, district)
    value = _value_in_force(term.parameter, SQL("_p.day"), district)
    return SQL("(SELECT {} FROM (SELECT {} AS day OFFSET 0) AS _p)").format(value, on)


def _value_on_one_day(parameter: ParameterText, day: dt.date, district: Composable | None) -> Composable:
    """The value on a day that is the same for all: nothing is left but the districts."""
    whens: dict[str, DatedValue] = {}
    for each in parameter.by_precedence():
        if each.valid_from is None or each.valid_from <= day:
            whens.setdefault(each.district, each)
    everywhere = whens.pop("", None)
    default = _compile_number(everywhere) if everywhere else null(FeelType.NUMBER)
    if district is None:
        return default
    cases = SQL(" ").join(
        [SQL("WHEN ({}) IS NULL THEN NULL").format(district)]
        + [
            SQL("WHEN {} = {} THEN {}").format(district, literal(name), _compile_number(each))
            for name, each in whens.items()
        ]
    )
    return SQL("(CASE {} ELSE {} END)").format(cases, default)


def _value_in_force(parameter: ParameterText, on: Composable, district: Composable | None) -> Composable:
    unknown = [SQL("({}) IS NULL").format(each) for each in (on, district) if each is not None]
    whens = [SQL("WHEN {} THEN NULL").format(SQL(" OR ").join(unknown))]
    for each in parameter.by_precedence():
        conditions: list[Composable] = [SQL("true")]
        if each.district and district is not None:
            conditions.append(SQL("{} = {}").format(district, literal(each.district)))
        if each.valid_from is not None:
            conditions.append(SQL("{} >= {}::date").format(on, literal(each.valid_from)))
        whens.append(SQL("WHEN {} THEN {}").format(SQL(" AND ").join(conditions), _compile_number(each)))
    return SQL("(CASE {} ELSE NULL::numeric END)").format(SQL(" ").join(whens))


def _compile_number(each: DatedValue) -> Composable:
    return SQL("{}::numeric").format(literal(each.value))


@compile_term.register
def compile_decision(term: terms.Decision, joins: FactJoins) -> Composable:
    if terms.free_scopes(term):
        return _compile_table(term, joins)
    # Two hundred rows are gone through once, however often the statement mentions the answer.
    return joins.prepare_value(lambda: _compile_table(term, joins))


def _compile_table(term: terms.Decision, joins: FactJoins) -> Composable:
    alias = Identifier(f"_t{term.scopes[0]}")
    with ExitStack() as seen:
        worked_out = []
        for scope, value in zip(term.scopes, term.inputs, strict=True):
            item = compile_term(value, joins)
            if not terms.is_leaf(value):
                worked_out.append(SQL("{} AS {}").format(item, Identifier(f"i{scope}")))
                item = SQL("{}.{}").format(alias, Identifier(f"i{scope}"))
            seen.enter_context(joins.bind(scope, item))
        answer = _choose_output(term, joins)
    if not worked_out:
        return answer
    return SQL("(SELECT {} FROM (SELECT {} OFFSET 0) AS {})").format(answer, SQL(", ").join(worked_out), alias)


def _choose_output(term: terms.Decision, joins: FactJoins) -> Composable:
    conditions = [compile_term(condition, joins) for condition in term.conditions]
    outputs = [compile_term(output, joins) for output in term.outputs]
    if term.table.hit_policy == FIRST:
        return _first_output(conditions, outputs)
    if term.table.hit_policy == UNIQUE:
        return _only_output(conditions, outputs)
    return _sum_of_outputs(conditions, outputs)


def _first_output(conditions: Sequence[Composable], outputs: Sequence[Composable]) -> Composable:
    template = SQL("WHEN {0} THEN {1} WHEN ({0}) IS NULL THEN NULL")
    whens = [template.format(*row) for row in zip(conditions, outputs, strict=True)]
    return SQL("(CASE {} END)").format(SQL(" ").join(whens))


def _only_output(conditions: Sequence[Composable], outputs: Sequence[Composable]) -> Composable:
    # A row that is unknown makes the count null.
    count = SQL(" + ").join(SQL("({})::int").format(condition) for condition in conditions)
    whens = [SQL("WHEN {} THEN {}").format(*row) for row in zip(conditions, outputs, strict=True)]
    return SQL("(CASE WHEN {} = 1 THEN CASE {} END END)").format(count, SQL(" ").join(whens))


def _sum_of_outputs(conditions: Sequence[Composable], outputs: Sequence[Composable]) -> Composable:
    template = SQL("CASE WHEN {0} THEN {1} WHEN NOT ({0}) THEN 0 END")
    parts = [template.format(*row) for row in zip(conditions, outputs, strict=True)]
    return SQL("(CASE WHEN {} THEN {} END)").format(SQL(" OR ").join(conditions), SQL(" + ").join(parts))
