"""A rule as it was written: frozen nodes, each knowing its place in the text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from policies.feel.messages.errors import FeelError, Span
from policies.feel.types.types import FeelType
from policies.feel.types.values import Scalar


@dataclass(frozen=True, slots=True)
class Node:
    """Anything written in a rule."""

    span: Span


@dataclass(frozen=True, slots=True)
class Literal(Node):
    value: Scalar
    type: FeelType


@dataclass(frozen=True, slots=True)
class Name(Node):
    text: str


@dataclass(frozen=True, slots=True)
class Path(Node):
    operand: Node
    name: Name


@dataclass(frozen=True, slots=True)
class Filter(Node):
    operand: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class Argument(Node):
    parameter: str | None
    value: Node


@dataclass(frozen=True, slots=True)
class Invocation(Node):
    function: Name
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class Application(Node):
    """A call of something that is not a name: `(function(a) a + 1)(2)`."""

    callee: Node
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class FunctionLiteral(Node):
    """`function(x, y) x < y`."""

    parameters: tuple[str, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class ContextLiteral(Node):
    """`{name: value, …}`."""

    names: tuple[Name, ...]
    values: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class TypeName:
    """A type as written after `instance of`: `list<number>`; a context's parts have names."""

    name: str
    parts: tuple[TypeName, ...] = ()
    names: tuple[str, ...] = ()
    depth: int = 1


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    operand: Node
    wanted: TypeName


@dataclass(frozen=True, slots=True)
class Negation(Node):
    operand: Node


@dataclass(frozen=True, slots=True)
class Operation(Node):
    """Arithmetic or a comparison: `left symbol right`."""

    symbol: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Junction(Node):
    """`and` or `or` over two or more conditions; a chain is one node, so that it stays flat."""

    symbol: str
    parts: tuple[Node, ...]

    def __post_init__(self) -> None:
        assert self.symbol in ("and", "or")
        assert len(self.parts) > 1


@dataclass(frozen=True, slots=True)
class Between(Node):
    operand: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class Range(Node):
    low: Node
    high: Node
    includes_low: bool
    includes_high: bool


@dataclass(frozen=True, slots=True)
class UnaryTest(Node):
    """`< 5` after `in`."""

    symbol: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Membership(Node):
    operand: Node
    tests: tuple[Node, ...]

    def __post_init__(self) -> None:
        # NOT (x IN ()) is true in SQL even for a missing x, so an empty list never gets this far.
        if not self.tests:
            raise FeelError("empty_tests", self.span)


@dataclass(frozen=True, slots=True)
class Conditional(Node):
    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class ListLiteral(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Binding(Node):
    """`name in source`, or `name in source .. until`."""

    name: Name
    source: Node
    until: Node | None = None


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """`some … satisfies …` and `every … satisfies …`."""

    is_every: bool
    bindings: tuple[Binding, ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class Iteration(Node):
    """`for … return …`."""

    bindings: tuple[Binding, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Cell(Node):
    """A cell of a decision table: one of the tests is true, or none when negated; no test at all is “-”."""

    tests: tuple[Node, ...]
    is_negated: bool


# A name after a dot, of a function or of a loop's variable is not a part of its own; nor is a yes or no.
_LABELS = frozenset(
    {"name", "names", "function", "span", "symbol", "parameter", "includes_low", "includes_high", "is_negated"}
)
# Leaves are known beforehand: they are half of a rule.
_fields: dict[type[Node], tuple[str, ...]] = {Literal: (), Name: ()}


def _fields_of(cls: type[Node]) -> tuple[str, ...]:
    if cls not in _fields:
        _fields[cls] = tuple(field.name for field in fields(cls) if field.name not in _LABELS)
    return _fields[cls]


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below this one."""
    for name in _fields_of(type(node)):
        value = getattr(node, name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            yield from (item for item in value if isinstance(item, Node))
