"""Functions that read moments from texts and write them as texts, for both engines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, LiteralString

from policies.feel.functions.table import Function
from policies.feel.standard.moment_sql import DAY, IN_RANGE, YEAR, moment_sql, same_place, seconds_of
from policies.feel.standard.moments import (
    CLOCK_PATTERN,
    DATE_PATTERN,
    OFFSET_PATTERN,
    format_moment,
    parse_date_time,
    parse_time,
)
from policies.feel.types.types import FeelType

STRING, DATE_TIME, TIME = FeelType.STRING, FeelType.DATE_TIME, FeelType.TIME


def _read_sql(pattern: LiteralString, seconds: LiteralString, guard: LiteralString, place: int) -> LiteralString:
    """What a text says, by the parts p.m of a regular expression; the place is the part with this number."""
    written = pattern.replace("{", "{{").replace("}", "}}")
    number = str(place)
    return f"""(
    SELECT CASE WHEN m.s IS NOT NULL{guard} THEN {moment_sql("m.s", "m.o", "NULL::text")} END
    FROM (
        SELECT {seconds} AS s, CASE WHEN p.m[{number}] = 'Z' THEN 0 WHEN p.m[{number}] <> '' THEN
            (CASE WHEN left(p.m[{number}], 1) = '-' THEN -1 ELSE 1 END) * (substr(p.m[{number}], 2, 2)::int * 3600
            + substr(p.m[{number}], 5, 2)::int * 60 + coalesce(nullif(substr(p.m[{number}], 8, 2), ''), '0')::int) END
            AS o
        FROM (SELECT regexp_match({{from}}, '{written}') AS m OFFSET 0) AS p OFFSET 0
    ) AS m
)"""


def _clock_sql(first: int) -> LiteralString:
    hour, minute, second = (f"p.m[{first + step}]" for step in range(3))
    return f"{hour}::int * 3600 + {minute}::int * 60 + {second}::numeric"


# A day that its month does not have is no day; the month's length is that of the same year from 2000 to 2399.
_YEAR_OF_ERA: LiteralString = "(2000 + mod(mod(p.m[1]::int, 400) + 400, 400))"
_FIRST_OF_MONTH: LiteralString = f"make_date({_YEAR_OF_ERA}, p.m[2]::int, 1)"
DAYS_READ: LiteralString = f"""CASE WHEN p.m[1]::int <> 0
    AND p.m[3]::int <= extract(day FROM {_FIRST_OF_MONTH} + interval '1 month -1 day') THEN
    {_FIRST_OF_MONTH} - date '1970-01-01' + p.m[3]::int - 1
    + 146097 * div((p.m[1]::int - {_YEAR_OF_ERA})::numeric, 400) END"""
READ_DATE_TIME: LiteralString = _read_sql(
    f"^{DATE_PATTERN}(?:T{CLOCK_PATTERN}({OFFSET_PATTERN})?)?$",
    f"({DAYS_READ}) * 86400 + coalesce({_clock_sql(4)}, 0)",
    f" AND ({IN_RANGE})",
    7,
)
READ_TIME: LiteralString = _read_sql(f"^{CLOCK_PATTERN}({OFFSET_PATTERN})?$", f"mod({_clock_sql(1)}, 86400)", "", 4)


def _unnamed(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """Only a rule may name a zone, not a department's text."""

    def unnamed(text: str) -> Any:
        found = read(text)
        return None if found is None or found.zone else found

    return unnamed


def _string(kind: FeelType) -> Function:
    seconds = "trunc(mod(m.clock, 60))::int::text"
    clock_text = (
        "lpad(div(m.clock, 3600)::text, 2, '0') || ':' || lpad(div(mod(m.clock, 3600), 60)::text, 2, '0') || ':'"
        f" || lpad({seconds}, 2, '0')"
        " || CASE WHEN mod(m.clock, 1) = 0 THEN '' ELSE substr(trim_scale(mod(m.clock, 1))::text, 2) END"
    )
    offset = (
        "CASE WHEN m.z IS NOT NULL THEN '@' || m.z WHEN m.o IS NULL THEN '' WHEN m.o = 0 THEN 'Z' ELSE"
        " CASE WHEN m.o < 0 THEN '-' ELSE '+' END || lpad(div(abs(m.o), 3600)::text, 2, '0')"
        " || ':' || lpad(div(mod(abs(m.o), 3600), 60)::text, 2, '0')"
        " || CASE WHEN mod(abs(m.o), 60) = 0 THEN '' ELSE ':' || lpad(mod(abs(m.o), 60)::text, 2, '0') END END"
    )
    if kind == TIME:
        source = f"(SELECT {seconds_of('{from}')} AS clock, {same_place('{from}')} OFFSET 0) AS m"
        return Function(
            "string", (("from", kind),), STRING, format_moment, f"(SELECT {clock_text} || {offset} FROM {source})"
        )
    date_text = (
        "CASE WHEN m.year < 0 THEN '-' ELSE '' END"
        " || lpad(abs(m.year)::text, greatest(length(abs(m.year)::text), 4), '0')"
        " || to_char(m.date, '-MM-DD') || 'T'"
    )
    day = DAY.replace("{x}", "{from}")
    source = f"(SELECT d.*, {YEAR} AS year, {same_place('{from}')} FROM {day} OFFSET 0) AS m"
    sql = f"(SELECT {date_text} || {clock_text} || {offset} FROM {source})"
    return Function("string", (("from", kind),), STRING, format_moment, sql)


FUNCTIONS: list[Function] = [
    Function("date and time", (("from", STRING),), DATE_TIME, _unnamed(parse_date_time), READ_DATE_TIME),
    Function("time", (("from", STRING),), TIME, _unnamed(parse_time), READ_TIME),
    _string(DATE_TIME),
    _string(TIME),
]
