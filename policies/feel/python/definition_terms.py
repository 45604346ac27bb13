"""Computes parameters, named clauses and decision tables; `policies.feel.sql.definition_terms` has the SQL."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import reduce
from typing import Any

from policies.feel import terms
from policies.feel.definitions import FIRST, UNIQUE
from policies.feel.python.terms import Environment, value_of
from policies.feel.types.values import EXACT


@value_of.register
def value_of_as_of(term: terms.AsOf, environment: Environment) -> dt.date | None:
    return environment.as_of


@value_of.register
def value_of_named_clause(term: terms.NamedClause, environment: Environment) -> Any:
    return value_of(term.body, environment)


@value_of.register
def value_of_parameter(term: terms.ParameterOn, environment: Environment) -> Decimal | None:
    on = value_of(term.on, environment) or term.any_day
    district = value_of(term.district, environment) if term.district else ""
    return None if on is None or district is None else term.parameter.at(on=on, district=district)


@value_of.register
def value_of_decision(term: terms.Decision, environment: Environment) -> Any:
    for scope, value in zip(term.scopes, term.inputs, strict=True):
        environment = environment.bind(scope, value_of(value, environment))
    verdicts = [value_of(condition, environment) for condition in term.conditions]
    if term.table.hit_policy == FIRST:
        first = next((place for place, verdict in enumerate(verdicts) if verdict is not False), None)
        return None if first is None or verdicts[first] is None else value_of(term.outputs[first], environment)
    matched = [output for verdict, output in zip(verdicts, term.outputs, strict=True) if verdict]
    if None in verdicts or not matched or (term.table.hit_policy == UNIQUE and len(matched) > 1):
        return None
    values = [value_of(output, environment) for output in matched]
    if term.table.hit_policy == UNIQUE:
        return values[0]
    return None if None in values else reduce(EXACT.add, values)
