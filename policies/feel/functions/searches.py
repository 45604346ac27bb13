"""Regular expressions on both engines; see `policies.feel.standard.patterns` for what they may hold."""

from __future__ import annotations

import re

from policies.feel.functions.table import Function
from policies.feel.types.types import FeelType, ListOf

STRING = FeelType.STRING
LIMIT_TEXT = 500  # A longer text gives null: Python's time grows with the third power of its length.


def _matches(text: str, pattern: str) -> bool | None:
    return None if len(text) > LIMIT_TEXT else re.search(pattern, text) is not None


def _replace(text: str, pattern: str, replacement: str) -> str | None:
    return None if len(text) > LIMIT_TEXT else re.sub(pattern, replacement, text)


def _split(text: str, pattern: str) -> list[str] | None:
    return None if len(text) > LIMIT_TEXT else re.split(pattern, text)


# The collation has no say: a pattern names its characters by code points.
MATCHES = Function(
    "matches", (("input", STRING), ("pattern", STRING)), FeelType.BOOLEAN, _matches,
    'CASE WHEN length({input}) <= 500 THEN ({input}) COLLATE "C" ~ {pattern} END',
)  # fmt: skip
REPLACE = Function(
    "replace", (("input", STRING), ("pattern", STRING), ("replacement", STRING)), STRING, _replace,
    "CASE WHEN length({input}) <= 500"
    " THEN regexp_replace(({input}) COLLATE \"C\", {pattern}, {replacement}, 'g') END",
)  # fmt: skip
SPLIT = Function(
    "split", (("string", STRING), ("delimiter", STRING)), ListOf(STRING), _split,
    'CASE WHEN length({string}) <= 500 THEN regexp_split_to_array(({string}) COLLATE "C", {delimiter}) END',
)  # fmt: skip
