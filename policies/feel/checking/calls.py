"""Checks calls of built-ins."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import reduce

from policies.feel import terms
from policies.feel.checking.coercion import choose_overload, fit, list_of, refuse_without_order
from policies.feel.checking.composition import Arguments, composes, find_composer, order_arguments
from policies.feel.checking.scope import Scope, unknown_name
from policies.feel.checking.session import Session, as_condition, as_value, check_node
from policies.feel.functions import registry
from policies.feel.functions.lists import PAIRWISE
from policies.feel.functions.table import Aggregate, Composed, Function
from policies.feel.messages.errors import FeelError, names_of
from policies.feel.passes.limits import check_limits
from policies.feel.standard.moments import parse_date_time, parse_time
from policies.feel.standard.structures import apply_function, items_of
from policies.feel.syntax import nodes
from policies.feel.syntax.hints import suggest_function
from policies.feel.terms import Term
from policies.feel.types.types import FeelType, ListOf, RecordsOf, type_of, words
from policies.feel.types.values import Scalar, parse_date, parse_duration

BuiltIn = list[Function] | Aggregate | Composed
# A rule cannot call a function of its own by these names.
_KEPT = frozenset({"not", "sort"})
# Functions of one list that take its values one by one too.
_ANY_NUMBER = frozenset({"mode", "product"})


@check_node.register
def check_call(node: nodes.Invocation, scope: Scope, session: Session) -> Term:
    return check_limits(_resolve_call(node, scope, session), node)


def _resolve_call(node: nodes.Invocation, scope: Scope, session: Session) -> Term:
    """What a name with arguments stands for: something defined, a function of the rule, or a built-in."""
    name = node.function.text
    defined = scope.defined and scope.defined.expand_call(node, scope)
    if defined:
        return defined
    if name not in _KEPT and scope.find_local(name) is not None:
        return apply_function(nodes.Application(node.span, node.function, node.arguments), scope, session)
    found = registry.find_built_in(name)
    if found is None:
        raise _unknown_function(node, scope)
    given = [(argument.parameter, check_node(argument.value, scope, session)) for argument in node.arguments]
    # `count` takes records, and `sort` says what it takes before it refuses them.
    if not isinstance(found, Aggregate) and name != "sort":
        for argument, (_, term) in zip(node.arguments, given, strict=True):
            as_value(argument.value, term)
    chosen = _choose(node, found, given, session)
    if isinstance(chosen, terms.Call):
        refuse_without_order(chosen, node)
    if chosen is None and name == "duration":
        raise FeelError("written_duration", node.span)
    if chosen is None:
        usages = [function.usage for function in found] if isinstance(found, list) else [found.usage]
        raise _wrong_arguments(node, [term for _, term in given], usages)
    return chosen


def _choose(node: nodes.Invocation, found: BuiltIn, given: Arguments, session: Session) -> Term | None:
    """The call as the first of its forms that takes these arguments."""
    name = node.function.text
    composer = find_composer(name)
    term = composer(node, given, session) if composer else None
    if term is not None or isinstance(found, Composed):
        return term
    if isinstance(found, Aggregate):
        return _aggregate(node, found, given)
    given = _without_null_options(name, given)
    if name in _ANY_NUMBER and len(given) > 1:
        items = list_of([argument.value for argument in node.arguments], [term for _, term in given])
        given = [(None, items)]
    return choose_overload(found, given)


# Optional parameters, by function, for which the standard takes a written `null` as “not given”.
_OPTIONS: dict[str, tuple[str, int]] = {"time": ("offset", 3), "string join": ("delimiter", 1)}


def _without_null_options(name: str, given: Arguments) -> Arguments:
    parameter, place = _OPTIONS.get(name, (None, None))
    return [
        (named, term)
        for index, (named, term) in enumerate(given)
        if not (terms.is_null(term) and (named == parameter if named else index == place))
    ]


def _unknown_function(node: nodes.Invocation, scope: Scope) -> FeelError:
    name = node.function.text
    # A rule has no clock; a policy's rules have the day whose facts count.
    if name in registry.LEFT_OUT and scope.defined is None:
        return FeelError("unsupported", node.function.span, what=f"“{name}”")
    instead = name.lower() if registry.find_built_in(name.lower()) else suggest_function(name)
    if instead:
        return FeelError("write_instead", node.function.span, found=name, instead=instead)
    return unknown_name("unknown_function", node.function, registry.built_in_names())


@composes("not")
def compose_not(node: nodes.Invocation, given: Arguments, session: Session) -> Term | None:
    """`not(condition)`."""
    found = order_arguments(("negand",), given)
    if found is None:
        return None
    return terms.Not(FeelType.BOOLEAN, as_condition(node.arguments[0].value, found[0], "not"))


# For `date("…")` and similar calls: the function that reads the text, and the code of the refusal.
_READERS: dict[str, tuple[Callable[[str], Scalar], str]] = {
    "date": (parse_date, "bad_date"),
    "time": (parse_time, "bad_time"),
    "date and time": (parse_date_time, "bad_date_and_time"),
    "duration": (parse_duration, "bad_duration"),
}


@composes(*_READERS)
def read_moment(node: nodes.Invocation, given: Arguments, session: Session) -> Term | None:
    """
    Read `date("…")` and similar calls now, so that a wrong text is never saved.

    Raises:
        FeelError: the text is none.
    """
    found = order_arguments(("from",), given)
    if found is None or not isinstance(found[0], terms.Constant) or not isinstance(found[0].value, str):
        return None
    read, refusal = _READERS[node.function.text]
    value = read(found[0].value)
    if value is None:
        raise FeelError(refusal, node.arguments[0].value.span, found=found[0].value)
    return terms.Constant(type_of(value), value)


def _aggregate(node: nodes.Invocation, function: Aggregate, given: Arguments) -> Term:
    found = [term for _, term in given]
    wrong = _wrong_arguments(node, found, [f"{function.name}({function.parameter})"])
    parameters = {parameter for parameter, _ in given}
    if not given or (parameters != {None} and (len(given) > 1 or parameters != {function.parameter})):
        raise wrong
    if len(given) == 1 and isinstance(found[0], terms.Selection):
        return _count_records(node, function, found[0])
    values = [as_value(argument.value, term) for argument, term in zip(node.arguments, found, strict=True)]
    if any(terms.is_structure(value) for value in values):
        counted = _count_items(function, values)
        if counted is None:
            raise wrong
        return counted
    if len(values) == 1 and isinstance(values[0].type, ListOf):
        return _aggregate_list(function, values[0], wrong)
    if function.name == "count" or (len(values) == 1 and terms.is_null(values[0])):
        raise wrong
    pairwise = PAIRWISE.get(function.name)
    numbers = [number for value in values if (number := fit(value, FeelType.NUMBER))]
    if pairwise and len(values) > 1 and len(numbers) == len(values):
        return reduce(lambda one, other: terms.Call(FeelType.NUMBER, pairwise, (one, other)), numbers)
    items = list_of([argument.value for argument in node.arguments], values)
    if not isinstance(items.type, ListOf):
        # One of the values is a list itself.
        raise wrong
    return _aggregate_list(function, items, wrong)


def _count_records(node: nodes.Invocation, function: Aggregate, selection: terms.Selection) -> Term:
    """Counts records; any other aggregate needs a fact of theirs."""
    if function.name != "count":
        assert isinstance(selection.type, RecordsOf)
        raise FeelError("list_as_value", node.arguments[0].span, **names_of(selection.type.group))
    return terms.Aggregation(FeelType.NUMBER, function, selection)


def _count_items(function: Aggregate, values: list[Term]) -> Term | None:
    """`count` of a list of structures; no other aggregate takes one."""
    items = items_of(values[0]) if len(values) == 1 and function.name == "count" else None
    return None if items is None else terms.Constant(FeelType.NUMBER, Decimal(len(items)))


def _aggregate_list(function: Aggregate, source: Term, wrong: FeelError) -> Term:
    element = terms.element_of(source)
    if element == FeelType.NULL and element not in function.elements:
        # A list of nulls is a list of whatever the function takes.
        element = min(function.elements)
        fitted = fit(source, ListOf(element))
        if fitted is None:
            raise wrong
        source = fitted
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
