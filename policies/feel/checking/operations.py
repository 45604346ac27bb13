"""Checks operators, `and`, `or` and `if`."""

from __future__ import annotations

from policies.feel import terms
from policies.feel.checking.coercion import choose_overload, fit, type_mismatch
from policies.feel.checking.compare import compare_values
from policies.feel.checking.constants import constant_value, is_constant
from policies.feel.checking.scope import Scope
from policies.feel.checking.session import Session, check_condition, check_node, check_value
from policies.feel.functions import registry
from policies.feel.messages.errors import FeelError
from policies.feel.passes.limits import check_limits
from policies.feel.syntax import nodes
from policies.feel.terms import Term
from policies.feel.types.types import FeelType, words

BOOLEAN = FeelType.BOOLEAN


@check_node.register
def check_negation(node: nodes.Negation, scope: Scope, session: Session) -> Term:
    operand = check_value(node.operand, scope, session)
    chosen = choose_overload(registry.operator_overloads("-"), [(None, operand)])
    if chosen is None:
        english, chinese = words(operand.type)
        raise FeelError("wrong_operand", node.span, symbol="-", found=english, found_zh=chinese)
    return chosen


@check_node.register
def check_operation(node: nodes.Operation, scope: Scope, session: Session) -> Term:
    left, right = check_value(node.left, scope, session), check_value(node.right, scope, session)
    if node.symbol not in registry.OPERATORS:
        return compare_values(node.span, node.symbol, left, right)
    chosen = choose_overload(registry.operator_overloads(node.symbol), [(None, left), (None, right)])
    if chosen is None:
        # In spreadsheets people add a number to a day; the refusal says how a rule does it.
        is_day_and_days = {left.type, right.type} == {FeelType.DATE, FeelType.NUMBER} and node.symbol in ("+", "-")
        code = "days_beside_day" if is_day_and_days else "wrong_operands"
        raise type_mismatch(code, node.span, left, right, symbol=node.symbol)
    return check_limits(chosen, node)


@check_node.register
def check_junction(node: nodes.Junction, scope: Scope, session: Session) -> Term:
    decisive, parts, refused = node.symbol == "or", [], None
    for part in node.parts:
        try:
            parts.append(check_condition(part, scope, node.symbol, session))
        except FeelError as refusal:
            if refusal.code != "not_boolean":
                raise
            refused = refused or refusal
    if refused is None:
        return terms.Junction(BOOLEAN, node.symbol, tuple(parts))
    # A part that is no yes or no counts as unknown; an “and” with a written “false” is false all the same.
    if any(isinstance(part, terms.Constant) and part.value is decisive for part in parts):
        return terms.Constant(BOOLEAN, decisive)
    raise refused


@check_node.register
def check_conditional(node: nodes.Conditional, scope: Scope, session: Session) -> Term:
    condition = check_condition(node.condition, scope, "if", session)
    branches = check_value(node.then, scope, session), check_value(node.otherwise, scope, session)
    if any(terms.is_structure(branch) for branch in branches):
        if not is_constant(condition):
            raise FeelError("structure_choice", node.span)
        return branches[0 if constant_value(condition) else 1]
    wanted = next((branch.type for branch in branches if not terms.is_null(branch)), FeelType.NULL)
    then, otherwise = (branch if branch.type == wanted else fit(branch, wanted) for branch in branches)
    if then is None or otherwise is None:
        raise type_mismatch("branches", node.span, *branches)
    return terms.choice(condition, then, otherwise)
