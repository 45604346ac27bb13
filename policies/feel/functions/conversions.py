"""Functions that write values as texts or read numbers from texts, for both engines."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import LiteralString

from policies.feel.functions.table import Function
from policies.feel.types.types import FeelType
from policies.feel.types.values import format_duration, format_number

NUMBER, STRING, BOOLEAN = FeelType.NUMBER, FeelType.STRING, FeelType.BOOLEAN
DAYS, MONTHS = FeelType.DAYS, FeelType.MONTHS
LONGEST_NUMBER = 40

_NUMBER = re.compile(r"-?([0-9]+([.][0-9]+)?|[.][0-9]+)")


def _number(text: str, grouping: str | None, point: str | None) -> Decimal | None:
    """A number with these separators; null when it is none, or the separators are not the standard's."""
    if grouping not in (None, " ", ",", ".") or point not in (None, ",", ".") or (grouping and grouping == point):
        return None
    digits = text.replace(grouping, "") if grouping else text
    if point == ",":
        digits = digits.replace(".", "?").replace(",", ".")
    if len(digits) > LONGEST_NUMBER or not _NUMBER.fullmatch(digits):
        return None
    return Decimal(digits)


_READ: LiteralString = """(
    SELECT CASE WHEN length(d.digits) <= 40 AND d.digits ~ '^-?([0-9]+([.][0-9]+)?|[.][0-9]+)$'
        THEN d.digits::numeric END
    FROM (
        SELECT CASE WHEN {decimal separator} = ',' THEN replace(replace(g.digits, '.', '?'), ',', '.')
            ELSE g.digits END AS digits
        FROM (SELECT replace({from}, coalesce({grouping separator}, ''), '') AS digits OFFSET 0) AS g
        WHERE coalesce({grouping separator}, ' ') IN (' ', ',', '.')
            AND coalesce({decimal separator}, '.') IN (',', '.')
            AND coalesce({grouping separator} <> {decimal separator}, true)
        OFFSET 0
    ) AS d
)"""

_MONTHS_TEXT: LiteralString = (
    "CASE WHEN {from} = 0 THEN 'P0M' WHEN {from} IS NOT NULL THEN CASE WHEN {from} < 0 THEN '-' ELSE '' END || 'P'"
    " || CASE WHEN abs({from}) >= 12 THEN div(abs({from}), 12)::text || 'Y' ELSE '' END"
    " || CASE WHEN mod({from}, 12) <> 0 THEN trim_scale(mod(abs({from}), 12))::text || 'M' ELSE '' END END"
)
_DAYS_TEXT: LiteralString = (
    "CASE WHEN {from} = 0 THEN 'PT0S' WHEN {from} IS NOT NULL THEN CASE WHEN {from} < 0 THEN '-' ELSE '' END || 'P'"
    " || CASE WHEN abs({from}) >= 86400 THEN div(abs({from}), 86400)::text || 'D' ELSE '' END"
    " || CASE WHEN mod({from}, 86400) <> 0 THEN 'T' ELSE '' END"
    " || CASE WHEN mod(abs({from}), 86400) >= 3600 THEN div(mod(abs({from}), 86400), 3600)::text || 'H' ELSE '' END"
    " || CASE WHEN mod(abs({from}), 3600) >= 60 THEN div(mod(abs({from}), 3600), 60)::text || 'M' ELSE '' END"
    " || CASE WHEN mod({from}, 60) <> 0 THEN trim_scale(mod(abs({from}), 60))::text || 'S' ELSE '' END END"
)

_SEPARATORS = (("from", STRING), ("grouping separator", STRING), ("decimal separator", STRING))

FUNCTIONS: list[Function] = [
    Function("string", (("from", NUMBER),), STRING, format_number, "trim_scale({from})::text"),
    Function("string", (("from", BOOLEAN),), STRING, lambda value: str(value).lower(),
             "CASE WHEN {from} THEN 'true' WHEN NOT {from} THEN 'false' END"),
    Function("string", (("from", MONTHS),), STRING, format_duration, _MONTHS_TEXT),
    Function("string", (("from", DAYS),), STRING, format_duration, _DAYS_TEXT),
    Function("number", _SEPARATORS, NUMBER, _number, _READ, frozenset({"grouping separator", "decimal separator"})),
]  # fmt: skip
