"""Text of a rule → nodes, or one sentence that says what is wrong and where."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path as FilePath
from typing import Any, cast

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from policies.feel.messages.errors import FeelError, Span
from policies.feel.standard.moments import parse_date_time, parse_time
from policies.feel.syntax import hints, nodes
from policies.feel.syntax.nodes import Node
from policies.feel.types.types import FeelType, type_of
from policies.feel.types.values import (
    BadCharacter,
    BadEscape,
    Scalar,
    parse_date,
    parse_duration,
    parse_number,
    unescape_text,
)

LIMIT_CHARACTERS = 4_000
LIMIT_NODES = 500
LIMIT_DEPTH = 40

_NEGATED = re.compile(r"\s*not\s*\((.*)\)\s*", re.DOTALL)

CONSTANTS: dict[str, tuple[Scalar, FeelType]] = {
    "TRUE": (True, FeelType.BOOLEAN),
    "FALSE": (False, FeelType.BOOLEAN),
    "NULL": (None, FeelType.NULL),
}

# What a Chinese input method or another language leads people to type, and what FEEL writes.
INSTEAD = {
    "“": '"', "”": '"', "„": '"', "‘": '"', "’": '"', "'": '"', "＂": '"', "，": ",", "、": ",", "（": "(", "）": ")",
    "【": "[", "】": "]", "［": "[", "］": "]", "＝": "=", "＞": ">", "＜": "<", "≥": ">=", "≤": "<=", "≠": "!=",
    "＋": "+", "－": "-", "−": "-", "—": "-", "×": "*", "＊": "*", "÷": "/", "／": "/", "．": ".", "。": ".",
    "：": ":", "&": "and", "|": "or", "!": "not(…) or !=", "！": "not(…) or !=", "%": "/ 100", "％": "/ 100", "^": "**",
}  # fmt: skip
# What is surely missing when the grammar would have taken it.
WANTED = {"THEN": "then", "ELSE": "else", "RETURN": "return", "SATISFIES": "satisfies", "RPAR": ")", "RSQB": "]"}
UNSUPPORTED_CHARACTERS = {"?": "“?”"}


def parse(text: str) -> Node:
    """
    Read a rule.

    Raises:
        FeelError: the text is not a rule, is one this language leaves out, or passes a limit.
    """
    if len(text) > LIMIT_CHARACTERS:
        raise FeelError("too_long", Span(0, len(text)), length=len(text), limit=LIMIT_CHARACTERS)
    if not text.strip():
        raise FeelError("empty", Span(0, len(text)))
    node = _read(text, "start")
    measure_node(node)
    return node


def parse_cell(text: str) -> nodes.Cell:
    """
    Read a cell of a decision table: “-”, tests with commas between them, or “not(…)” around such tests.

    Raises:
        FeelError: the text is no cell.
    """
    if not text.strip():
        return nodes.Cell(Span(0, 0), (), is_negated=False)
    negated = _NEGATED.fullmatch(text)
    if negated:
        with suppress(FeelError):
            return replace(cast(nodes.Cell, _read(" " * negated.start(1) + negated[1], "cell")), is_negated=True)
    return cast(nodes.Cell, _read(text, "cell"))


def _read(text: str, start: str) -> Node:
    try:
        return cast(Node, _parser().parse(text, start=start))
    except UnexpectedCharacters as failure:
        raise _refuse_character(text, cast(int, failure.pos_in_stream)) from None
    except UnexpectedToken as failure:
        raise _refuse_token(text, failure) from None


_UNCOUNTED = (nodes.Argument, nodes.Binding)


def measure_node(node: Node) -> tuple[int, int]:
    """
    How many parts a node has, and how deep it is nested.

    Raises:
        FeelError: it is too large; found without recursion, because the tree may be deeper than Python's stack.
    """
    count, deepest, waiting = 0, 0, [(node, 1)]
    while waiting:
        current, depth = waiting.pop()
        if isinstance(current, _UNCOUNTED):
            depth -= 1
        else:
            count += 1
        if depth > deepest:
            deepest = depth
        if depth > LIMIT_DEPTH:
            raise FeelError("too_deep", current.span, limit=LIMIT_DEPTH)
        waiting.extend((child, depth + 1) for child in nodes.children(current))
    if count > LIMIT_NODES:
        raise FeelError("too_many_parts", node.span, count=count, limit=LIMIT_NODES)
    return count, deepest


@cache
def _parser() -> Lark:
    grammar = FilePath(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(
        grammar,
        start=["start", "cell"],
        parser="lalr",
        transformer=_Builder(),
        keep_all_tokens=True,
        maybe_placeholders=False,
    )


def _refuse_character(text: str, position: int) -> FeelError:
    found, span = text[position], Span(position, 1)
    if found == '"':
        return FeelError("open_text", span)
    if text.startswith("/*", position):
        return FeelError("open_comment", span)
    if found in UNSUPPORTED_CHARACTERS:
        return FeelError("unsupported", span, what=UNSUPPORTED_CHARACTERS[found])
    if found in INSTEAD:
        return FeelError("write_instead", span, found=found, instead=INSTEAD[found])
    return FeelError("strange_character", span, found=found if found.isprintable() else f"U+{ord(found):04X}")


def _refuse_token(text: str, failure: UnexpectedToken) -> FeelError:
    token = failure.token
    if token.type == "$END":
        return FeelError("ends_early", Span(len(text.rstrip()), 0))
    span = _span_of([token])
    if text[max(span.position - 1, 0) : span.position + 1] == "==":
        return FeelError("write_instead", Span(span.position - 1, 2), found="==", instead="=")
    if text.startswith("/*", span.position):
        return FeelError("open_comment", span)
    habit = hints.find_foreign_word(text, span.position, str(token))
    if habit:
        place, word, instead = habit
        return FeelError("write_instead", Span(place, len(word)), found=word, instead=instead)
    accepted = failure.interactive_parser.accepts()  # type: ignore[no-untyped-call]
    wanted = next((word for terminal, word in WANTED.items() if terminal in accepted), None)
    if wanted:
        return FeelError("expected", span, found=str(token), wanted=wanted)
    return FeelError("unexpected", span, found=str(token))


def _span_of(parts: list[Any]) -> Span:
    first, last = parts[0], parts[-1]
    start = cast(int, first.start_pos) if isinstance(first, Token) else first.span.position
    end = cast(int, last.end_pos) if isinstance(last, Token) else last.span.position + last.span.length
    return Span(start, end - start)


def _nodes_among(parts: list[Any]) -> tuple[Any, ...]:
    return tuple(part for part in parts if isinstance(part, Node))


def _read_text(token: Token, written: str) -> str:
    try:
        return unescape_text(written)
    except BadEscape as failure:
        raise FeelError("bad_escape", _span_of([token]), found=str(failure)) from None
    except BadCharacter as failure:
        raise FeelError("bad_character", _span_of([token]), found=str(failure)) from None


def _read_moment(text: str, span: Span) -> nodes.Literal:
    """
    A date, time, date and time, or duration as a literal.

    Raises:
        FeelError: the text is none of them.
    """
    readers: tuple[Callable[[str], Scalar], ...] = (parse_date, parse_duration, parse_date_time, parse_time)
    value = next((value for read in readers if (value := read(text)) is not None), None)
    if value is None:
        raise FeelError("bad_moment", span, found=text)
    return nodes.Literal(span, value, type_of(value))


class _Builder(Transformer[Token, Node]):
    """Called bottom-up while the text is read, so that deep nesting costs no stack."""

    def start(self, parts: list[Any]) -> Node:
        return cast(Node, parts[0])

    def cell(self, parts: list[Any]) -> Node:
        return nodes.Cell(_span_of(parts), _nodes_among(parts), is_negated=False)

    def question(self, parts: list[Token]) -> Node:
        return nodes.Name(_span_of(parts), "?")

    def parenthesis(self, parts: list[Any]) -> Node:
        return cast(Node, parts[1])

    def number(self, parts: list[Token]) -> Node:
        value = parse_number(parts[0])
        if value is None:
            raise FeelError("number_too_long", _span_of(parts), limit=34)
        return nodes.Literal(_span_of(parts), value, FeelType.NUMBER)

    def text(self, parts: list[Token]) -> Node:
        return nodes.Literal(_span_of(parts), _read_text(parts[0], parts[0][1:-1]), FeelType.STRING)

    def at_literal(self, parts: list[Token]) -> Node:
        written = parts[0][1:].lstrip()[1:-1]
        return _read_moment(_read_text(parts[0], written), _span_of(parts))

    def constant(self, parts: list[Token]) -> Node:
        return nodes.Literal(_span_of(parts), *CONSTANTS[parts[0].type])

    def name(self, parts: list[Token]) -> Node:
        return nodes.Name(_span_of(parts), " ".join(word for part in parts for word in part.split()))

    def path(self, parts: list[Any]) -> Node:
        return nodes.Path(_span_of(parts), parts[0], parts[2])

    def filter(self, parts: list[Any]) -> Node:
        return nodes.Filter(_span_of(parts), parts[0], parts[2])

    def argument(self, parts: list[Any]) -> Node:
        if len(parts) == 1:
            return nodes.Argument(_span_of(parts), None, parts[0])
        return nodes.Argument(_span_of(parts), parts[0].text, parts[2])

    def invocation(self, parts: list[Any]) -> Node:
        function, *arguments = _nodes_among(parts)
        if isinstance(function, nodes.Name):
            return nodes.Invocation(_span_of(parts), function, tuple(arguments))
        return nodes.Application(_span_of(parts), function, tuple(arguments))

    def function(self, parts: list[Any]) -> Node:
        *parameters, body = _nodes_among(parts)
        return nodes.FunctionLiteral(_span_of(parts), tuple(parameter.text for parameter in parameters), body)

    def entry(self, parts: list[Any]) -> Any:
        name, _colon, value = parts
        if isinstance(name, Token):
            name = nodes.Name(_span_of([name]), _read_text(name, name[1:-1]))
        return name, value

    def context(self, parts: list[Any]) -> Node:
        entries = [part for part in parts if isinstance(part, tuple)]
        names, values = ([entry[side] for entry in entries] for side in (0, 1))
        return nodes.ContextLiteral(_span_of(parts), tuple(names), tuple(values))

    def simple_type(self, parts: list[Token]) -> Any:
        return nodes.TypeName(" ".join(parts[0].split()))

    def member(self, parts: list[Any]) -> Any:
        return parts[0].text, parts[2]

    def compound_type(self, parts: list[Any]) -> Any:
        members = [part for part in parts if isinstance(part, tuple)]
        inner = [part for part in parts if isinstance(part, nodes.TypeName)] + [type_ for _, type_ in members]
        depth = 1 + max((part.depth for part in inner), default=0)
        if depth > LIMIT_DEPTH:
            raise FeelError("too_deep", _span_of([parts[0]]), limit=LIMIT_DEPTH)
        kind = parts[0].rstrip("<").rstrip()
        return nodes.TypeName(kind, tuple(inner), tuple(name for name, _ in members), depth)

    def instance_of(self, parts: list[Any]) -> Node:
        return nodes.InstanceOf(_span_of(parts[:2]), parts[0], parts[2])

    def negation(self, parts: list[Any]) -> Node:
        return nodes.Negation(_span_of(parts), parts[1])

    def operation(self, parts: list[Any]) -> Node:
        left, symbol, right = parts
        return nodes.Operation(_span_of(parts), str(symbol), left, right)

    def junction(self, parts: list[Any]) -> Node:
        return nodes.Junction(_span_of(parts), str(parts[1]), _nodes_among(parts))

    def between(self, parts: list[Any]) -> Node:
        return nodes.Between(_span_of(parts), *_nodes_among(parts))

    def unary_test(self, parts: list[Any]) -> Node:
        return nodes.UnaryTest(_span_of(parts), str(parts[0]), parts[1])

    def unary_range(self, parts: list[Any]) -> Node:
        return nodes.UnaryTest(_span_of(parts), str(parts[1]), parts[2])

    def tests(self, parts: list[Any]) -> Any:
        return _nodes_among(parts)

    def membership(self, parts: list[Any]) -> Node:
        operand, _in, tests = parts
        tests = tests if isinstance(tests, tuple) else (tests,)
        return nodes.Membership(_span_of([operand, tests[-1]]), operand, tests)

    def range(self, parts: list[Any]) -> Node:
        return nodes.Range(_span_of(parts), parts[1], parts[3], parts[0] == "[", parts[4] == "]")

    def conditional(self, parts: list[Any]) -> Node:
        return nodes.Conditional(_span_of(parts), *_nodes_among(parts))

    def listing(self, parts: list[Any]) -> Node:
        return nodes.ListLiteral(_span_of(parts), _nodes_among(parts))

    def binding(self, parts: list[Any]) -> Node:
        return nodes.Binding(_span_of(parts), *_nodes_among(parts))

    def bindings(self, parts: list[Any]) -> Any:
        return _nodes_among(parts)

    def iteration(self, parts: list[Any]) -> Node:
        return nodes.Iteration(_span_of(parts), parts[1], parts[3])

    def quantified(self, parts: list[Any]) -> Node:
        return nodes.Quantified(_span_of(parts), parts[0] == "every", parts[1], parts[3])
