"""
Facts given by hand, as JSON: for officers' example cases, for the command line, and for the public test kit.

They become a catalogue of their own, so that the same checker and the same two engines answer for them.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from psycopg.sql import SQL, Composable, Identifier

from companies.datasets.catalogue import Absence, Catalogue, Fact, FactGroup, FactType
from policies.feel.sql.fact_joins import FactJoins
from policies.feel.sql.literals import typed_literal
from policies.feel.standard.moments import format_moment, parse_date_time, parse_time
from policies.feel.terms import Expression
from policies.feel.types.types import type_of
from policies.feel.types.values import (
    DateTime,
    Days,
    Months,
    Scalar,
    Time,
    format_duration,
    format_number,
    parse_date,
    parse_duration,
)

LONGEST_NUMBER = 100
LONGEST_NAME_BYTES = 60  # PostgreSQL cuts identifiers at 63 bytes.
SUBJECT = "subject"

Answer = Any  # JSON: None, bool, str, {"number": …} and the like, or a list or object of these.


class BadFacts(ValueError):
    """Facts that are not a JSON object; the argument is a whole sentence."""


class _LeftOut(ValueError):
    """A value that the rule language has no type for; the argument names it."""


@dataclass(frozen=True, slots=True)
class JsonFacts:
    """Facts given by hand: the catalogue they make, their values, and those that have no type here, with the reason."""

    catalogue: Catalogue
    facts: Mapping[str, Any]
    left_out: Mapping[str, str]


@dataclass(slots=True)
class _Builder:
    groups: dict[str, FactGroup] = field(default_factory=dict)
    values: dict[str, Fact] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


def read_facts(facts: object) -> JsonFacts:
    """
    Read facts from JSON: scalars are bare values, objects are records, lists of objects are lists of records.

    A number may be a JSON number or {"number": "1.5"}; a date is {"date": "2024-03-31"}, a duration
    {"duration": "P1Y"}. JSON is expected to have been read with `parse_float=Decimal`.

    Raises:
        BadFacts: the facts are not an object.
    """
    if facts is None:
        facts = {}
    if not isinstance(facts, dict):
        raise BadFacts("The facts must be a JSON object of names and values.")
    builder = _Builder()
    for name, value in facts.items():
        _read(name, value, builder)
    return JsonFacts(Catalogue(builder.groups, builder.values), builder.facts, builder.left_out)


def _read(name: str, value: object, builder: _Builder) -> None:
    try:
        _check_name(name)
        if isinstance(value, dict) and not _is_tagged(value):
            builder.groups[name], builder.facts[name] = _read_records(name, [value], builder, is_list=False)
        elif isinstance(value, list) and any(isinstance(item, dict) and not _is_tagged(item) for item in value):
            builder.groups[name], builder.facts[name] = _read_records(name, value, builder, is_list=True)
        else:
            builder.facts[name] = (
                [_read_scalar(item) for item in value] if isinstance(value, list) else _read_scalar(value)
            )
            builder.values[name] = _describe_value(name, builder.facts[name])
    except _LeftOut as reason:
        builder.facts.pop(name, None)
        builder.left_out[name] = str(reason)


def _check_name(name: str) -> None:
    if len(name.encode()) > LONGEST_NAME_BYTES or not re.fullmatch(r"[^\W\d]\w*( \w+)*", name):
        raise _LeftOut("a name that the rule language cannot write")


def _describe_value(name: str, value: object) -> Fact:
    values = value if isinstance(value, list) else [value]
    return Fact(name, name, name, _shared_type_of(values), name, is_list=isinstance(value, list))


def _read_records(name: str, rows: Sequence[object], builder: _Builder, *, is_list: bool) -> tuple[FactGroup, Any]:
    if not all(isinstance(row, dict) and not _is_tagged(row) for row in rows):
        raise _LeftOut("a list that mixes records and other values")
    records: list[dict[str, Any]] = [dict(row) for row in rows if isinstance(row, dict)]
    facts = {}
    for fact in dict.fromkeys(key for record in records for key in record):
        try:
            _check_name(fact)
            column = [_read_scalar(record.get(fact)) for record in records]
            facts[fact] = Fact(fact, fact, fact, _shared_type_of(column), fact)
        except _LeftOut as reason:
            builder.left_out[fact] = str(reason)
    group = FactGroup(
        name=name, name_zh=name, name_en=name, dataset=name, department="", relation=f"given {name}",
        owner_column="owner", is_list=is_list, facts=facts, absence=Absence.NONE,
    )  # fmt: skip
    read = [{fact: _read_scalar(record.get(fact)) for fact in facts} for record in records]
    return group, read if is_list else read[0]


def _is_tagged(value: Mapping[str, object]) -> bool:
    return len(value) == 1 and next(iter(value)) in ("number", "date", "dateTime", "time", "duration")


def _read_scalar(value: object) -> Scalar:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _read_text(value)
    if isinstance(value, int | Decimal):
        return _read_number(str(value))
    if isinstance(value, dict) and _is_tagged(value):
        return _read_tagged(*next(iter(value.items())))
    raise _LeftOut("a list or record inside another" if isinstance(value, list | dict) else "a value without a type")


def _read_tagged(tag: str, value: object) -> Scalar:
    if not isinstance(value, str):
        raise _LeftOut(f"a {tag} that is not written as text")
    if tag == "number":
        return _read_number(value)
    read = READERS[tag](value)
    if read is None:
        raise _LeftOut(f"the {tag} {value}")
    if isinstance(read, DateTime | Time) and read.zone:
        raise _LeftOut(f"the named time zone of {value}")
    return read


READERS: dict[str, Callable[[str], Scalar]] = {
    "date": parse_date,
    "dateTime": parse_date_time,
    "time": parse_time,
    "duration": parse_duration,
}


def _read_number(written: str) -> Decimal:
    try:
        number = Decimal(written)
    except InvalidOperation:
        raise _LeftOut(f"the number {written}") from None
    if not number.is_finite() or abs(number.adjusted()) > LONGEST_NUMBER or len(f"{number:f}") > LONGEST_NUMBER:
        raise _LeftOut(f"a number of more than {LONGEST_NUMBER} digits")
    return number


def _read_text(value: str) -> str:
    if "\x00" in value or any(0xD800 <= ord(character) <= 0xDFFF for character in value):
        raise _LeftOut("a text with a character that the database cannot store")
    return value


def _shared_type_of(values: Iterable[Any]) -> FactType:
    kinds = {FactType(type_of(value)) for value in values if value is not None}
    if len(kinds) > 1:
        raise _LeftOut("a list that mixes several kinds of values")
    return kinds.pop() if kinds else FactType.NULL


def compile_statement(expression: Expression, facts: JsonFacts) -> Composable:
    """One SELECT of one value, with the facts as typed relations."""
    joins = FactJoins(
        facts.catalogue,
        owners={"company": SQL("subject.owner")},
        bound={"": Identifier(SUBJECT)},
    )
    value = joins.value(expression)
    relations = [_write_relation(group, facts.facts[name]) for name, group in facts.catalogue.groups.items()]
    values = [SQL("1 AS owner")] + [
        SQL("{} AS {}").format(typed_literal(facts.facts[name], fact), Identifier(fact.column))
        for name, fact in facts.catalogue.values.items()
    ]
    relations.append(SQL("{} AS (SELECT {})").format(Identifier(SUBJECT), SQL(", ").join(values)))
    return SQL("WITH {} SELECT {} FROM subject {}").format(SQL(", ").join(relations), value, joins.joins())


def _write_relation(group: FactGroup, value: Any) -> Composable:
    rows = value if group.is_list else [value]
    columns = [Identifier(group.owner_column), *(Identifier(fact.column) for fact in group.facts.values())]
    written = [
        SQL("({})").format(
            SQL(", ").join([SQL("1"), *(typed_literal(row[name], fact) for name, fact in group.facts.items())])
        )
        for row in rows
    ]
    return SQL("{} ({}) AS (VALUES {})").format(
        Identifier(group.relation), SQL(", ").join(columns), SQL(", ").join(written)
    )


def write_answer(value: object) -> Answer:
    """A value as the test kit writes it."""
    if isinstance(value, list):
        return [write_answer(item) for item in value]
    if isinstance(value, dict):
        return {name: write_answer(item) for name, item in value.items()}
    if isinstance(value, Decimal):
        return {"number": format_number(value)}
    if isinstance(value, Days | Months):
        return {"duration": format_duration(value)}
    if isinstance(value, DateTime | Time):
        return {"dateTime" if isinstance(value, DateTime) else "time": format_moment(value)}
    return {"date": value.isoformat()} if isinstance(value, dt.date) else value
