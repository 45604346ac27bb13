"""Checking a rule when it is saved: every name resolved, every type right, or a sentence that says where not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import singledispatchmethod
from itertools import count

from companies.catalogue import Catalogue
from policies.feel import calls, compare, functions, limits, nodes, terms
from policies.feel.definitions import Definitions
from policies.feel.errors import FeelError
from policies.feel.fit import fit, fit_argument, shared_type
from policies.feel.functions import PARTS
from policies.feel.functions.lists import ALL, ANY
from policies.feel.functions.table import Function
from policies.feel.kinds import FeelType, ListOf, RecordOf, RecordsOf, Type, words
from policies.feel.nodes import Node
from policies.feel.parse import parse
from policies.feel.scope import Frame, Scope, fact_named
from policies.feel.terms import Term
from policies.feel.written_out import WrittenOut

BOOLEAN = FeelType.BOOLEAN


@dataclass(frozen=True, slots=True)
class Expression:
    """A rule that may be saved: its text as written, its checked form, and the type of its answer."""

    text: str
    node: Term
    type: Type


def check(
    text: str, *, catalogue: Catalogue, expects: FeelType | None = None, definitions: Definitions | None = None
) -> Expression:
    """
    Read and type a rule; with `definitions` it may call them, and the as-of date, by name.

    Raises:
        FeelError: it is not a rule, names something unknown, or its types do not go together.
    """
    written = parse(text)
    checker, scope = Checker(), Scope(catalogue)
    if definitions is not None:
        scope = WrittenOut(checker, catalogue, definitions, written).scope
    term = limits.whole(checker.value(written, scope), written)
    if expects is not None:
        fitted = fit_argument(term, expects)
        if fitted is None:
            raise _wrong_result(written, term.type, expects)
        term = fitted
    return Expression(text, term, term.type)


def _wrong_result(written: Node, found: Type, wanted: FeelType) -> FeelError:
    (english, chinese), (needed, needed_zh) = words(found), words(wanted)
    return FeelError("wrong_result", written.span, found=english, found_zh=chinese, wanted=needed, wanted_zh=needed_zh)


class Checker:
    """Checks one rule; numbers the scopes of its filters and loops."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def fresh(self) -> int:
        """The number of a new scope."""
        return next(self._numbers)

    @singledispatchmethod
    def check(self, node: Node, scope: Scope) -> Term:
        """The checked form of a node."""
        raise AssertionError(f"{type(node).__name__} never stands alone")

    def single(self, node: Node, term: Term) -> Term:
        """The term, refused when it is a whole record or a list of records."""
        if isinstance(term.type, RecordOf):
            group = term.type.group
            example = f"{group.name}.{next(iter(group.facts), '…')}"
            raise FeelError("group_as_value", node.span, name=group.name, example=example)
        if isinstance(term.type, RecordsOf):
            raise FeelError("list_as_value", node.span, name=term.type.group.name)
        return term

    def value(self, node: Node, scope: Scope) -> Term:
        """A node as a value or a list of values."""
        return self.single(node, self.check(node, scope))

    def condition(self, node: Node, scope: Scope, place: str) -> Term:
        """A node as a yes-or-no condition."""
        term = self.value(node, scope)
        fitted = fit(term, BOOLEAN)
        if fitted is None:
            english, chinese = words(term.type)
            raise FeelError("not_boolean", node.span, place=place, found=english, found_zh=chinese)
        return fitted

    def listing(self, written: Sequence[Node], items: Sequence[Term]) -> Term:
        """A list of values that are all of one type."""
        for node, item in zip(written, items, strict=True):
            if isinstance(item.type, ListOf) and fit(item, item.type.element) is None:
                raise FeelError("nested_list", node.span)
            if shared_type([*items[: written.index(node)], item]) is None:
                raise compare.between_types("mixed_list", node.span, items[0], item)
        element = shared_type(items) or FeelType.NULL
        fitted = tuple(term for item in items if (term := fit(item, element)))
        assert len(fitted) == len(items)
        return terms.Listing(ListOf(element), fitted)

    def opened(self, node: Node, operand: Term) -> tuple[terms.Selection, Term | None]:
        """A list as something to filter: the selection, and the value of one item unless it is a record."""
        if isinstance(operand, terms.Selection):
            return operand, None
        operand = self.single(node, operand)
        if not isinstance(operand.type, ListOf):
            english, chinese = words(operand.type)
            raise FeelError("not_a_list", node.span, found=english, found_zh=chinese)
        scope = self.fresh()
        return terms.Selection(operand.type, scope, operand, ()), terms.Item(operand.type.element, scope)

    @check.register
    def _(self, node: nodes.Literal, scope: Scope) -> Term:
        return terms.Constant(node.type, node.value)

    @check.register
    def _(self, node: nodes.Name, scope: Scope) -> Term:
        term = scope.resolve(node)
        return replace(term, scope=self.fresh()) if isinstance(term, terms.Selection) else term

    @check.register
    def _(self, node: nodes.Path, scope: Scope) -> Term:
        operand = self.check(node.operand, scope)
        if isinstance(operand, terms.Record):
            return fact_named(operand, node.name)
        if isinstance(operand, terms.Selection):
            fact = fact_named(terms.item_of(operand), node.name)
            assert isinstance(fact.type, FeelType)
            return terms.Projection(ListOf(fact.type), operand, fact)
        return self._part(node, self.single(node.operand, operand))

    def _part(self, node: nodes.Path, operand: Term) -> Term:
        kind = operand.type.element if isinstance(operand.type, ListOf) else operand.type
        assert isinstance(kind, FeelType)
        english, chinese = words(kind)
        parts = PARTS.get(kind, [])
        params = {"type": english.removeprefix("a "), "type_zh": chinese, "name": node.name.text}
        if not parts:
            raise FeelError("no_parts", node.name.span, **params)
        part = next((part for part in parts if part.name == node.name.text), None)
        if part is None:
            raise FeelError("unknown_part", node.name.span, **params, parts=", ".join(part.name for part in parts))
        if isinstance(operand.type, ListOf):
            return self._part_of_each(node, operand, part)
        return terms.Call(part.result, part, (operand,))

    def _part_of_each(self, node: nodes.Path, operand: Term, part: Function) -> Term:
        assert isinstance(part.result, FeelType)
        if isinstance(operand, terms.Projection):
            body: Term = terms.Call(part.result, part, (operand.body,))
            return terms.Projection(ListOf(part.result), operand.selection, body)
        selection, item = self.opened(node.operand, operand)
        assert item
        return terms.Projection(ListOf(part.result), selection, terms.Call(part.result, part, (item,)))

    @check.register
    def _(self, node: nodes.Filter, scope: Scope) -> Term:
        operand = self.check(node.operand, scope)
        selection, body = self.opened(node.operand, operand)
        item = body or terms.item_of(selection)
        condition = self.value(node.condition, scope.inside(Frame("item", item, is_filter=True)))
        fitted = fit(condition, BOOLEAN)
        if fitted is None:
            raise self._not_a_condition(node, operand, condition)
        kept = replace(selection, conditions=(*selection.conditions, fitted))
        return terms.Projection(operand.type, kept, body) if body else kept

    def _not_a_condition(self, node: nodes.Filter, operand: Term, condition: Term) -> FeelError:
        if condition.type == FeelType.NUMBER and isinstance(operand.type, RecordsOf):
            return FeelError("no_position", node.condition.span, name=operand.type.group.name)
        if condition.type == FeelType.NUMBER:
            return FeelError("unsupported", node.condition.span, what="[position]")
        english, chinese = words(condition.type)
        return FeelError("not_boolean", node.condition.span, place="[ ]", found=english, found_zh=chinese)

    @check.register
    def _(self, node: nodes.Listing, scope: Scope) -> Term:
        return self.listing(node.items, [self.value(item, scope) for item in node.items])

    @check.register
    def _(self, node: nodes.Negation, scope: Scope) -> Term:
        operand = self.value(node.operand, scope)
        chosen = calls.overload(functions.operator("-"), [(None, operand)])
        if chosen is None:
            english, chinese = words(operand.type)
            raise FeelError("wrong_operand", node.span, symbol="-", found=english, found_zh=chinese)
        return chosen

    @check.register
    def _(self, node: nodes.Operation, scope: Scope) -> Term:
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        if node.symbol not in functions.OPERATORS:
            return compare.compared(node.span, node.symbol, left, right)
        chosen = calls.overload(functions.operator(node.symbol), [(None, left), (None, right)])
        if chosen is None:
            raise compare.between_types("wrong_operands", node.span, left, right, symbol=node.symbol)
        return limits.within(chosen, node)

    @check.register
    def _(self, node: nodes.Junction, scope: Scope) -> Term:
        parts = tuple(self.condition(part, scope, node.symbol) for part in node.parts)
        return terms.Junction(BOOLEAN, node.symbol, parts)

    @check.register
    def _(self, node: nodes.Between, scope: Scope) -> Term:
        return compare.between(self, node, scope)

    @check.register
    def _(self, node: nodes.Membership, scope: Scope) -> Term:
        return compare.membership(self, node, scope)

    @check.register
    def _(self, node: nodes.Range, scope: Scope) -> Term:
        raise FeelError("stray_range", node.span)

    @check.register
    def _(self, node: nodes.Conditional, scope: Scope) -> Term:
        condition = self.condition(node.condition, scope, "if")
        branches = self.value(node.then, scope), self.value(node.otherwise, scope)
        wanted = next((branch.type for branch in branches if not compare.is_null(branch)), FeelType.NULL)
        then, otherwise = (branch if branch.type == wanted else fit(branch, wanted) for branch in branches)
        if then is None or otherwise is None:
            raise compare.between_types("branches", node.span, *branches)
        # A condition on a department's facts that is unknown chooses no branch; see ADR 3.
        poisons = any(isinstance(term, terms.FactOf | terms.Selection) for term in terms.walk(condition))
        return terms.Choice(wanted, condition, then, otherwise, poisons)

    @check.register
    def _(self, node: nodes.Quantified, scope: Scope) -> Term:
        return self._quantified(node, node.bindings, scope)

    def _quantified(self, node: nodes.Quantified, bindings: tuple[nodes.Binding, ...], scope: Scope) -> Term:
        if not bindings:
            return self.condition(node.condition, scope, "satisfies")
        selection, inner = self._bound(bindings[0], scope)
        body = self._quantified(node, bindings[1:], inner)
        function = ALL if node.is_every else ANY
        return terms.Aggregation(BOOLEAN, function, terms.Projection(ListOf(BOOLEAN), selection, body))

    @check.register
    def _(self, node: nodes.Iteration, scope: Scope) -> Term:
        if len(node.bindings) > 1:
            raise FeelError("unsupported", node.bindings[1].span, what="“for” over several lists")
        selection, inner = self._bound(node.bindings[0], scope)
        body = self.value(node.body, inner)
        if isinstance(body.type, ListOf):
            body = fit(body, body.type.element) or body
        if not isinstance(body.type, FeelType):
            raise FeelError("nested_list", node.body.span)
        return terms.Projection(ListOf(body.type), selection, body)

    def _bound(self, binding: nodes.Binding, scope: Scope) -> tuple[terms.Selection, Scope]:
        if binding.until is not None:
            raise FeelError("unsupported", binding.until.span, what="“..” in a loop")
        selection, body = self.opened(binding.source, self.check(binding.source, scope))
        item = body or terms.item_of(selection)
        return selection, scope.inside(Frame(binding.name.text, item, is_filter=False))

    @check.register
    def _(self, node: nodes.Invocation, scope: Scope) -> Term:
        return limits.within(calls.call(self, node, scope), node)
