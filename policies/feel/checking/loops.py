"""Checks `for`, `some` and `every`."""

from __future__ import annotations

from policies.feel import terms
from policies.feel.checking.coercion import fit, list_of, type_mismatch
from policies.feel.checking.compare import compare_values
from policies.feel.checking.constants import constant_value, is_constant
from policies.feel.checking.scope import Frame, Scope
from policies.feel.checking.session import Session, check_condition, check_node, check_value, open_list
from policies.feel.functions.dates import DATE_SERIES
from policies.feel.functions.lists import ALL, ANY
from policies.feel.functions.sequences import LIMIT_ITEMS, SERIES
from policies.feel.messages.errors import FeelError
from policies.feel.passes.limits import written_number
from policies.feel.standard import structures
from policies.feel.syntax import nodes
from policies.feel.terms import Term
from policies.feel.types.types import FeelType, ListOf

BOOLEAN = FeelType.BOOLEAN


@check_node.register
def check_quantified(node: nodes.Quantified, scope: Scope, session: Session) -> Term:
    return _quantify(node, node.bindings, scope, session)


def _quantify(node: nodes.Quantified, bindings: tuple[nodes.Binding, ...], scope: Scope, session: Session) -> Term:
    if not bindings:
        return check_condition(node.condition, scope, "satisfies", session)
    source = _check_source(bindings[0], scope, session)
    if isinstance(source, terms.MixedList):
        frames = [Frame(bindings[0].name.text, item, is_filter=False) for item in source.items]
        parts = [_quantify(node, bindings[1:], scope.with_frame(frame), session) for frame in frames]
        return (terms.all_of if node.is_every else terms.any_of)(parts)
    selection, inner = _bind_variable(bindings[0], source, scope, session)
    body = _quantify(node, bindings[1:], inner, session)
    function = ALL if node.is_every else ANY
    return terms.Aggregation(BOOLEAN, function, terms.Projection(ListOf(BOOLEAN), selection, body))


@check_node.register
def check_iteration(node: nodes.Iteration, scope: Scope, session: Session) -> Term:
    return _iterate(node, node.bindings, scope, session)


def _iterate(node: nodes.Iteration, bindings: tuple[nodes.Binding, ...], scope: Scope, session: Session) -> Term:
    """`for … return …`; over several lists the last one turns fastest."""
    binding, *rest = bindings
    source = _check_source(binding, scope, session)
    items = source.items if isinstance(source, terms.MixedList) else _unroll_series(node, source)

    def body(inner: Scope) -> Term:
        return _iterate(node, tuple(rest), inner, session) if rest else check_value(node.body, inner, session)

    if items is not None:
        lists = structures.iterate_items(node, binding.name.text, items, body, scope, session)
        return _join_lists(node, lists) if rest else lists
    selection, inner = _bind_variable(binding, source, scope, session)
    return _build_chain(node, selection, body(inner)) if rest else _build_projection(node, selection, body(inner))


def _build_projection(node: nodes.Iteration, selection: terms.Selection, body: Term) -> Term:
    if isinstance(body.type, ListOf):
        body = fit(body, body.type.element) or body
    if not isinstance(body.type, FeelType):
        raise FeelError("structure_loop", node.body.span)
    return terms.Projection(ListOf(body.type), selection, body)


def _build_chain(node: nodes.Iteration, selection: terms.Selection, body: Term) -> Term:
    if not isinstance(body.type, ListOf) or not (isinstance(selection.source, Term) or _looks_back(selection, body)):
        raise FeelError("loops_over_records", node.span)
    return terms.Chain(body.type, selection, body)


def _looks_back(selection: terms.Selection, body: Term) -> bool:
    """Whether the inner register's filter looks at the outer record; without that each would meet each."""
    inner = body.selection if isinstance(body, terms.Projection | terms.Chain) else None
    return inner is not None and any(selection.scope in terms.free_scopes(each) for each in inner.conditions)


def _join_lists(node: nodes.Iteration, looped: Term) -> Term:
    """The lists of the inner loops as one."""
    lists = [structures.items_of(item) for item in structures.items_of(looped) or ()]
    if any(items is None for items in lists):
        raise FeelError("structure_loop", node.body.span)
    flat = [item for items in lists for item in items or ()]
    return list_of([node] * len(flat), flat)


def _check_source(binding: nodes.Binding, scope: Scope, session: Session) -> Term:
    """What a loop runs over: a list, or the numbers or days from one to another."""
    if binding.until is not None:
        return _build_series(
            binding, check_value(binding.source, scope, session), check_value(binding.until, scope, session)
        )
    source = check_node(binding.source, scope, session)
    if isinstance(source, terms.Interval):
        return _build_series_in_range(binding, source)
    return source


def _build_series_in_range(binding: nodes.Binding, source: terms.Interval) -> Term:
    """`for i in [1..3]`: a range with both ends, upwards only."""
    low, high = source.low, source.high
    if low is None or high is None or not (source.includes_low and source.includes_high):
        raise FeelError("bad_series", binding.source.span)
    is_known = is_constant(low) and is_constant(high)
    if is_known and constant_value(compare_values(binding.span, "<=", low, high)) is True:
        return _build_series(binding, low, high)
    raise FeelError("bad_series", binding.source.span)


def _build_series(binding: nodes.Binding, start: Term, end: Term) -> Term:
    for row in (SERIES, DATE_SERIES):
        kind = row.parameters[0][1]
        one, other = fit(start, kind), fit(end, kind)
        if one and other and start.type == end.type == kind:
            ends = written_number(one), written_number(other)
            if ends[0] is not None and ends[1] is not None and abs(ends[1] - ends[0]) >= LIMIT_ITEMS:
                raise FeelError("long_series", binding.source.span, limit=f"{LIMIT_ITEMS:,}")
            return terms.Call(row.result, row, (one, other))
    raise type_mismatch("no_series", binding.source.span, start, end)


def _unroll_series(node: nodes.Iteration, source: Term) -> tuple[Term, ...] | None:
    """The numbers of `for i in 0..4` one by one, when the loop looks back at `partial`."""
    is_series = isinstance(source, terms.Call) and source.function is SERIES
    if not is_series or not any(
        isinstance(part, nodes.Name) and part.text == "partial" for part in _nodes_in(node.body)
    ):
        return None
    assert isinstance(source, terms.Call)
    ends = [written_number(argument) for argument in source.arguments]
    values = None if None in ends else SERIES.python(*ends)
    if values is None:
        raise FeelError("partial", node.span)
    return tuple(terms.Constant(FeelType.NUMBER, value) for value in values)


def _nodes_in(node: nodes.Node) -> list[nodes.Node]:
    return [node, *(part for child in nodes.children(node) for part in _nodes_in(child))]


def _bind_variable(
    binding: nodes.Binding, source: Term, scope: Scope, session: Session
) -> tuple[terms.Selection, Scope]:
    """A loop's selection, and the scope in which its variable is known."""
    selection, body = open_list(binding.source, source, session)
    item = body or terms.item_of(selection)
    return selection, scope.with_frame(Frame(binding.name.text, item, is_filter=False))
