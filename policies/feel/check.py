"""Checking a rule when it is saved: every name resolved, every type right, or a sentence that says where not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import singledispatchmethod
from itertools import count
from typing import Any

from companies.datasets.catalogue import Catalogue
from policies.feel import (
    calls,
    choices,
    compare,
    functions,
    limits,
    lists,
    loops,
    nodes,
    structures,
    terms,
    typetests,
    widths,
)
from policies.feel.definitions import Definitions
from policies.feel.errors import FeelError, example_of, names_of
from policies.feel.evaluate import Known, worked_out
from policies.feel.fit import fit, fit_argument, shared_type
from policies.feel.functions import PARTS
from policies.feel.functions.table import Function
from policies.feel.kinds import (
    Assortment,
    ContextOf,
    FeelType,
    FunctionType,
    ListOf,
    RangeOf,
    RecordOf,
    RecordsOf,
    Type,
    words,
)
from policies.feel.nodes import Node
from policies.feel.parse import LIMIT_NODES, parse
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
    widths.refuse_too_wide(term, written)
    if expects is None and _has_no_answer(term.type):
        raise FeelError("no_answer", written.span)
    if expects is not None:
        fitted = fit_argument(term, expects)
        if fitted is None:
            raise _wrong_result(written, term.type, expects)
        term = fitted
    return Expression(text, choices.poisoned(term), term.type)


def _has_no_answer(type_: Type) -> bool:
    inner = type_.types if isinstance(type_, ContextOf | Assortment) else ()
    return isinstance(type_, RangeOf | FunctionType) or any(_has_no_answer(part) for part in inner)


def _wrong_result(written: Node, found: Type, wanted: FeelType) -> FeelError:
    (english, chinese), (needed, needed_zh) = words(found), words(wanted)
    return FeelError("wrong_result", written.span, found=english, found_zh=chinese, wanted=needed, wanted_zh=needed_zh)


# Terms whose value depends on the subject, or on the day.
UNWRITTEN = (terms.GivenFact, terms.Record, terms.AsOf, terms.ParameterOn, terms.Lambda)


class Checker:
    """Checks one rule; numbers the scopes of its filters and loops."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._sizes: dict[int, structures.Size] = {}
        self.nothing = Catalogue({}, {})

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
            raise FeelError("group_as_value", node.span, **names_of(group), **example_of(group))
        if isinstance(term.type, RecordsOf):
            raise FeelError("list_as_value", node.span, **names_of(term.type.group))
        return term

    def value(self, node: Node, scope: Scope) -> Term:
        """A node as a value or a list of values."""
        if isinstance(node, nodes.Literal):
            # What a decision table mostly holds; finding the method costs ten times as much.
            return terms.Constant(node.type, node.value)
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
        if any(self._is_nested(item) for item in items):
            return terms.assorted(items)
        element = shared_type(items)
        if element is None:
            place = next(place for place in range(len(items)) if shared_type(items[: place + 1]) is None)
            raise compare.between_types("mixed_list", written[place].span, items[0], items[place])
        fitted = tuple(term for item in items if (term := fit(item, element)))
        assert len(fitted) == len(items)
        return terms.Listing(ListOf(element), fitted)

    def _is_nested(self, item: Term) -> bool:
        return terms.is_structure(item) or (isinstance(item.type, ListOf) and fit(item, item.type.element) is None)

    def is_written(self, term: Term) -> bool:
        """Whether a term's value is known already: it looks at no fact."""
        parts = list(terms.walk(term))
        looks = any(isinstance(part, UNWRITTEN) for part in parts)
        reads = any(isinstance(part, terms.Selection) and not isinstance(part.source, Term) for part in parts)
        return not looks and not reads and not terms.free_scopes(term)

    def written_value(self, term: Term) -> Any:
        """The value of such a term."""
        return worked_out(term, Known({}))

    def measured(self, term: Term, node: Node) -> Term:
        """The term itself, refused when what the rule names once and uses often makes it too large."""
        size = structures.size(term, self._sizes)
        if size.parts > structures.LIMIT_PARTS:
            raise FeelError("too_many_parts", node.span, count=f"{structures.LIMIT_PARTS:,}+", limit=LIMIT_NODES)
        if size.levels > structures.LIMIT_LEVELS:
            raise FeelError("too_deep", node.span, limit=structures.LIMIT_LEVELS)
        return term

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
        if terms.is_structure(operand):
            return structures.part_of(self, node, operand)
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
        operand = self._as_list(node.operand, self.check(node.operand, scope))
        if isinstance(operand, terms.Assorted):
            return structures.filtered(self, node, operand, scope)
        selection, body = self.opened(node.operand, operand)
        item = body or terms.item_of(selection)
        condition = self.value(node.condition, scope.inside(Frame("item", item, is_filter=True)))
        fitted = fit(condition, BOOLEAN)
        if fitted is None:
            return self._at_position(node, operand, selection.scope, condition)
        kept = replace(selection, conditions=(*selection.conditions, fitted))
        return terms.Projection(operand.type, kept, body) if body else kept

    def _as_list(self, node: Node, operand: Term) -> Term:
        """A single value as the list of it alone, which is what a filter takes it for."""
        if isinstance(operand, terms.Context):
            return terms.assorted([operand])
        if isinstance(operand, terms.Listing) and isinstance(node, nodes.Name) and node.text == "partial":
            # Each step looks back at the one before; only the item itself may be repeated in it.
            return terms.assorted(operand.items)
        is_single = isinstance(operand.type, FeelType) and operand.type != FeelType.NULL
        return self.listing([node], [operand]) if is_single else operand

    def _at_position(self, node: nodes.Filter, operand: Term, scope: int, condition: Term) -> Term:
        """The item at a position of a list that has an order."""
        if condition.type == FeelType.NUMBER and isinstance(operand.type, RecordsOf):
            raise FeelError("no_position", node.condition.span, name=operand.type.group.name)
        chosen = calls.overload(functions.rows("item at"), [(None, operand), (None, condition)])
        if chosen is None or condition.type != FeelType.NUMBER or scope in terms.free_scopes(condition):
            english, chinese = words(condition.type)
            raise FeelError("not_boolean", node.condition.span, place="[ ]", found=english, found_zh=chinese)
        assert isinstance(chosen, terms.Call)
        lists.refuse_without_order(chosen.function, chosen.arguments, node)
        return chosen

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
            code = compare.uncounted(node.symbol, left, right)
            raise compare.between_types(code, node.span, left, right, symbol=node.symbol)
        return limits.within(chosen, node)

    @check.register
    def _(self, node: nodes.Junction, scope: Scope) -> Term:
        decisive, parts, refused = node.symbol == "or", [], None
        for part in node.parts:
            try:
                parts.append(self.condition(part, scope, node.symbol))
            except FeelError as refusal:
                if refusal.code != "not_boolean":
                    raise
                refused = refused or refusal
        if refused is None:
            return terms.Junction(BOOLEAN, node.symbol, tuple(parts))
        # What is neither true nor false is unknown, and beside a written “false” an “and” is false all the same.
        if any(isinstance(part, terms.Constant) and part.value is decisive for part in parts):
            return terms.Constant(BOOLEAN, decisive)
        raise refused

    @check.register
    def _(self, node: nodes.Between, scope: Scope) -> Term:
        return compare.between(self, node, scope)

    @check.register
    def _(self, node: nodes.Membership, scope: Scope) -> Term:
        return compare.membership(self, node, scope)

    @check.register
    def _(self, node: nodes.Range, scope: Scope) -> Term:
        return structures.interval(self, node, scope)

    @check.register
    def _(self, node: nodes.UnaryTest, scope: Scope) -> Term:
        return structures.half_open(self, node, scope)

    @check.register
    def _(self, node: nodes.ContextLiteral, scope: Scope) -> Term:
        return structures.context(self, node, scope)

    @check.register
    def _(self, node: nodes.FunctionLiteral, scope: Scope) -> Term:
        return terms.Lambda(FunctionType(), node.parameters, node.body, scope)

    @check.register
    def _(self, node: nodes.Application, scope: Scope) -> Term:
        return structures.application(self, node, scope)

    @check.register
    def _(self, node: nodes.InstanceOf, scope: Scope) -> Term:
        return typetests.instance_of(self, node, scope)

    @check.register
    def _(self, node: nodes.Conditional, scope: Scope) -> Term:
        condition = self.condition(node.condition, scope, "if")
        branches = self.value(node.then, scope), self.value(node.otherwise, scope)
        if any(terms.is_structure(branch) for branch in branches):
            if not self.is_written(condition):
                raise FeelError("structure_choice", node.span)
            return branches[0 if self.written_value(condition) else 1]
        wanted = next((branch.type for branch in branches if not terms.is_null(branch)), FeelType.NULL)
        then, otherwise = (branch if branch.type == wanted else fit(branch, wanted) for branch in branches)
        if then is None or otherwise is None:
            raise compare.between_types("branches", node.span, *branches)
        return terms.choice(condition, then, otherwise)

    @check.register
    def _(self, node: nodes.Quantified, scope: Scope) -> Term:
        return loops.quantified(self, node, node.bindings, scope)

    @check.register
    def _(self, node: nodes.Iteration, scope: Scope) -> Term:
        return loops.iterated(self, node, node.bindings, scope)

    @check.register
    def _(self, node: nodes.Invocation, scope: Scope) -> Term:
        return limits.within(calls.call(self, node, scope), node)
