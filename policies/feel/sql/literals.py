"""Writes values and types as SQL, and reads the database's answers back."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any, LiteralString

from psycopg.sql import SQL, Composable, Literal

from companies.datasets.catalogue import Fact
from policies.feel.standard.moments import as_json
from policies.feel.types.types import FACT_TYPES, ContextOf, FeelType, ListOf, MixedListOf, Type
from policies.feel.types.values import DateTime, Days, Months, Scalar, Time

COLUMN_TYPES: dict[FeelType, LiteralString] = {
    FeelType.NUMBER: "numeric",
    FeelType.STRING: "text",
    FeelType.BOOLEAN: "boolean",
    FeelType.DATE: "date",
    FeelType.DAYS: "numeric",
    FeelType.MONTHS: "numeric",
    FeelType.DATE_TIME: "jsonb",
    FeelType.TIME: "jsonb",
    FeelType.NULL: "text",
}


READ: dict[FeelType, Callable[[Any], Any]] = {
    FeelType.DAYS: Days,
    FeelType.MONTHS: lambda months: Months(int(months)),
    FeelType.DATE_TIME: lambda kept: DateTime(*_parts(kept)),
    FeelType.TIME: lambda kept: Time(*_parts(kept)),
}


def _parts(kept: str | list[Any]) -> tuple[Decimal, int | None, str | None]:
    # Django's connections leave JSON as text.
    seconds, offset, zone = json.loads(kept) if isinstance(kept, str) else kept
    return Decimal(seconds), offset, zone


def column_type(type_: Type) -> Composable:
    """The column type of a value or a list of values."""
    if isinstance(type_, ListOf):
        return SQL("{}[]").format(SQL(COLUMN_TYPES[type_.element]))
    assert isinstance(type_, FeelType)
    return SQL(COLUMN_TYPES[type_])


def null(type_: Type) -> Composable:
    """A typed NULL."""
    return SQL("NULL::{}").format(column_type(type_))


def literal(value: Scalar) -> Composable:
    """A value, quoted; it holds no "%"."""
    if isinstance(value, Days):
        return Literal(value.seconds)
    if isinstance(value, Months):
        return Literal(value.months)
    if isinstance(value, DateTime | Time):
        return Literal(json.dumps(as_json(value)))
    if isinstance(value, str) and "%" in value:
        # A statement that has parameters of its own would take "%" for one.
        return SQL("({})").format(SQL(" || chr(37) || ").join(Literal(part) for part in value.split("%")))
    return Literal(value)


def typed_literal(value: Scalar | list[Scalar], fact: Fact) -> Composable:
    """A value given by hand, with the type that the compiled rules expect of its column."""
    kind = FACT_TYPES[fact.type]
    if not isinstance(value, list):
        return SQL("{}::{}").format(literal(value), column_type(kind))
    items = SQL(", ").join(literal(item) for item in value)
    return SQL("ARRAY[{}]::{}").format(items, column_type(ListOf(kind)))


def answer_from(value: Any, type_: Type) -> Any:
    """A value that the database returned, as the other engine would have it."""
    if isinstance(type_, ContextOf | MixedListOf):
        return _structure_from(json.loads(value) if isinstance(value, str) else value, type_)
    if isinstance(value, list):
        assert isinstance(type_, ListOf)
        return [answer_from(item, type_.element) for item in value]
    read = READ.get(type_) if isinstance(type_, FeelType) else None
    return read(value) if read and value is not None else value


def _structure_from(value: Any, type_: Type) -> Any:
    """What JSON holds of a structure; its single values stand in it as texts."""
    if isinstance(type_, ContextOf):
        return {name: _structure_from(value[name], kind) for name, kind in zip(type_.names, type_.types, strict=True)}
    if isinstance(type_, MixedListOf):
        return [_structure_from(item, kind) for item, kind in zip(value, type_.types, strict=True)]
    if value is None:
        return None
    if isinstance(type_, ListOf):
        return [_structure_from(item, type_.element) for item in value]
    assert isinstance(type_, FeelType)
    return WRITTEN.get(type_, str)(value)


WRITTEN: dict[FeelType, Callable[[str], Any]] = {
    FeelType.NUMBER: Decimal,
    FeelType.BOOLEAN: "true".__eq__,
    FeelType.DATE: dt.date.fromisoformat,
    FeelType.DAYS: lambda text: Days(Decimal(text)),
    FeelType.MONTHS: lambda text: Months(int(Decimal(text))),
    FeelType.DATE_TIME: READ[FeelType.DATE_TIME],
    FeelType.TIME: READ[FeelType.TIME],
}
