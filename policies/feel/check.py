"""Checking a rule when it is saved: every name resolved, every type right, or a sentence that says where not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import singledispatchmethod
from itertools import count

from companies.catalogue import Catalogue
from policies.feel import functions, nodes, terms
from policies.feel.errors import FeelError, Span
from policies.feel.fit import common_type, fit, fit_arguments
from policies.feel.functions.dates import PARTS
from policies.feel.functions.lists import ALL, ANY
from policies.feel.functions.table import Aggregate, Function
from policies.feel.kinds import ORDERED, FeelType, ListOf, RecordOf, RecordsOf, Type, words
from policies.feel.nodes import Node
from policies.feel.parse import moment, parse
from policies.feel.scope import UNNUMBERED, Frame, Scope, fact_named, unknown
from policies.feel.terms import Term

NUMBER = FeelType.NUMBER
BOOLEAN = FeelType.BOOLEAN


@dataclass(frozen=True, slots=True)
class Expression:
    """A rule that may be saved: its text as written, its checked form, and the type of its answer."""

    text: str
    node: Term
    type: Type


def check(text: str, *, catalogue: Catalogue, expects: FeelType | None = None) -> Expression:
    """
    Read and type a rule.

    Raises:
        FeelError: it is not a rule, names something unknown, or its types do not go together.
    """
    written = parse(text)
    checker = Checker()
    term = checker.single(written, checker.check(written, Scope(catalogue)))
    if expects is not None:
        fitted = fit(term, expects)
        if fitted is None:
            raise _wrong_result(written, term.type, expects)
        term = fitted
    return Expression(text, term, term.type)


def _wrong_result(written: Node, found: Type, wanted: FeelType) -> FeelError:
    (english, chinese), (needed, needed_zh) = words(found), words(wanted)
    return FeelError("wrong_result", written.span, found=english, found_zh=chinese, wanted=needed, wanted_zh=needed_zh)


class Checker:
    """One rule's worth of scope numbers."""

    def __init__(self) -> None:
        self._numbers = count(1)

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

    def once(self, term: Term) -> tuple[int, Term]:
        """A scope number and the item that stands for `term` when it is needed several times."""
        scope = next(self._numbers)
        return scope, terms.Item(term.type, scope)

    @check.register
    def _(self, node: nodes.Literal, scope: Scope) -> Term:
        return terms.Constant(node.type, node.value)

    @check.register
    def _(self, node: nodes.Name, scope: Scope) -> Term:
        term = scope.resolve(node)
        if isinstance(term, terms.Selection) and term.scope == UNNUMBERED:
            assert isinstance(term.type, RecordsOf)
            return terms.records(term.type.group, next(self._numbers))
        return term

    @check.register
    def _(self, node: nodes.Path, scope: Scope) -> Term:
        operand = self.check(node.operand, scope)
        if isinstance(operand, terms.Record):
            return fact_named(operand, node.name)
        if isinstance(operand, terms.Selection):
            record = terms.Record(RecordOf(operand.type.group), operand.scope)  # type: ignore[union-attr]
            fact = fact_named(record, node.name)
            assert isinstance(fact.type, FeelType)
            return terms.Projection(ListOf(fact.type), operand, fact)
        return self._part(node, self.single(node.operand, operand))

    def _part(self, node: nodes.Path, operand: Term) -> Term:
        kind = operand.type.element if isinstance(operand.type, ListOf) else operand.type
        assert isinstance(kind, FeelType)
        english, chinese = words(kind)
        parts = PARTS.get(kind, [])
        name = node.name.text
        part = next((part for part in parts if part.name == name), None)
        params = {"type": english.split(" ", 1)[-1], "type_zh": chinese, "name": name}
        if not parts:
            raise FeelError("no_parts", node.name.span, **params)
        fitted = fit(operand, kind)
        if part is None or fitted is None:
            raise FeelError("unknown_part", node.name.span, **params, parts=", ".join(p.name for p in parts))
        return terms.Call(part.result, part, (fitted,))

    @check.register
    def _(self, node: nodes.Filter, scope: Scope) -> Term:
        operand = self.check(node.operand, scope)
        selection, body = self._opened(node.operand, operand)
        item = body if body else terms.Record(RecordOf(selection.type.group), selection.scope)  # type: ignore[union-attr]
        condition = self.value(node.condition, scope.inside(Frame("item", item, is_filter=True)))
        fitted = fit(condition, BOOLEAN)
        if fitted is None:
            raise self._not_a_condition(node, operand, condition)
        kept = terms.Selection(selection.type, selection.scope, selection.source, (*selection.conditions, fitted))
        return terms.Projection(operand.type, kept, body) if body else kept

    def _opened(self, node: Node, operand: Term) -> tuple[terms.Selection, Term | None]:
        """A list as something to filter: the selection, and the value of one item unless it is a record."""
        if isinstance(operand, terms.Selection):
            return operand, None
        operand = self.single(node, operand)
        if not isinstance(operand.type, ListOf):
            english, chinese = words(operand.type)
            raise FeelError("not_a_list", node.span, found=english, found_zh=chinese)
        scope = next(self._numbers)
        item = terms.Item(operand.type.element, scope)
        return terms.Selection(operand.type, scope, operand, ()), item

    def _not_a_condition(self, node: nodes.Filter, operand: Term, condition: Term) -> FeelError:
        if condition.type == NUMBER and isinstance(operand.type, RecordsOf):
            return FeelError("no_position", node.condition.span, name=operand.type.group.name)
        if condition.type == NUMBER:
            return FeelError("unsupported", node.condition.span, what="[position]")
        english, chinese = words(condition.type)
        return FeelError("not_boolean", node.condition.span, place="[ ]", found=english, found_zh=chinese)

    @check.register
    def _(self, node: nodes.Listing, scope: Scope) -> Term:
        items = [self.value(item, scope) for item in node.items]
        return self.listing(node.items, items)

    def listing(self, written: Iterable[Node], items: list[Term]) -> Term:
        """A list of values that are all of one type."""
        for node, item in zip(written, items, strict=True):
            if isinstance(item, terms.Listing):
                raise FeelError("nested_list", node.span)
            kind = common_type([items[0], item])
            if kind is None or isinstance(items[0].type, ListOf):
                (left, left_zh), (right, right_zh) = words(items[0].type), words(item.type)
                raise FeelError("mixed_list", node.span, left=left, left_zh=left_zh, right=right, right_zh=right_zh)
        element = common_type(items) or FeelType.NULL
        fitted = tuple(term for item in items if (term := fit(item, element)))
        assert len(fitted) == len(items)
        return terms.Listing(ListOf(element), fitted)

    @check.register
    def _(self, node: nodes.Negation, scope: Scope) -> Term:
        operand = self.value(node.operand, scope)
        chosen = self._overload(functions.operator("-"), [(None, operand)])
        if chosen is None:
            english, chinese = words(operand.type)
            raise FeelError("wrong_operand", node.span, symbol="-", found=english, found_zh=chinese)
        return chosen

    @check.register
    def _(self, node: nodes.Operation, scope: Scope) -> Term:
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        if node.symbol not in functions.OPERATORS:
            return self.comparison(node.span, node.symbol, left, right)
        chosen = self._overload(functions.operator(node.symbol), [(None, left), (None, right)])
        if chosen is None:
            raise self._between_types("wrong_operands", node.span, left, right, symbol=node.symbol)
        return chosen

    def _between_types(self, code: str, span: Span, left: Term, right: Term, **params: object) -> FeelError:
        (english, chinese), (other, other_zh) = words(left.type), words(right.type)
        return FeelError(code, span, left=english, left_zh=chinese, right=other, right_zh=other_zh, **params)

    def _overload(self, choices: list[Function], given: list[tuple[str | None, Term]]) -> Term | None:
        for function in choices:
            arguments = fit_arguments(function, given)
            if arguments is not None:
                return terms.Call(function.result, function, arguments)
        return None

    def comparison(self, span: Span, symbol: str, left: Term, right: Term) -> Term:
        """
        Compare two values.

        A written `null` makes = and != a test for null. Otherwise nothing equals or differs from an unknown.
        """
        if symbol in ("=", "!=") and (_is_null(left) or _is_null(right)):
            test = self._null_test(left, right)
            return test if symbol == "=" else terms.Not(BOOLEAN, test)
        kind = common_type([left, right])
        if kind is None:
            raise self._between_types("cannot_compare", span, left, right)
        if isinstance(left.type, ListOf) and isinstance(right.type, ListOf):
            raise FeelError("list_equality", span)
        if symbol not in ("=", "!=") and kind not in ORDERED:
            english, chinese = words(kind)
            raise FeelError("no_order", span, symbol=symbol, found=english, found_zh=chinese)
        kind = NUMBER if kind == FeelType.NULL else kind
        fitted = fit(left, kind), fit(right, kind)
        assert fitted[0]
        assert fitted[1]
        return terms.Comparison(BOOLEAN, symbol, fitted[0], fitted[1])

    def _null_test(self, left: Term, right: Term) -> Term:
        other = right if _is_null(left) else left
        return terms.Constant(BOOLEAN, True) if _is_null(other) else terms.IsNull(BOOLEAN, other)

    @check.register
    def _(self, node: nodes.Junction, scope: Scope) -> Term:
        parts = tuple(self.condition(part, scope, node.symbol) for part in node.parts)
        return terms.Junction(BOOLEAN, node.symbol, parts)

    @check.register
    def _(self, node: nodes.Between, scope: Scope) -> Term:
        low = nodes.UnaryTest(node.low.span, ">=", node.low)
        high = nodes.UnaryTest(node.high.span, "<=", node.high)
        operand = self.value(node.operand, scope)
        number, item = self.once(operand)
        parts = tuple(self._tested(item, test, scope) for test in (low, high))
        return terms.With(BOOLEAN, number, operand, terms.Junction(BOOLEAN, "and", parts))

    @check.register
    def _(self, node: nodes.Membership, scope: Scope) -> Term:
        operand = self.value(node.operand, scope)
        if _is_null(operand):
            raise FeelError("null_operand", node.operand.span)
        if isinstance(operand.type, ListOf):
            operand = fit(operand, operand.type.element) or operand
        number, item = self.once(operand)
        tests = list(_flat(node.tests))
        if not tests:
            raise FeelError("empty_tests", node.span)
        parts = self._merged(item, [self._tested(item, test, scope) for test in tests])
        body = parts[0] if len(parts) == 1 else terms.Junction(BOOLEAN, "or", tuple(parts))
        return terms.With(BOOLEAN, number, operand, body)

    def _merged(self, item: Term, tests: list[Term]) -> list[Term]:
        """All plain values as one test, so that SQL gets one IN."""
        equals = [test for test in tests if isinstance(test, terms.Comparison) and test.symbol == "="]
        if len(equals) < 2:
            return tests
        merged = terms.OneOf(BOOLEAN, item, tuple(test.right for test in equals))
        return [merged, *(test for test in tests if test not in equals)]

    def _tested(self, item: Term, test: Node, scope: Scope) -> Term:
        if isinstance(test, nodes.UnaryTest):
            return self.comparison(test.span, test.symbol, item, self.value(test.operand, scope))
        if isinstance(test, nodes.Range):
            return self._within(item, test, scope)
        wanted = self.value(test, scope)
        if isinstance(wanted.type, ListOf) and not isinstance(item.type, ListOf):
            return self._among(item, test, wanted)
        return self.comparison(test.span, "=", item, wanted)

    def _within(self, item: Term, test: nodes.Range, scope: Scope) -> Term:
        low, high = self.value(test.low, scope), self.value(test.high, scope)
        if _is_null(low) or _is_null(high):
            raise FeelError("null_range", test.span)
        above = self.comparison(test.low.span, ">=" if test.includes_low else ">", item, low)
        below = self.comparison(test.high.span, "<=" if test.includes_high else "<", item, high)
        return terms.Junction(BOOLEAN, "and", (above, below))

    def _among(self, item: Term, test: Node, values: Term) -> Term:
        selection, body = self._opened(test, values)
        assert body
        equal = self.comparison(test.span, "=", item, body)
        return terms.Aggregation(BOOLEAN, ANY, terms.Projection(ListOf(BOOLEAN), selection, equal))

    @check.register
    def _(self, node: nodes.Range, scope: Scope) -> Term:
        raise FeelError("stray_range", node.span)

    @check.register
    def _(self, node: nodes.Conditional, scope: Scope) -> Term:
        condition = self.condition(node.condition, scope, "if")
        branches = self.value(node.then, scope), self.value(node.otherwise, scope)
        wanted = next((branch.type for branch in branches if not _is_null(branch)), FeelType.NULL)
        then, otherwise = (branch if branch.type == wanted else fit(branch, wanted) for branch in branches)
        if then is None or otherwise is None:
            raise self._between_types("half_branches", node.span, *branches)
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
        if not isinstance(body.type, FeelType):
            raise FeelError("nested_list", node.body.span)
        return terms.Projection(ListOf(body.type), selection, body)

    def _bound(self, binding: nodes.Binding, scope: Scope) -> tuple[terms.Selection, Scope]:
        if binding.until is not None:
            raise FeelError("unsupported", binding.until.span, what="“..” in a loop")
        selection, body = self._opened(binding.source, self.check(binding.source, scope))
        item = body if body else terms.Record(RecordOf(selection.type.group), selection.scope)  # type: ignore[union-attr]
        return selection, scope.inside(Frame(binding.name.text, item, is_filter=False))

    @check.register
    def _(self, node: nodes.Invocation, scope: Scope) -> Term:
        name = node.function.text
        if name == "not":
            return self._negated(node, scope)
        if name in ("date", "duration") and _literal_text(node):
            return self._moment(node)
        found = functions.find(name)
        if found is None:
            raise unknown("unknown_function", node.function, functions.names())
        given = [(argument.parameter, self.check(argument.value, scope)) for argument in node.arguments]
        if isinstance(found, Aggregate):
            return self._aggregation(node, found, given)
        values = [
            (parameter, self.single(argument.value, term))
            for argument, (parameter, term) in zip(node.arguments, given, strict=True)
        ]
        chosen = self._overload(found, values)
        if chosen is None:
            raise _wrong_arguments(node, [term for _, term in given], [function.usage for function in found])
        return chosen

    def _negated(self, node: nodes.Invocation, scope: Scope) -> Term:
        if len(node.arguments) != 1 or node.arguments[0].parameter not in (None, "negand"):
            found = [self.value(argument.value, scope) for argument in node.arguments]
            raise _wrong_arguments(node, found, ["not(negand: boolean)"])
        return terms.Not(BOOLEAN, self.condition(node.arguments[0].value, scope, "not"))

    def _moment(self, node: nodes.Invocation) -> Term:
        """`date("…")` and `duration("…")` as written are read now, so that a wrong one is never saved."""
        text = _literal_text(node)
        assert text
        literal = moment(text, node.arguments[0].value.span)
        if (literal.type == FeelType.DATE) != (node.function.text == "date"):
            code = "bad_date" if node.function.text == "date" else "bad_duration"
            raise FeelError(code, literal.span, found=text)
        return terms.Constant(literal.type, literal.value)

    def _aggregation(self, node: nodes.Invocation, function: Aggregate, given: list[tuple[str | None, Term]]) -> Term:
        found = [term for _, term in given]
        wrong = _wrong_arguments(node, found, [f"{function.name}({function.parameter})"])
        parameters = {parameter for parameter, _ in given}
        if not given or (parameters != {None} and (len(given) > 1 or parameters != {function.parameter})):
            raise wrong
        if len(given) == 1 and isinstance(found[0], terms.Selection):
            if function.name != "count":
                raise self._records_in(node, found[0])
            return terms.Aggregation(NUMBER, function, found[0])
        values = [self.single(node, term) for term in found]
        source = values[0] if len(values) == 1 and isinstance(values[0].type, ListOf) else self._varargs(node, values)
        return self._aggregated(function, source, wrong)

    def _records_in(self, node: nodes.Invocation, selection: terms.Selection) -> FeelError:
        assert isinstance(selection.type, RecordsOf)
        return FeelError("list_as_value", node.arguments[0].span, name=selection.type.group.name)

    def _varargs(self, node: nodes.Invocation, values: list[Term]) -> Term:
        if node.function.text == "count":
            raise _wrong_arguments(node, values, ["count(list)"])
        return self.listing([argument.value for argument in node.arguments], values)

    def _aggregated(self, function: Aggregate, source: Term, wrong: FeelError) -> Term:
        element = terms.element_of(source)
        if element == FeelType.NULL and function.result is not None and function.name != "count":
            fitted = fit(source, ListOf(next(iter(function.elements))))
            source, element = fitted or source, next(iter(function.elements))
        if element not in function.elements:
            raise wrong
        return terms.Aggregation(function.result_for(element), function, source)


def _wrong_arguments(node: nodes.Invocation, found: list[Term], usages: list[str]) -> FeelError:
    kinds = [words(term.type) for term in found] or [("nothing", "空参数")]
    return FeelError(
        "wrong_arguments",
        node.span,
        name=node.function.text,
        found=", ".join(english for english, _ in kinds),
        found_zh="、".join(chinese for _, chinese in kinds),
        wanted="; ".join(usages),
    )


def _is_null(term: Term) -> bool:
    return isinstance(term, terms.Constant) and term.value is None


def _literal_text(node: nodes.Invocation) -> str | None:
    """The one quoted argument of a call, if that is what it has."""
    if len(node.arguments) != 1 or node.arguments[0].parameter not in (None, "from"):
        return None
    literal = node.arguments[0].value
    return literal.value if isinstance(literal, nodes.Literal) and isinstance(literal.value, str) else None


def _flat(tests: Iterable[Node]) -> Iterable[Node]:
    """The tests, with the items of written lists among them."""
    for test in tests:
        if isinstance(test, nodes.Listing):
            yield from _flat(test.items)
        else:
            yield test
