"""Checking `for`, `some` and `every`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.feel import nodes, structures, terms
from policies.feel.compare import between_types, compared
from policies.feel.errors import FeelError
from policies.feel.fit import fit
from policies.feel.functions.dates import DATE_SERIES
from policies.feel.functions.lists import ALL, ANY
from policies.feel.functions.sequences import LIMIT_ITEMS, SERIES
from policies.feel.kinds import FeelType, ListOf
from policies.feel.limits import written_number
from policies.feel.scope import Frame, Scope
from policies.feel.terms import Term

if TYPE_CHECKING:
    from policies.feel.check import Checker

BOOLEAN = FeelType.BOOLEAN


def quantified(checker: Checker, node: nodes.Quantified, bindings: tuple[nodes.Binding, ...], scope: Scope) -> Term:
    """`some … satisfies` and `every … satisfies`."""
    if not bindings:
        return checker.condition(node.condition, scope, "satisfies")
    source = source_of(checker, bindings[0], scope)
    if isinstance(source, terms.Assorted):
        frames = [Frame(bindings[0].name.text, item, is_filter=False) for item in source.items]
        parts = [quantified(checker, node, bindings[1:], scope.inside(frame)) for frame in frames]
        return (structures.all_of if node.is_every else structures.any_of)(parts)
    selection, inner = bound(checker, bindings[0], source, scope)
    body = quantified(checker, node, bindings[1:], inner)
    function = ALL if node.is_every else ANY
    return terms.Aggregation(BOOLEAN, function, terms.Projection(ListOf(BOOLEAN), selection, body))


def iterated(checker: Checker, node: nodes.Iteration, bindings: tuple[nodes.Binding, ...], scope: Scope) -> Term:
    """`for … return …`; over several lists the last one turns fastest."""
    binding, *rest = bindings
    source = source_of(checker, binding, scope)
    items = source.items if isinstance(source, terms.Assorted) else _written_series(node, source)

    def body(inner: Scope) -> Term:
        return iterated(checker, node, tuple(rest), inner) if rest else checker.value(node.body, inner)

    if items is not None:
        looped = structures.looped(checker, node, binding.name.text, items, body, scope)
        return _joined(checker, node, looped) if rest else looped
    selection, inner = bound(checker, binding, source, scope)
    return _chained(node, selection, body(inner)) if rest else _projected(node, selection, body(inner))


def _projected(node: nodes.Iteration, selection: terms.Selection, body: Term) -> Term:
    if isinstance(body.type, ListOf):
        body = fit(body, body.type.element) or body
    if not isinstance(body.type, FeelType):
        raise FeelError("structure_loop", node.body.span)
    return terms.Projection(ListOf(body.type), selection, body)


def _chained(node: nodes.Iteration, selection: terms.Selection, body: Term) -> Term:
    if not isinstance(body.type, ListOf) or not (isinstance(selection.source, Term) or _looks_back(selection, body)):
        raise FeelError("loops_over_records", node.span)
    return terms.Chain(body.type, selection, body)


def _looks_back(selection: terms.Selection, body: Term) -> bool:
    """Whether the inner register's filter looks at the outer record; without that each would meet each."""
    inner = body.selection if isinstance(body, terms.Projection | terms.Chain) else None
    return inner is not None and any(selection.scope in terms.free_scopes(each) for each in inner.conditions)


def _joined(checker: Checker, node: nodes.Iteration, looped: Term) -> Term:
    """The lists of the inner loops as one."""
    lists = [structures.items_of(item) for item in structures.items_of(looped) or ()]
    if any(items is None for items in lists):
        raise FeelError("structure_loop", node.body.span)
    flat = [item for items in lists for item in items or ()]
    return checker.listing([node] * len(flat), flat)


def source_of(checker: Checker, binding: nodes.Binding, scope: Scope) -> Term:
    """What a loop runs over: a list, or the numbers or days from one to another."""
    if binding.until is not None:
        return _series(checker, binding, checker.value(binding.source, scope), checker.value(binding.until, scope))
    source = checker.check(binding.source, scope)
    if isinstance(source, terms.Interval):
        return _closed_series(checker, binding, source)
    return source


def _closed_series(checker: Checker, binding: nodes.Binding, source: terms.Interval) -> Term:
    """`for i in [1..3]`: a range with both ends, upwards only."""
    low, high = source.low, source.high
    if low is None or high is None or not (source.includes_low and source.includes_high):
        raise FeelError("bad_series", binding.source.span)
    is_known = checker.is_written(low) and checker.is_written(high)
    if is_known and checker.written_value(compared(binding.span, "<=", low, high)) is True:
        return _series(checker, binding, low, high)
    raise FeelError("bad_series", binding.source.span)


def _series(checker: Checker, binding: nodes.Binding, start: Term, end: Term) -> Term:
    for row in (SERIES, DATE_SERIES):
        kind = row.parameters[0][1]
        one, other = fit(start, kind), fit(end, kind)
        if one and other and start.type == end.type == kind:
            ends = written_number(one), written_number(other)
            if ends[0] is not None and ends[1] is not None and abs(ends[1] - ends[0]) >= LIMIT_ITEMS:
                raise FeelError("long_series", binding.source.span, limit=f"{LIMIT_ITEMS:,}")
            return terms.Call(row.result, row, (one, other))
    raise between_types("no_series", binding.source.span, start, end)


def _written_series(node: nodes.Iteration, source: Term) -> tuple[Term, ...] | None:
    """The numbers of `for i in 0..4` one by one, when the loop looks back at `partial`."""
    is_series = isinstance(source, terms.Call) and source.function is SERIES
    if not is_series or not any(isinstance(part, nodes.Name) and part.text == "partial" for part in _all(node.body)):
        return None
    assert isinstance(source, terms.Call)
    ends = [written_number(argument) for argument in source.arguments]
    values = None if None in ends else SERIES.python(*ends)
    if values is None:
        raise FeelError("partial", node.span)
    return tuple(terms.Constant(FeelType.NUMBER, value) for value in values)


def _all(node: nodes.Node) -> list[nodes.Node]:
    return [node, *(part for child in nodes.children(node) for part in _all(child))]


def bound(checker: Checker, binding: nodes.Binding, source: Term, scope: Scope) -> tuple[terms.Selection, Scope]:
    """A loop's selection, and the scope in which its variable is known."""
    selection, body = checker.opened(binding.source, source)
    item = body or terms.item_of(selection)
    return selection, scope.inside(Frame(binding.name.text, item, is_filter=False))
