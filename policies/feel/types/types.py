"""The types of the rule language."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from companies.datasets.catalogue import FactGroup, FactType
from policies.feel.types.values import DateTime, Days, Months, Scalar, Time


class FeelType(StrEnum):
    """
    A kind of single value.

    In both engines a number is an exact decimal, a date a calendar day, `DAYS` (FEEL's days and time duration)
    a decimal count of seconds and `MONTHS` (years and months duration) a whole count of months. `DATE_TIME` and `TIME`
    are seconds, the offset from UTC and the name of the zone; SQL keeps the three as one JSON list.
    """

    NUMBER = "number"
    STRING = "string"
    BOOLEAN = "boolean"
    DATE = "date"
    DAYS = "days and time duration"
    MONTHS = "years and months duration"
    DATE_TIME = "date and time"
    TIME = "time"
    NULL = "null"


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of single values."""

    element: FeelType


@dataclass(frozen=True, slots=True)
class RecordsOf:
    """A list of records of one group, such as `tax[year = 2019]` before a fact of it is named."""

    group: FactGroup


@dataclass(frozen=True, slots=True)
class RecordOf:
    """One record of a group: `company`, or the item of a filter."""

    group: FactGroup


@dataclass(frozen=True, slots=True)
class RangeOf:
    """A range of values, such as `[1..10]`."""

    element: FeelType


@dataclass(frozen=True, slots=True)
class ContextOf:
    """A context: values by name."""

    names: tuple[str, ...]
    types: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class MixedListOf:
    """A written list that holds lists, contexts or ranges, maybe beside single values."""

    types: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class FunctionType:
    """A function that a rule writes itself."""


TYPE_WORDS: dict[FeelType, tuple[str, str]] = {
    FeelType.NUMBER: ("a number", "数字"),
    FeelType.STRING: ("text", "文字"),
    FeelType.BOOLEAN: ("yes or no", "是非值"),
    FeelType.DATE: ("a date", "日期"),
    FeelType.DAYS: ("a duration in days", "天数时长"),
    FeelType.MONTHS: ("a duration in months", "月数时长"),
    FeelType.DATE_TIME: ("a date and time", "日期时间"),
    FeelType.TIME: ("a time of day", "时刻"),
    FeelType.NULL: ("null", "空值"),
}

# Structures are taken apart when a rule is checked; only their single values ever reach an engine.
Structure = RangeOf | ContextOf | MixedListOf | FunctionType
Type = FeelType | ListOf | RecordsOf | RecordOf | Structure

STRUCTURE_WORDS: dict[type, tuple[str, str]] = {
    RangeOf: ("a range", "区间"),
    ContextOf: ("a context", "上下文"),
    MixedListOf: ("a list of lists or contexts", "嵌套列表"),
    FunctionType: ("a function", "函数"),
}

MOMENTS = frozenset({FeelType.DATE_TIME, FeelType.TIME})
# What a column of a database orders as FEEL does; moments have an order too, but not that of their JSON.
ORDERED = frozenset({FeelType.NUMBER, FeelType.STRING, FeelType.DATE, FeelType.DAYS, FeelType.MONTHS, FeelType.NULL})


def words(type_: Type) -> tuple[str, str]:
    """A type as people say it, in English and in Chinese."""
    if isinstance(type_, RecordOf):
        return f"a whole record of “{type_.group.name}”", f"“{type_.group.name_zh}”的整条记录"
    if isinstance(type_, RecordsOf):
        return f"the records of “{type_.group.name}”", f"“{type_.group.name_zh}”的记录"
    if isinstance(type_, Structure):
        return STRUCTURE_WORDS[type(type_)]
    if isinstance(type_, ListOf):
        english, chinese = TYPE_WORDS[type_.element]
        return f"a list ({english.removeprefix('a ')})", f"{chinese}列表"
    return TYPE_WORDS[type_]


_PYTHON_TYPES: tuple[tuple[type, FeelType], ...] = (
    (bool, FeelType.BOOLEAN),
    (Decimal, FeelType.NUMBER),
    (str, FeelType.STRING),
    (dt.date, FeelType.DATE),
    (Days, FeelType.DAYS),
    (Months, FeelType.MONTHS),
    (DateTime, FeelType.DATE_TIME),
    (Time, FeelType.TIME),
)


def type_of(value: Scalar) -> FeelType:
    """The type of a value that Python holds."""
    return next((kind for python, kind in _PYTHON_TYPES if isinstance(value, python)), FeelType.NULL)


FACT_TYPES: dict[FactType, FeelType] = {
    FactType.NUMBER: FeelType.NUMBER,
    FactType.STRING: FeelType.STRING,
    FactType.BOOLEAN: FeelType.BOOLEAN,
    FactType.DATE: FeelType.DATE,
    FactType.DAYS: FeelType.DAYS,
    FactType.MONTHS: FeelType.MONTHS,
    FactType.DATE_TIME: FeelType.DATE_TIME,
    FactType.TIME: FeelType.TIME,
    FactType.NULL: FeelType.NULL,
}
