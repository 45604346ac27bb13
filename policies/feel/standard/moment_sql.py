"""Pieces of the SQL of moments; a moment is a JSON list of exact seconds, offset and zone."""

from __future__ import annotations

from typing import LiteralString

from policies.feel.standard.moments import END_SECOND, FIRST_SECOND


def seconds_of(x: LiteralString) -> LiteralString:
    return f"(({x}) ->> 0)::numeric"


def offset_of(x: LiteralString) -> LiteralString:
    return f"(({x}) ->> 1)::numeric"


def moment_sql(seconds: LiteralString, offset: LiteralString, zone: LiteralString) -> LiteralString:
    return f"jsonb_build_array(trim_scale({seconds})::text, {offset}, {zone})"


def clock_of(seconds: LiteralString) -> LiteralString:
    return f"mod(mod({seconds}, 86400) + 86400, 86400)"


def same_place(x: LiteralString) -> LiteralString:
    return f"{offset_of(x)} AS o, ({x}) ->> 2 AS z"


IN_RANGE: LiteralString = f"m.s >= {FIRST_SECOND} AND m.s < {END_SECOND}"

# The moment {x} as the same day of a year from 2000 to 2399 (d.date), eras away from it, and the seconds since
# midnight. Every step is a query of its own, so that the planner copies nothing and no cast can fail.
DAY: LiteralString = f"""(
    SELECT date '2000-01-01' + c.rest::int AS date, div(c.days - c.rest, 146097) AS era, c.clock
    FROM (
        SELECT b.days, mod(mod(b.days, 146097) + 146097, 146097) AS rest, b.clock
        FROM (
            SELECT div(a.s - a.clock, 86400) - 10957 AS days, a.clock
            FROM (
                SELECT e.s, {clock_of("e.s")} AS clock FROM (SELECT {seconds_of("{x}")} AS s OFFSET 0) AS e OFFSET 0
            ) AS a OFFSET 0
        ) AS b OFFSET 0
    ) AS c OFFSET 0
) AS d"""


def of_day(expression: LiteralString, x: LiteralString) -> LiteralString:
    """An expression over `d` for the moment in the parameter `x`."""
    return f"(SELECT {expression} FROM {DAY.replace('{x}', '{' + x + '}')})"


YEAR: LiteralString = "extract(year FROM d.date) + 400 * d.era"
