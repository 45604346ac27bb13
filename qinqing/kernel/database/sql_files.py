"""
Statements that stand in `.sql` files of their own.

A file `sql/<name>` stands beside the module that uses it. What only the code knows, such as the table of
moves, stands in the file as a placeholder, `{{moves}}`, which `read_sql` fills in. There is no other syntax: apart from
placeholders, a file is SQL that PostgreSQL parses.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import LiteralString

PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")
_TOKEN = re.compile(r"'(?:[^']|'')*'|(?:--[^\n]*|\s)+")


class PlaceholdersDiffer(Exception):
    """A file has other placeholders than its reader fills in."""


def read_sql(package: str, name: str, **placeholders: str) -> LiteralString:
    """
    The text of `sql/<name>` in the package, with its placeholders filled in.

    The reader passes `__package__`. Nothing that a user wrote may be filled in: values are parameters of the statement,
    such as `%(ids)s`, and a percent sign of a statement with parameters is written twice.

    Raises:
        PlaceholdersDiffer: the file has a placeholder that is not given, or lacks one that is.
    """
    text = _text(package, name)
    if (wanted := set(PLACEHOLDER.findall(text))) != set(placeholders):
        given = ", ".join(sorted(placeholders))
        raise PlaceholdersDiffer(f"{package}/sql/{name} has {{{', '.join(sorted(wanted))}}}, given are {{{given}}}.")
    # The text comes from our own file and its values from our own code: nobody else's text becomes SQL.
    return PLACEHOLDER.sub(lambda found: placeholders[found[1]], text)


def meaning_of(statement: str) -> str:
    """The statement without its comments and its layout: two that mean the same to PostgreSQL are equal."""
    return _TOKEN.sub(lambda found: found[0] if found[0].startswith("'") else " ", statement).strip()


@cache
def _text(package: str, name: str) -> str:
    return (files(package) / "sql" / name).read_text()
