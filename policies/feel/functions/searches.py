"""Regular expressions on both engines; see `policies.feel.patterns` for what they may hold."""

from __future__ import annotations

import re

from policies.feel.functions.table import Function
from policies.feel.kinds import FeelType, ListOf

STRING = FeelType.STRING


def _matches(text: str, pattern: str) -> bool:
    return re.search(pattern, text) is not None


def _replace(text: str, pattern: str, replacement: str) -> str:
    return re.sub(pattern, replacement, text)


def _split(text: str, pattern: str) -> list[str]:
    return re.split(pattern, text)


# The collation has no say: a pattern names its characters by code points.
MATCHES = Function(
    "matches", (("input", STRING), ("pattern", STRING)), FeelType.BOOLEAN, _matches,
    '(({input}) COLLATE "C" ~ {pattern})',
)  # fmt: skip
REPLACE = Function(
    "replace", (("input", STRING), ("pattern", STRING), ("replacement", STRING)), STRING, _replace,
    "regexp_replace(({input}) COLLATE \"C\", {pattern}, {replacement}, 'g')",
)  # fmt: skip
SPLIT = Function(
    "split", (("string", STRING), ("delimiter", STRING)), ListOf(STRING), _split,
    'regexp_split_to_array(({string}) COLLATE "C", {delimiter})',
)  # fmt: skip
