"""
Checks the built-ins that compare points and ranges: `before(1, [2..3])`, `overlaps([1..5], [3..8])`.

Each is the standard's own formula over the ends, put together from plain comparisons.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from companies.datasets.catalogue import Catalogue
from policies.feel import terms
from policies.feel.checking.compare import compare_values
from policies.feel.checking.composition import Arguments, composes, order_arguments
from policies.feel.checking.constants import constant_value, is_constant
from policies.feel.checking.scope import Scope
from policies.feel.checking.session import Session, check_value
from policies.feel.messages.errors import FeelError
from policies.feel.standard.structures import build_interval
from policies.feel.syntax import nodes
from policies.feel.syntax.parse import parse
from policies.feel.terms import Term
from policies.feel.types.types import MOMENTS, ORDERED, FeelType


@dataclass(frozen=True, slots=True)
class Side:
    """A range, or a point as the range of itself alone."""

    low: Term
    high: Term
    has_low: bool
    has_high: bool
    is_range: bool


Test = Callable[[str, Term, Term], Term]
Formula = Callable[[Side, Side, Test], Term]


def _before(a: Side, b: Side, test: Test) -> Term:
    return test("<" if a.has_high and b.has_low else "<=", a.high, b.low)


def _meets(a: Side, b: Side, test: Test) -> Term:
    return test("=", a.high, b.low) if a.has_high and b.has_low else terms.NO


def _overlaps(a: Side, b: Side, test: Test) -> Term:
    return terms.all_of([_reaches(a, b, test), _reaches(b, a, test)])


def _reaches(a: Side, b: Side, test: Test) -> Term:
    """Whether `a` ends after `b` has begun."""
    return test(">=" if a.has_high and b.has_low else ">", a.high, b.low)


def _starts_first(a: Side, b: Side, test: Test, *, or_together: bool) -> Term:
    both = a.has_low or not b.has_low if or_together else a.has_low and not b.has_low
    return test("<=" if both else "<", a.low, b.low)


def _ends_last(a: Side, b: Side, test: Test, *, or_together: bool) -> Term:
    both = a.has_high or not b.has_high if or_together else a.has_high and not b.has_high
    return test(">=" if both else ">", a.high, b.high)


def _overlaps_before(a: Side, b: Side, test: Test) -> Term:
    return terms.all_of([
        _starts_first(a, b, test, or_together=False),
        _reaches(a, b, test),
        _ends_last(b, a, test, or_together=True),
    ])  # fmt: skip


def _includes(a: Side, b: Side, test: Test) -> Term:
    if b.is_range:
        return terms.all_of([_starts_first(a, b, test, or_together=True), _ends_last(a, b, test, or_together=True)])
    return terms.all_of(
        [test(">=" if a.has_low else ">", b.low, a.low), test("<=" if a.has_high else "<", b.low, a.high)]
    )


def _starts(a: Side, b: Side, test: Test) -> Term:
    if not a.is_range:
        return test("=", a.low, b.low) if b.has_low else terms.NO
    if a.has_low != b.has_low:
        return terms.NO
    return terms.all_of([test("=", a.low, b.low), _ends_last(b, a, test, or_together=True)])


def _finishes(a: Side, b: Side, test: Test) -> Term:
    if not a.is_range:
        return test("=", a.high, b.high) if b.has_high else terms.NO
    if a.has_high != b.has_high:
        return terms.NO
    return terms.all_of([test("=", a.high, b.high), _starts_first(b, a, test, or_together=True)])


def _coincides(a: Side, b: Side, test: Test) -> Term:
    if (a.has_low, a.has_high) != (b.has_low, b.has_high):
        return terms.NO
    return terms.all_of([test("=", a.low, b.low), test("=", a.high, b.high)])


def _swap_sides(formula: Formula) -> Formula:
    return lambda a, b, test: formula(b, a, test)


# Name → formula, and which pairs it takes: of points, point and range, range and point, of ranges.
FORMULAS: dict[str, tuple[Formula, frozenset[tuple[bool, bool]]]] = {
    "before": (_before, frozenset({(False, False), (False, True), (True, False), (True, True)})),
    "after": (_swap_sides(_before), frozenset({(False, False), (False, True), (True, False), (True, True)})),
    "meets": (_meets, frozenset({(True, True)})),
    "met by": (_swap_sides(_meets), frozenset({(True, True)})),
    "overlaps": (_overlaps, frozenset({(True, True)})),
    "overlaps before": (_overlaps_before, frozenset({(True, True)})),
    "overlaps after": (_swap_sides(_overlaps_before), frozenset({(True, True)})),
    "finishes": (_finishes, frozenset({(False, True), (True, True)})),
    "finished by": (_swap_sides(_finishes), frozenset({(True, False), (True, True)})),
    "includes": (_includes, frozenset({(True, False), (True, True)})),
    "during": (_swap_sides(_includes), frozenset({(False, True), (True, True)})),
    "starts": (_starts, frozenset({(False, True), (True, True)})),
    "started by": (_swap_sides(_starts), frozenset({(True, False), (True, True)})),
    "coincides": (_coincides, frozenset({(False, False), (True, True)})),
}
NAMES = (("point1", "point2"), ("point", "range"), ("range", "point"), ("range1", "range2"))


@composes(*FORMULAS)
def compose_relation(node: nodes.Invocation, given: Arguments, session: Session) -> Term | None:
    """A call of one of these built-ins, None when the arguments do not go with it."""
    formula, pairs = FORMULAS[node.function.text]
    found = next((terms_ for names in NAMES if (terms_ := order_arguments(names, given))), None)
    sides = [_side_of(term) for term in found or ()]
    if found is None or None in sides:
        return None
    one, other = (side for side in sides if side)
    if (one.is_range, other.is_range) not in pairs:
        return None
    return formula(one, other, lambda symbol, a, b: compare_values(node.span, symbol, a, b))


def _side_of(term: Term) -> Side | None:
    if isinstance(term, terms.Interval):
        if term.low is None or term.high is None:
            return None
        return Side(term.low, term.high, term.includes_low, term.includes_high, is_range=True)
    is_point = term.type in ORDERED | MOMENTS and not terms.is_null(term)
    return Side(term, term, has_low=True, has_high=True, is_range=False) if is_point else None


@composes("range")
def compose_range(node: nodes.Invocation, given: Arguments, session: Session) -> Term | None:
    """
    `range("[1..3]")`: a range from a written text.

    Raises:
        FeelError: the text is no range of two written values in order.
    """
    found = order_arguments(("from",), given)
    if found is None or found[0].type != FeelType.STRING:
        return None
    text = constant_value(found[0]) if is_constant(found[0]) else None
    written = _parse_range(text) if isinstance(text, str) else None
    if not isinstance(written, nodes.Range):
        raise FeelError("bad_range", node.span)
    low, high = (check_value(end, Scope(Catalogue({}, {})), session) for end in (written.low, written.high))
    made = build_interval(node, low, high, includes_low=written.includes_low, includes_high=written.includes_high)
    if constant_value(compare_values(node.span, "<=", low, high)) is not True:
        raise FeelError("bad_range", node.span)
    return made


def _parse_range(text: str) -> nodes.Node | None:
    try:
        written = parse(text.strip())
    except FeelError:
        return None
    is_plain = isinstance(written, nodes.Range) and _is_plain(written.low) and _is_plain(written.high)
    return written if is_plain else None


def _is_plain(node: nodes.Node) -> bool:
    """Whether a node is a written value, not something worked out."""
    if isinstance(node, nodes.Invocation):
        texts = [argument.value for argument in node.arguments]
        is_moment = node.function.text in ("date", "time", "date and time", "duration")
        return is_moment and len(texts) == 1 and isinstance(texts[0], nodes.Literal) and isinstance(texts[0].value, str)
    return isinstance(node.operand if isinstance(node, nodes.Negation) else node, nodes.Literal)
