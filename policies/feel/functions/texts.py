"""Text: counted in characters, ordered by code point, whatever the database's collation."""

from __future__ import annotations

from decimal import Decimal
from typing import LiteralString

from policies.feel.functions.table import Function
from policies.feel.types.types import FeelType

STRING = FeelType.STRING
NUMBER = FeelType.NUMBER
BOOLEAN = FeelType.BOOLEAN


def substring(string: str, start_position: Decimal, length: Decimal | None = None) -> str | None:
    """The part from a position, counted from 1, or from the end when negative; null for position 0."""
    start = int(start_position)
    if start == 0 or (length is not None and int(length) < 1):
        return None
    first = start - 1 if start > 0 else max(len(string) + start, 0)
    return string[first:] if length is None else string[first : first + int(length)]


# Positions beyond any text are cut down before they become integers, so that none overflows.
_FIRST: LiteralString = (
    "CASE WHEN {start position} >= 1 THEN trunc(least({start position}, 1e9))::int"
    " WHEN {start position} <= -1"
    " THEN greatest(length({string}) + trunc(greatest({start position}, -1e9))::int + 1, 1) END"
)
_SUBSTRING: LiteralString = "substr({string}, " + _FIRST + ")"
_SUBSTRING_OF_LENGTH: LiteralString = (
    "substr({string}, " + _FIRST + ", CASE WHEN {length} >= 1 THEN trunc(least({length}, 1e9))::int END)"
)


def _before(string: str, match: str) -> str:
    return string.partition(match)[0] if match and match in string else ""


def _after(string: str, match: str) -> str:
    return string.partition(match)[2] if match else string


_S = (("string", STRING),)
_S_MATCH = (("string", STRING), ("match", STRING))
_AB = (("a", STRING), ("b", STRING))
_FROM = (("string", STRING), ("start position", NUMBER))


# Beyond it no character has a case.
LAST_WITH_CASE = 0x1E943


def _cases(change: str) -> tuple[str, str, str]:
    """
    The characters that a change of case changes, their replacements, and the characters that become several.

    One table serves both engines, because the database's own depends on its locale. A final sigma depends on its place,
    so it counts among the last.
    """
    characters = [chr(code) for code in range(1, LAST_WITH_CASE + 1) if not 0xD800 <= code <= 0xDFFF]
    changed = [(old, getattr(old, change)()) for old in characters]
    pairs = [(old, new) for old, new in changed if old != new and len(new) == 1 and (old, change) != ("Σ", "lower")]
    several = "".join(old for old, new in changed if len(new) > 1) + ("Σ" if change == "lower" else "")
    return "".join(old for old, _ in pairs), "".join(new for _, new in pairs), several


def _change_of_case(name: str, change: str) -> Function:
    old, new, several = _cases(change)
    table = str.maketrans(old, new)

    def changed(string: str) -> str | None:
        return None if set(string) & set(several) else string.translate(table)

    # The three tables are constants of this module; none of them holds a quote, a brace or a percent sign.
    unless = f"CASE WHEN translate({{string}}, '{several}', '') = {{string}}"
    return Function(name, _S, STRING, changed, f"{unless} THEN translate({{string}}, '{old}', '{new}') END")


FUNCTIONS: list[Function] = [
    Function("+", _AB, STRING, str.__add__, "({a} || {b})"),
    Function("string length", _S, NUMBER, lambda string: Decimal(len(string)), "length({string})::numeric"),
    Function("contains", _S_MATCH, BOOLEAN, str.__contains__, "(strpos({string}, {match}) > 0)"),
    Function("starts with", _S_MATCH, BOOLEAN, str.startswith, "starts_with({string}, {match})"),
    Function("ends with", _S_MATCH, BOOLEAN, str.endswith, "(right({string}, length({match})) = {match})"),
    Function("substring", _FROM, STRING, substring, _SUBSTRING),
    Function("substring", (*_FROM, ("length", NUMBER)), STRING, substring, _SUBSTRING_OF_LENGTH),
    Function("substring before", _S_MATCH, STRING, _before,
             "left({string}, greatest(strpos({string}, {match}) - 1, 0))"),
    Function("substring after", _S_MATCH, STRING, _after,
             "CASE WHEN strpos({string}, {match}) > 0"
             " THEN substr({string}, strpos({string}, {match}) + length({match}))"
             " WHEN {match} IS NOT NULL AND {string} IS NOT NULL THEN '' END"),
    Function("string", (("from", STRING),), STRING, str, "{from}"),
    _change_of_case("upper case", "upper"),
    _change_of_case("lower case", "lower"),
]  # fmt: skip
