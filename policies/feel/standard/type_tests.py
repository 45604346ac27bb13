"""Checks `instance of` and `is`: the checker knows the types, so only “is it null” is left to the engines."""

from __future__ import annotations

from policies.feel import terms
from policies.feel.checking.compare import compare_values
from policies.feel.checking.composition import Arguments, composes
from policies.feel.checking.scope import Scope
from policies.feel.checking.session import Session, check_node, check_value
from policies.feel.messages.errors import FeelError
from policies.feel.standard.moment_functions import IDENTICAL
from policies.feel.standard.structures import compare_structures
from policies.feel.syntax import nodes
from policies.feel.terms import Term
from policies.feel.types.types import MOMENTS, FeelType, ListOf

BOOLEAN = FeelType.BOOLEAN
SIMPLE = {str(kind): kind for kind in FeelType if kind is not FeelType.NULL}
COMPOUND = frozenset({"list", "range", "context", "function"})


@check_node.register
def check_instance_of(node: nodes.InstanceOf, scope: Scope, session: Session) -> Term:
    """
    `x instance of type`; false for null.

    Raises:
        FeelError: there is no such type.
    """
    operand = check_value(node.operand, scope, session)
    _refuse_unknown(node.wanted, node)
    if terms.is_null(operand) or not conforms(operand, node.wanted):
        return terms.NO
    return terms.YES if terms.is_structure(operand) else terms.Not(BOOLEAN, terms.IsNull(BOOLEAN, operand))


def _refuse_unknown(wanted: nodes.TypeName, node: nodes.InstanceOf) -> None:
    if wanted.name not in SIMPLE and wanted.name not in COMPOUND and wanted.name != "Any":
        raise FeelError("unknown_type", node.span, name=wanted.name)
    for part in wanted.parts:
        _refuse_unknown(part, node)


def conforms(term: Term, wanted: nodes.TypeName) -> bool:
    """Whether a value of this term, or null, is of a type."""
    if wanted.name == "Any" or term.type == FeelType.NULL:
        return True
    if wanted.name in SIMPLE:
        return term.type == SIMPLE[wanted.name]
    if wanted.name == "list":
        return _list_conforms(term, wanted.parts[0] if wanted.parts else nodes.TypeName("Any"))
    if isinstance(term, terms.Context) and wanted.name == "context":
        return _entries_conform(term, wanted)
    if isinstance(term, terms.Interval) and wanted.name == "range":
        ends = [end for end in (term.low, term.high) if end is not None]
        return all(conforms(end, part) for end in ends for part in wanted.parts)
    if isinstance(term, terms.FunctionValue) and wanted.name == "function":
        return not wanted.parts or len(wanted.parts) == len(term.parameters) + 1
    return False


def _list_conforms(term: Term, wanted: nodes.TypeName) -> bool:
    if isinstance(term, terms.MixedList):
        return all(conforms(item, wanted) for item in term.items)
    if not isinstance(term.type, ListOf):
        return False
    return wanted.name == "Any" or term.type.element in (FeelType.NULL, SIMPLE.get(wanted.name))


def _entries_conform(context: terms.Context, wanted: nodes.TypeName) -> bool:
    values = [context.value(name) for name in wanted.names]
    return all(value is not None and conforms(value, part) for value, part in zip(values, wanted.parts, strict=True))


@composes("is")
def compose_is(node: nodes.Invocation, given: Arguments, session: Session) -> Term | None:
    """`is(value1, value2)`: the same value of the same type; a moment only in the same place."""
    by_name = {name or f"value{number}": term for number, (name, term) in enumerate(given, start=1)}
    if not by_name or not set(by_name) <= {"value1", "value2"} or len(by_name) < len(given):
        return None
    one, other = (by_name.get(name) or terms.Constant(FeelType.NULL, None) for name in ("value1", "value2"))
    return _compare_identity(node, one, other)


def _compare_identity(node: nodes.Node, one: Term, other: Term) -> Term:
    if terms.is_structure(one) or terms.is_structure(other):
        return compare_structures(one, other, lambda a, b: _compare_identity(node, a, b))
    if FeelType.NULL in (one.type, other.type) or (one.type == other.type and one.type not in MOMENTS):
        return compare_values(node.span, "=", one, other)
    if one.type != other.type:
        return terms.NO
    assert isinstance(one.type, FeelType)
    return terms.Call(BOOLEAN, IDENTICAL[one.type], (one, other))
