"""
Reading the cells of decision tables: hundreds at once, and nearly all of them a number, a range or a word.

Those are read here in a moment; what they become is what the grammar makes of them, as a test holds true.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from policies.feel import nodes
from policies.feel.errors import Span
from policies.feel.kinds import FeelType
from policies.feel.parse import measured, parse, parse_cell
from policies.feel.values import number_from

_NUMBER = r"\d{1,15}(?:\.\d{1,10})?"
_PLAIN = re.compile(rf"({_NUMBER})|\"([^\"\\\x00\ud800-\udfff]*)\"", re.ASCII)
_COMPARED = re.compile(rf"(<=|>=|<|>) ?({_NUMBER})", re.ASCII)
_RANGE = re.compile(rf"([\[(])({_NUMBER})\.\.({_NUMBER})([\])])", re.ASCII)


class Read(NamedTuple):
    """What a text is, how many parts it has, and how deep it is nested."""

    node: nodes.Node
    parts: int
    depth: int


def _read_cell(text: str) -> Read:
    test = _plain(text) or _compared(text) or _range(text)
    cell = parse_cell(text) if test is None else nodes.Cell(Span(0, len(text)), (test,), is_negated=False)
    return Read(cell, *measured(cell))


def _read_text(text: str) -> Read:
    node = _plain(text) or parse(text)
    return Read(node, *measured(node))


# An officer's table is checked at every change of one of its cells.
read_cell: Callable[[str], Read] = lru_cache(maxsize=20_000)(_read_cell)
read_text: Callable[[str], Read] = lru_cache(maxsize=5_000)(_read_text)


def _number(text: str, position: int) -> nodes.Literal:
    return nodes.Literal(Span(position, len(text)), number_from(text), FeelType.NUMBER)


def _plain(text: str) -> nodes.Node | None:
    found = _PLAIN.fullmatch(text)
    if found is None:
        return None
    if found[1]:
        return _number(text, 0)
    return nodes.Literal(Span(0, len(text)), found[2], FeelType.STRING)


def _compared(text: str) -> nodes.Node | None:
    found = _COMPARED.fullmatch(text)
    return found and nodes.UnaryTest(Span(0, len(text)), found[1], _number(found[2], found.start(2)))


def _range(text: str) -> nodes.Node | None:
    found = _RANGE.fullmatch(text)
    if found is None:
        return None
    low, high = _number(found[2], found.start(2)), _number(found[3], found.start(3))
    return nodes.Range(Span(0, len(text)), low, high, found[1] == "[", found[4] == "]")
