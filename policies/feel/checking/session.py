"""Holds the state of one check, and turns nodes into checked terms with one function for each kind of node."""

from __future__ import annotations

from functools import singledispatch
from itertools import count

from policies.feel import terms
from policies.feel.checking.coercion import fit
from policies.feel.checking.scope import Closure, Scope
from policies.feel.messages.errors import FeelError, example_of, names_of
from policies.feel.passes.sizes import LIMIT_LEVELS, LIMIT_PARTS, Size, measure
from policies.feel.syntax import nodes
from policies.feel.syntax.nodes import Node
from policies.feel.syntax.parse import LIMIT_NODES
from policies.feel.terms import Term
from policies.feel.types.types import FeelType, FunctionType, ListOf, RecordOf, RecordsOf, words


class Session:
    """The state of one check: it numbers scopes and functions, and remembers the sizes of terms."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._sizes: dict[int, Size] = {}
        self._closures: dict[int, Closure] = {}

    def fresh(self) -> int:
        """Number a new scope."""
        return next(self._numbers)

    def define(self, closure: Closure) -> terms.FunctionValue:
        """Keep a function that the rule writes, and give the value that stands for it."""
        number = self.fresh()
        self._closures[number] = closure
        return terms.FunctionValue(FunctionType(), number, closure.parameters)

    def closure_of(self, function: terms.FunctionValue) -> Closure:
        """What a call of such a value runs."""
        return self._closures[function.number]

    def check_size(self, term: Term, node: Node) -> Term:
        """
        Refuse a term that is too large, because a rule names a thing once and uses it often; else give it back.

        Raises:
            FeelError: the term has too many parts, or too many levels.
        """
        size = measure(term, self._sizes)
        if size.parts > LIMIT_PARTS:
            raise FeelError("too_many_parts", node.span, count=f"{LIMIT_PARTS:,}+", limit=LIMIT_NODES)
        if size.levels > LIMIT_LEVELS:
            raise FeelError("too_deep", node.span, limit=LIMIT_LEVELS)
        return term


@singledispatch
def check_node(node: Node, scope: Scope, session: Session) -> Term:
    """
    Check a node; `policies.feel.checking.registrations` imports every function for it.

    Raises:
        FeelError: a name is unknown, or types do not go together.
    """
    raise AssertionError(f"{type(node).__name__} never stands alone")


def check_value(node: Node, scope: Scope, session: Session) -> Term:
    """Check a node that has to be a value or a list of values."""
    if isinstance(node, nodes.Literal):
        # What a decision table mostly holds; finding the function costs ten times as much.
        return terms.Constant(node.type, node.value)
    return as_value(node, check_node(node, scope, session))


def check_condition(node: Node, scope: Scope, place: str, session: Session) -> Term:
    """Check a node that has to be a yes or no; a refusal names its place by `place`."""
    return as_condition(node, check_value(node, scope, session), place)


def as_condition(node: Node, term: Term, place: str) -> Term:
    """
    Coerce a term to a yes or no.

    Raises:
        FeelError: it is none.
    """
    fitted = fit(term, FeelType.BOOLEAN)
    if fitted is None:
        english, chinese = words(term.type)
        raise FeelError("not_boolean", node.span, place=place, found=english, found_zh=chinese)
    return fitted


def as_value(node: Node, term: Term) -> Term:
    """
    Give back a term that is a value.

    Raises:
        FeelError: it is a whole record, or a list of records.
    """
    if isinstance(term.type, RecordOf):
        group = term.type.group
        raise FeelError("group_as_value", node.span, **names_of(group), **example_of(group))
    if isinstance(term.type, RecordsOf):
        raise FeelError("list_as_value", node.span, **names_of(term.type.group))
    return term


def open_list(node: Node, operand: Term, session: Session) -> tuple[terms.Selection, Term | None]:
    """Open a list for a filter or loop: the selection, and the value of one item unless the item is a record."""
    if isinstance(operand, terms.Selection):
        return operand, None
    operand = as_value(node, operand)
    if not isinstance(operand.type, ListOf):
        english, chinese = words(operand.type)
        raise FeelError("not_a_list", node.span, found=english, found_zh=chinese)
    scope = session.fresh()
    return terms.Selection(operand.type, scope, operand, ()), terms.Item(operand.type.element, scope)
