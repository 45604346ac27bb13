"""Checks literals, names, paths, lists and filters."""

from __future__ import annotations

from dataclasses import replace

from policies.feel import terms
from policies.feel.checking.coercion import choose_overload, fit, list_of, refuse_without_order
from policies.feel.checking.scope import Closure, Frame, Scope, find_fact
from policies.feel.checking.session import Session, as_value, check_node, check_value, open_list
from policies.feel.functions import registry
from policies.feel.functions.registry import PARTS
from policies.feel.functions.table import Function
from policies.feel.messages.errors import FeelError
from policies.feel.standard import structures
from policies.feel.syntax import nodes
from policies.feel.syntax.nodes import Node
from policies.feel.terms import Term
from policies.feel.types.types import FeelType, ListOf, RecordsOf, words


@check_node.register
def check_literal(node: nodes.Literal, scope: Scope, session: Session) -> Term:
    return terms.Constant(node.type, node.value)


@check_node.register
def check_name(node: nodes.Name, scope: Scope, session: Session) -> Term:
    term = scope.resolve(node)
    return replace(term, scope=session.fresh()) if isinstance(term, terms.Selection) else term


@check_node.register
def check_function_literal(node: nodes.FunctionLiteral, scope: Scope, session: Session) -> Term:
    return session.define(Closure(node.parameters, node.body, scope))


@check_node.register
def check_list(node: nodes.ListLiteral, scope: Scope, session: Session) -> Term:
    return list_of(node.items, [check_value(item, scope, session) for item in node.items])


@check_node.register
def check_path(node: nodes.Path, scope: Scope, session: Session) -> Term:
    operand = check_node(node.operand, scope, session)
    if isinstance(operand, terms.Record):
        return find_fact(operand, node.name)
    if isinstance(operand, terms.Selection):
        fact = find_fact(terms.item_of(operand), node.name)
        assert isinstance(fact.type, FeelType)
        return terms.Projection(ListOf(fact.type), operand, fact)
    if terms.is_structure(operand):
        return structures.part_of(node, operand)
    return _part_of(node, as_value(node.operand, operand), session)


def _part_of(node: nodes.Path, operand: Term, session: Session) -> Term:
    element = operand.type.element if isinstance(operand.type, ListOf) else operand.type
    assert isinstance(element, FeelType)
    english, chinese = words(element)
    parts = PARTS.get(element, [])
    params = {"type": english.removeprefix("a "), "type_zh": chinese, "name": node.name.text}
    if not parts:
        raise FeelError("no_parts", node.name.span, **params)
    part = next((part for part in parts if part.name == node.name.text), None)
    if part is None:
        raise FeelError("unknown_part", node.name.span, **params, parts=", ".join(part.name for part in parts))
    if isinstance(operand.type, ListOf):
        return _part_of_each(node, operand, part, session)
    return terms.Call(part.result, part, (operand,))


def _part_of_each(node: nodes.Path, operand: Term, part: Function, session: Session) -> Term:
    assert isinstance(part.result, FeelType)
    if isinstance(operand, terms.Projection):
        body: Term = terms.Call(part.result, part, (operand.body,))
        return terms.Projection(ListOf(part.result), operand.selection, body)
    selection, item = open_list(node.operand, operand, session)
    assert item
    return terms.Projection(ListOf(part.result), selection, terms.Call(part.result, part, (item,)))


@check_node.register
def check_filter(node: nodes.Filter, scope: Scope, session: Session) -> Term:
    operand = _as_list(node.operand, check_node(node.operand, scope, session))
    if isinstance(operand, terms.MixedList):
        return structures.filter_items(node, operand, scope, session)
    selection, body = open_list(node.operand, operand, session)
    item = body or terms.item_of(selection)
    condition = check_value(node.condition, scope.with_frame(Frame("item", item, is_filter=True)), session)
    fitted = fit(condition, FeelType.BOOLEAN)
    if fitted is None:
        return _item_at(node, operand, selection.scope, condition)
    kept = replace(selection, conditions=(*selection.conditions, fitted))
    return terms.Projection(operand.type, kept, body) if body else kept


def _as_list(node: Node, operand: Term) -> Term:
    """A single value as a list of one item; a filter treats it so."""
    if isinstance(operand, terms.Context):
        return terms.mixed_list([operand])
    if isinstance(operand, terms.UniformList) and isinstance(node, nodes.Name) and node.text == "partial":
        # The condition may repeat only the item itself, because each step looks back at the step before.
        return terms.mixed_list(operand.items)
    is_single = isinstance(operand.type, FeelType) and operand.type != FeelType.NULL
    return list_of([node], [operand]) if is_single else operand


def _item_at(node: nodes.Filter, operand: Term, scope: int, condition: Term) -> Term:
    """The item at a position; the list has to have an order."""
    if condition.type == FeelType.NUMBER and isinstance(operand.type, RecordsOf):
        raise FeelError("no_position", node.condition.span, name=operand.type.group.name)
    chosen = choose_overload(registry.overloads_of("item at"), [(None, operand), (None, condition)])
    if chosen is None or condition.type != FeelType.NUMBER or scope in terms.free_scopes(condition):
        english, chinese = words(condition.type)
        raise FeelError("not_boolean", node.condition.span, place="[ ]", found=english, found_zh=chinese)
    refuse_without_order(chosen, node)
    return chosen
