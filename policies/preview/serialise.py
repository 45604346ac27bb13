"""Converts the dataclasses of figures to JSON and back, without losing a fen."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, fields
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from django.core.serializers.json import DjangoJSONEncoder

Figures = TypeVar("Figures")


def as_json(figures: Any) -> dict[str, Any]:
    """The figures of a dataclass as JSON values; decimals and dates become text."""
    values: dict[str, Any] = json.loads(json.dumps(asdict(figures), cls=DjangoJSONEncoder))
    return values


def from_json(kind: type[Figures], values: dict[str, Any]) -> Figures:
    """The figures from what `as_json` wrote; a field that did not exist then gets its default."""
    types = get_type_hints(kind)
    told = [field.name for field in fields(kind) if field.name in values]  # type: ignore[arg-type]
    read = {name: _read(types[name], values[name]) for name in told}
    return kind(**read)


def _read(kind: Any, value: Any) -> Any:
    if isinstance(kind, UnionType):
        return None if value is None else _read(next(one for one in get_args(kind) if one is not NoneType), value)
    if get_origin(kind) is tuple:
        return tuple(_read(get_args(kind)[0], one) for one in value)
    if hasattr(kind, "__dataclass_fields__"):
        return from_json(kind, value)
    if kind is Decimal:
        return Decimal(value)
    if kind is dt.date:
        return dt.date.fromisoformat(value)
    return value
