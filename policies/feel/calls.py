"""Checking function calls."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import TYPE_CHECKING

from policies.feel import (
    contexts,
    functions,
    lists,
    nested,
    nodes,
    ranges,
    searches,
    structures,
    terms,
    typetests,
)
from policies.feel.errors import FeelError, names_of
from policies.feel.fit import fit, fit_arguments
from policies.feel.functions.lists import PAIRWISE
from policies.feel.functions.table import Aggregate, Composed, Function
from policies.feel.habits import called_otherwise
from policies.feel.kinds import FeelType, ListOf, RecordsOf, type_of, words
from policies.feel.lists import in_order
from policies.feel.moments import date_time_from, time_from
from policies.feel.scope import Scope, unknown
from policies.feel.terms import Term
from policies.feel.values import Scalar, date_from, duration_from

if TYPE_CHECKING:
    from policies.feel.check import Checker

Arguments = list[tuple[str | None, Term]]
Found = list[Function] | Aggregate | Composed
COMPOSED = {
    **lists.COMPOSED,
    **nested.COMPOSED,
    **contexts.COMPOSED,
    **searches.COMPOSED,
    **ranges.COMPOSED,
    **typetests.COMPOSED,
}


def call(checker: Checker, node: nodes.Invocation, scope: Scope) -> Term:
    """A call of a built-in."""
    name = node.function.text
    if name == "not":
        return _negated(checker, node, scope)
    defined = scope.defined and scope.defined.called(node, scope)
    if defined:
        return defined
    if name == "sort":
        return lists.sort(checker, node, scope)
    callee = scope.local(name)
    if callee is not None:
        return structures.application(checker, nodes.Application(node.span, node.function, node.arguments), scope)
    found = functions.find(name)
    if found is None:
        raise _unknown_function(node, scope)
    given = [(argument.parameter, checker.check(argument.value, scope)) for argument in node.arguments]
    if not isinstance(found, Aggregate):
        for argument, (_, term) in zip(node.arguments, given, strict=True):
            checker.single(argument.value, term)
    chosen = _chosen(checker, node, found, given)
    if chosen is None and name == "duration":
        raise FeelError("written_duration", node.span)
    if chosen is None:
        usages = [function.usage for function in found] if isinstance(found, list) else [found.usage]
        raise _wrong_arguments(node, [term for _, term in given], usages)
    return chosen


def _chosen(checker: Checker, node: nodes.Invocation, found: Found, given: Arguments) -> Term | None:
    """The call as the first of its forms that takes these arguments."""
    name = node.function.text
    composed = COMPOSED.get(name)
    term = composed(checker, node, given) if composed else _moment(node, given)
    if isinstance(term, terms.Call):
        lists.refuse_without_order(term.function, term.arguments, node)
    if term is not None or isinstance(found, Composed):
        return term
    if isinstance(found, Aggregate):
        return _aggregation(checker, node, found, given)
    given = _without_null_options(name, given)
    if name in lists.ANY_NUMBER and len(given) > 1:
        items = checker.listing([argument.value for argument in node.arguments], [term for _, term in given])
        given = [(None, items)]
    chosen = overload(found, given)
    if isinstance(chosen, terms.Call):
        lists.refuse_without_order(chosen.function, chosen.arguments, node)
    return chosen


# Optional parameters, by function, for which the standard takes a written `null` as “not given”.
OPTIONS: dict[str, tuple[str, int]] = {"time": ("offset", 3), "string join": ("delimiter", 1)}


def _without_null_options(name: str, given: Arguments) -> Arguments:
    parameter, place = OPTIONS.get(name, (None, None))
    return [
        (named, term)
        for index, (named, term) in enumerate(given)
        if not (terms.is_null(term) and (named == parameter if named else index == place))
    ]


def overload(choices: list[Function], given: Arguments) -> Term | None:
    """The call of the first overload that takes these arguments."""
    for function in choices:
        arguments = fit_arguments(function, given)
        if arguments is not None:
            return terms.Call(function.result, function, arguments)
    return None


def _unknown_function(node: nodes.Invocation, scope: Scope) -> FeelError:
    name = node.function.text
    # A rule has no clock; a policy's rules have the day whose facts count.
    if name in functions.LEFT_OUT and scope.defined is None:
        return FeelError("unsupported", node.function.span, what=f"“{name}”")
    instead = name.lower() if functions.find(name.lower()) else called_otherwise(name)
    if instead:
        return FeelError("write_instead", node.function.span, found=name, instead=instead)
    return unknown("unknown_function", node.function, functions.names())


def _negated(checker: Checker, node: nodes.Invocation, scope: Scope) -> Term:
    if len(node.arguments) != 1 or node.arguments[0].parameter not in (None, "negand"):
        found = [checker.value(argument.value, scope) for argument in node.arguments]
        raise _wrong_arguments(node, found, ["not(negand: boolean)"])
    return terms.Not(FeelType.BOOLEAN, checker.condition(node.arguments[0].value, scope, "not"))


# What `date("…")` and its like read, and how a wrong one is refused.
WRITTEN: dict[str, tuple[Callable[[str], Scalar], str]] = {
    "date": (date_from, "bad_date"),
    "time": (time_from, "bad_time"),
    "date and time": (date_time_from, "bad_date_and_time"),
    "duration": (duration_from, "bad_duration"),
}


def _moment(node: nodes.Invocation, given: Arguments) -> Term | None:
    """
    `date("…")` and its like are read now, so that a wrong one is never saved.

    Raises:
        FeelError: the text is none.
    """
    found = in_order(("from",), given)
    if node.function.text not in WRITTEN or found is None or not isinstance(found[0], terms.Constant):
        return None
    if not isinstance(found[0].value, str):
        return None
    read, refusal = WRITTEN[node.function.text]
    value = read(found[0].value)
    if value is None:
        raise FeelError(refusal, node.arguments[0].value.span, found=found[0].value)
    return terms.Constant(type_of(value), value)


def _aggregation(checker: Checker, node: nodes.Invocation, function: Aggregate, given: Arguments) -> Term:
    found = [term for _, term in given]
    wrong = _wrong_arguments(node, found, [f"{function.name}({function.parameter})"])
    parameters = {parameter for parameter, _ in given}
    if not given or (parameters != {None} and (len(given) > 1 or parameters != {function.parameter})):
        raise wrong
    if len(given) == 1 and isinstance(found[0], terms.Selection):
        return _counted(node, function, found[0])
    values = [checker.single(argument.value, term) for argument, term in zip(node.arguments, found, strict=True)]
    if any(terms.is_structure(value) for value in values):
        counted = nested.counted(function, values)
        if counted is None:
            raise wrong
        return counted
    if len(values) == 1 and isinstance(values[0].type, ListOf):
        return _aggregated(function, values[0], wrong)
    if function.name == "count" or (len(values) == 1 and terms.is_null(values[0])):
        raise wrong
    pairwise = PAIRWISE.get(function.name)
    numbers = [number for value in values if (number := fit(value, FeelType.NUMBER))]
    if pairwise and len(values) > 1 and len(numbers) == len(values):
        return reduce(lambda one, other: terms.Call(FeelType.NUMBER, pairwise, (one, other)), numbers)
    return _aggregated(function, checker.listing([argument.value for argument in node.arguments], values), wrong)


def _counted(node: nodes.Invocation, function: Aggregate, selection: terms.Selection) -> Term:
    """Records can be counted; for anything else name a fact of theirs."""
    if function.name != "count":
        assert isinstance(selection.type, RecordsOf)
        raise FeelError("list_as_value", node.arguments[0].span, **names_of(selection.type.group))
    return terms.Aggregation(FeelType.NUMBER, function, selection)


def _aggregated(function: Aggregate, source: Term, wrong: FeelError) -> Term:
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
