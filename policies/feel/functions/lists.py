"""Functions of whole lists. A null in the list makes the answer null, except where it cannot change it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import reduce
from typing import Any, LiteralString

from policies.feel.functions.numbers import divide, square_root
from policies.feel.functions.table import Aggregate, Function
from policies.feel.types.types import MOMENTS, ORDERED, FeelType, ListOf
from policies.feel.types.values import EXACT

NUMBER = FeelType.NUMBER
BOOLEAN = FeelType.BOOLEAN
EVERY_TYPE = frozenset(FeelType)
NUMBERS = frozenset({NUMBER})
BOOLEANS = frozenset({BOOLEAN})


def _of_known(calculation: Callable[[Sequence[Any]], Any]) -> Callable[[Sequence[Any]], Any]:
    """Null for an empty list and for one with a null in it."""
    return lambda values: None if not values or None in values else calculation(values)


def _sum(values: Sequence[Decimal]) -> Decimal:
    return reduce(EXACT.add, values)


def _mean(values: Sequence[Decimal]) -> Decimal | None:
    return divide(_sum(values), Decimal(len(values)))


def _any(values: Sequence[bool | None]) -> bool | None:
    if True in values:
        return True
    return None if None in values else False


def _all(values: Sequence[bool | None]) -> bool | None:
    if False in values:
        return False
    return None if None in values else True


def _single(values: Sequence[Any]) -> Any:
    return values[0] if len(values) == 1 else None


COUNT = Aggregate(
    "count", EVERY_TYPE, NUMBER, lambda values: Decimal(len(values)), "(count(*){kept})::numeric", empty="0"
)
ANY = Aggregate(
    "any",
    BOOLEANS,
    BOOLEAN,
    _any,
    "CASE WHEN bool_or({x}){kept} THEN true WHEN count(*){kept} = count({x}){kept} THEN false END",
    empty="false",
)
ALL = Aggregate(
    "all",
    BOOLEANS,
    BOOLEAN,
    _all,
    "CASE WHEN NOT bool_and({x}){kept} THEN false WHEN count(*){kept} = count({x}){kept} THEN true END",
    empty="true",
)
LISTED = Aggregate("list", EVERY_TYPE, None, list, "coalesce(array_agg({x}){kept}, '{{}}')", empty="'{}'")
SINGLE = Aggregate(
    "single",
    EVERY_TYPE - BOOLEANS - MOMENTS,
    None,
    _single,
    "CASE WHEN count(*){kept} = 1 THEN min({x}){kept} END",
    "min({x}){kept}",
)
SINGLE_MOMENT = Aggregate(
    "single",
    MOMENTS,
    None,
    _single,
    "CASE WHEN count(*){kept} = 1 THEN (array_agg({x}){kept})[1] END",
    "(array_agg({x}){kept})[1]",
)
SINGLE_BOOLEAN = Aggregate(
    "single",
    BOOLEANS,
    BOOLEAN,
    _single,
    "CASE WHEN count(*){kept} = 1 THEN bool_and({x}){kept} END",
    "bool_and({x}){kept}",
)


def _median(values: Sequence[Decimal]) -> Decimal:
    ordered, middle = sorted(values), len(values) // 2
    return EXACT.multiply(EXACT.add(ordered[(len(values) - 1) // 2], ordered[middle]), Decimal("0.5"))


_MEDIAN: LiteralString = (
    "CASE WHEN count(*){kept} = count({x}){kept} THEN"
    " ((array_agg({x} ORDER BY {x}){kept})[((count(*){kept} + 1) / 2)::int]"
    " + (array_agg({x} ORDER BY {x}){kept})[(count(*){kept} / 2 + 1)::int]) * 0.5 END"
)


def _deviation(values: Sequence[Decimal]) -> Decimal | None:
    """The standard deviation of a sample; a single value has none."""
    count = Decimal(len(values))
    squares = _sum([EXACT.multiply(value, value) for value in values])
    spread = EXACT.subtract(EXACT.multiply(count, squares), EXACT.multiply(_sum(values), _sum(values)))
    variance = divide(spread, count * (count - 1))
    return None if variance is None else square_root(variance)


_DEVIATION: LiteralString = (
    "CASE WHEN count(*){kept} = count({x}){kept} THEN round(sqrt(round(round(div("
    "(count(*){kept} * sum(({x}) * ({x})){kept} - sum({x}){kept} * sum({x}){kept}) * 1e40,"
    " nullif((count(*){kept})::numeric * (count(*){kept} - 1), 0)) * 1e-40, 38), 80)), 38) END"
)


def single_of(kind: FeelType) -> Aggregate:
    """The function that picks the only value of a list of this kind."""
    return SINGLE_BOOLEAN if kind in BOOLEANS else SINGLE_MOMENT if kind in MOMENTS else SINGLE


SINGLES = (SINGLE, SINGLE_BOOLEAN, SINGLE_MOMENT)

AGGREGATES: dict[str, Aggregate] = {
    aggregate.name: aggregate
    for aggregate in (
        COUNT,
        ANY,
        ALL,
        Aggregate("sum", NUMBERS, NUMBER, _of_known(_sum),
                  "CASE WHEN count(*){kept} = count({x}){kept} THEN sum({x}){kept} END", "sum({x}){kept}"),
        Aggregate("mean", NUMBERS, NUMBER, _of_known(_mean),
                  "CASE WHEN count(*){kept} = count({x}){kept}"
                  " THEN round(div(sum({x}){kept} * 1e40, nullif(count(*){kept}, 0)) * 1e-40, 38) END"),
        Aggregate("median", NUMBERS, NUMBER, _of_known(_median), _MEDIAN),
        Aggregate("stddev", NUMBERS, NUMBER, _of_known(_deviation), _DEVIATION),
        Aggregate("min", ORDERED, None, _of_known(min),
                  "CASE WHEN count(*){kept} = count({x}){kept} THEN min({x}){kept} END", "min({x}){kept}"),
        Aggregate("max", ORDERED, None, _of_known(max),
                  "CASE WHEN count(*){kept} = count({x}){kept} THEN max({x}){kept} END", "max({x}){kept}"),
    )
}  # fmt: skip

# The smaller and larger of two written values, as in a cap: far cheaper in SQL than a list of them.
_PAIR = (("a", NUMBER), ("b", NUMBER))
PAIRWISE: dict[str, Function] = {
    "min": Function("min", _PAIR, NUMBER, min, "CASE WHEN {a} <= {b} THEN {a} WHEN {a} > {b} THEN {b} END"),
    "max": Function("max", _PAIR, NUMBER, max, "CASE WHEN {a} >= {b} THEN {a} WHEN {a} < {b} THEN {b} END"),
}


def _equal(a: list[Any], b: list[Any]) -> bool | None:
    return None if None in a or None in b else a == b


EQUAL_LISTS: dict[FeelType, Function] = {
    element: Function(
        "=",
        (("a", ListOf(element)), ("b", ListOf(element))),
        BOOLEAN,
        _equal,
        "CASE WHEN array_position({a}, NULL) IS NULL AND array_position({b}, NULL) IS NULL THEN {a} = {b} END",
    )
    for element in FeelType
    if element not in {FeelType.NULL, *MOMENTS}
}
