"""
Reads the cells of decision tables: hundreds at once, and nearly all of them a number, a range or a word.

This module reads those without the grammar; a test demands the very nodes that the grammar would make.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from policies.feel.messages.errors import Span
from policies.feel.syntax import nodes
from policies.feel.syntax.parse import measure_node, parse, parse_cell
from policies.feel.types.types import FeelType

_NUMBER = r"\d{1,15}(?:\.\d{1,10})?"
_PLAIN = re.compile(rf"({_NUMBER})|\"([^\"\\\x00\ud800-\udfff]*)\"", re.ASCII)
_COMPARED = re.compile(rf"(<=|>=|<|>) ?({_NUMBER})", re.ASCII)
_RANGE = re.compile(rf"([\[(])({_NUMBER})\.\.({_NUMBER})([\])])", re.ASCII)


class ParsedText(NamedTuple):
    """What a text is, how many parts it has, and how deep it is nested."""

    node: nodes.Node
    parts: int
    depth: int


def _read_cell(text: str) -> ParsedText:
    tests = _read_tests(text)
    cell = parse_cell(text) if tests is None else nodes.Cell(_span_over(tests), tests, is_negated=False)
    return ParsedText(cell, *measure_node(cell))


def _read_tests(text: str) -> tuple[nodes.Node, ...] | None:
    """Plain tests with commas between them; a comma within a text leaves no plain test beside it."""
    found, position = [], 0
    for piece in text.split(","):
        at = position + len(piece) - len(piece.lstrip(" "))
        written = piece.strip(" ")
        test = _read_literal(written, at) or _read_comparison(written, at) or _read_range(written, at)
        if test is None:
            return None
        found.append(test)
        position += len(piece) + 1
    return tuple(found)


def _span_over(tests: Sequence[nodes.Node]) -> Span:
    first, last = tests[0].span, tests[-1].span
    return Span(first.position, last.position + last.length - first.position)


def _read_text(text: str) -> ParsedText:
    node = _read_literal(text) or parse(text)
    return ParsedText(node, *measure_node(node))


# An officer's table is checked at every change of one of its cells.
_cells, _texts = lru_cache(maxsize=20_000)(_read_cell), lru_cache(maxsize=5_000)(_read_text)
read_cell: Callable[[str], ParsedText] = _cells
read_text: Callable[[str], ParsedText] = _texts


def clear_caches() -> None:
    """Forget all texts read so far, so that a measurement sees the cost of reading."""
    _cells.cache_clear()
    _texts.cache_clear()


def _read_number(text: str, position: int) -> nodes.Literal:
    # A number of so few digits is always within the limits of a rule; a zero has no sign and no decimals.
    return nodes.Literal(Span(position, len(text)), Decimal(text) or Decimal(0), FeelType.NUMBER)


def _read_literal(text: str, at: int = 0) -> nodes.Node | None:
    found = _PLAIN.fullmatch(text)
    if found is None:
        return None
    if found[1]:
        return _read_number(text, at)
    return nodes.Literal(Span(at, len(text)), found[2], FeelType.STRING)


def _read_comparison(text: str, at: int) -> nodes.Node | None:
    found = _COMPARED.fullmatch(text)
    return found and nodes.UnaryTest(Span(at, len(text)), found[1], _read_number(found[2], at + found.start(2)))


def _read_range(text: str, at: int) -> nodes.Node | None:
    found = _RANGE.fullmatch(text)
    if found is None:
        return None
    low, high = _read_number(found[2], at + found.start(2)), _read_number(found[3], at + found.start(3))
    return nodes.Range(Span(at, len(text)), low, high, found[1] == "[", found[4] == "]")
