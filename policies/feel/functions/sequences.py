"""
Functions from lists to lists, and functions of positions, for both engines.

Positions count from 1, negative ones from the end; a position that the list does not have gives null.
"""

from __future__ import annotations

import decimal
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, LiteralString

from policies.feel.functions.numbers import LARGEST, POWER_DECIMALS, QUOTIENT_DECIMALS, to_scale
from policies.feel.functions.table import Function
from policies.feel.types.types import MOMENTS, ORDERED, FeelType, ListOf
from policies.feel.types.values import EXACT

NUMBER, STRING = FeelType.NUMBER, FeelType.STRING
KINDS = tuple(kind for kind in FeelType if kind is not FeelType.NULL)
LIMIT_ITEMS = 1_000

# The list as f.list, its length as f.n and the place {position} as f.i, which is from 1 to f.n.
_AT: LiteralString = """(
    SELECT CASE WHEN f.i BETWEEN 1 AND f.n THEN <answer> END
    FROM (
        SELECT l.list, l.n, CASE WHEN l.p > 0 THEN l.p WHEN l.p < 0 THEN l.n + l.p + 1 END AS i
        FROM (
            SELECT {list} AS list, cardinality({list}) AS n, trunc(least(greatest({position}, -1e9), 1e9))::int AS p
            OFFSET 0
        ) AS l OFFSET 0
    ) AS f
)"""


def _at_sql(answer: LiteralString) -> LiteralString:
    return _AT.replace("<answer>", answer)


def index_of_position(values: Sequence[Any], position: Decimal) -> int | None:
    """The index of a position, None when the list does not have it."""
    number = int(position)
    index = number - 1 if number > 0 else len(values) + number
    return index if number and 0 <= index < len(values) else None


def _at_index(change: Callable[..., Any]) -> Callable[..., Any]:
    """A function of a list and an index as one of a list and a position."""

    def placed(values: list[Any], position: Decimal, *rest: Any) -> Any:
        index = index_of_position(values, position)
        return None if index is None else change(values, index, *rest)

    return placed


def _sublist(values: list[Any], position: Decimal, length: Decimal) -> list[Any] | None:
    index, count = index_of_position(values, position), int(length)
    if index is None or count < 1 or index + count > len(values):
        return None
    return values[index : index + count]


_SUBLIST: LiteralString = _at_sql(
    "CASE WHEN {length} >= 1 AND trunc({length}) <= f.n - f.i + 1"
    " THEN f.list[f.i : f.i + trunc(least({length}, 1e6))::int - 1] END"
)


def _rebuild_sql(
    order: LiteralString, source: LiteralString = "unnest({list}) WITH ORDINALITY AS u(x, n)"
) -> LiteralString:
    items = f"(SELECT array_agg(u.x ORDER BY {order}) FROM {source})"
    return f"CASE WHEN {{list}} IS NOT NULL THEN coalesce({items}, '{{{{}}}}') END"


_FIRST_OF_EACH: LiteralString = (
    "(SELECT w.x, min(w.n) AS n FROM unnest({list}) WITH ORDINALITY AS w(x, n) GROUP BY w.x) AS u"
)
_INDEX_OF: LiteralString = (
    "CASE WHEN {list} IS NOT NULL<guard> THEN coalesce((SELECT array_agg(u.n::numeric ORDER BY u.n)"
    " FROM unnest({list}) WITH ORDINALITY AS u(x, n) WHERE u.x IS NOT DISTINCT FROM {match}), '{{}}') END"
)


def _index_of(values: Sequence[Any], match: Any) -> list[Decimal]:
    return [Decimal(number) for number, value in enumerate(values, start=1) if value == match]


def _remove_duplicates(values: Sequence[Any]) -> list[Any]:
    return [value for number, value in enumerate(values) if value not in values[:number]]


def _sort_by(*, reverse: bool) -> Callable[[Sequence[Any]], list[Any] | None]:
    return lambda values: None if None in values else sorted(values, reverse=reverse)


def _for_every_kind(kind: FeelType) -> list[Function]:
    whole, item = ListOf(kind), frozenset({"newItem"})
    at = (("list", whole), ("position", NUMBER))
    return [
        Function("concatenate", (("list", whole), ("more", whole)), whole, lambda a, b: a + b,
                 "CASE WHEN {list} IS NOT NULL AND {more} IS NOT NULL THEN array_cat({list}, {more}) END"),
        Function("reverse", (("list", whole),), whole, lambda a: a[::-1], _rebuild_sql("u.n DESC"), by_order=True),
        Function("flatten", (("list", whole),), whole, list, "{list}"),
        Function("item at", at, kind, _at_index(lambda values, index: values[index]),
                 _at_sql("f.list[f.i]"), by_order=True),
        Function("remove", at, whole, _at_index(lambda values, index: values[:index] + values[index + 1 :]),
                 _at_sql("array_cat(f.list[:f.i - 1], f.list[f.i + 1:])"), by_order=True),
        Function("insert before", (*at, ("newItem", kind)), whole,
                 _at_index(lambda values, index, new: [*values[:index], new, *values[index:]]),
                 _at_sql("array_cat(array_append(f.list[:f.i - 1], {newItem}), f.list[f.i:])"), item, by_order=True),
        Function("list replace", (*at, ("newItem", kind)), whole,
                 _at_index(lambda values, index, new: [*values[:index], new, *values[index + 1 :]]),
                 _at_sql("array_cat(array_append(f.list[:f.i - 1], {newItem}), f.list[f.i + 1:])"), item,
                 by_order=True),
        Function("sublist", (("list", whole), ("start position", NUMBER)), whole,
                 _at_index(lambda values, index: values[index:]),
                 _at_sql("f.list[f.i:]").replace("{position}", "{start position}"), by_order=True),
        Function("sublist", (("list", whole), ("start position", NUMBER), ("length", NUMBER)), whole, _sublist,
                 _SUBLIST.replace("{position}", "{start position}"), by_order=True),
    ]  # fmt: skip


def _for_columns(kind: FeelType) -> list[Function]:
    """What needs the database's own equality."""
    whole = ListOf(kind)
    parameters = (("list", whole), ("match", kind))
    return [
        Function("distinct values", (("list", whole),), whole, _remove_duplicates, _rebuild_sql("u.n", _FIRST_OF_EACH)),
        Function("index of", parameters, ListOf(NUMBER), _index_of,
                 _INDEX_OF.replace("<guard>", " AND {match} IS NOT NULL"), by_order=True),
    ]  # fmt: skip


# Only a written `null` looks for nulls; an unknown value is not found, nor is it missing.
INDEX_OF_NULL: dict[FeelType, Function] = {
    kind: Function("index of", (("list", ListOf(kind)), ("match", kind)), ListOf(NUMBER), _index_of,
                   _INDEX_OF.replace("<guard>", ""), frozenset({"match"}), by_order=True)
    for kind in KINDS
}  # fmt: skip


def _sorting(kind: FeelType, *, reverse: bool) -> Function:
    collation = ' COLLATE "C"' if kind == STRING else ""
    order = _rebuild_sql(f"u.x{collation}{' DESC' if reverse else ''}")
    sql = f"CASE WHEN array_position({{list}}, NULL) IS NULL THEN {order} END"
    return Function("sort", (("list", ListOf(kind)),), ListOf(kind), _sort_by(reverse=reverse), sql)


# By the comparison that says which of two items stands first.
SORTS: dict[tuple[FeelType, str], Function] = {
    (kind, symbol): _sorting(kind, reverse=symbol == ">") for kind in KINDS if kind in ORDERED for symbol in "<>"
}


def _join(values: Sequence[str | None], delimiter: str) -> str:
    return delimiter.join(value for value in values if value is not None)


def _series(start: Decimal, end: Decimal) -> list[Decimal] | None:
    if start % 1 or end % 1 or abs(end - start) >= LIMIT_ITEMS:
        return None
    step = 1 if end >= start else -1
    return [start + number * step for number in range(int(abs(end - start)) + 1)]


_SERIES: LiteralString = (
    f"CASE WHEN {{start}} = trunc({{start}}) AND {{end}} = trunc({{end}}) AND abs({{end}} - {{start}}) < {LIMIT_ITEMS}"
    " THEN ARRAY(SELECT g.n FROM generate_series({start}, {end}, CASE WHEN {end} < {start} THEN -1 ELSE 1 END) AS g(n)"
    " ORDER BY abs(g.n - {start})) END"
)

# The numbers of `for i in 1..3`; up or down.
SERIES = Function("..", (("start", NUMBER), ("end", NUMBER)), ListOf(NUMBER), _series, _SERIES)


def _mode(values: Sequence[Decimal | None]) -> list[Decimal] | None:
    known = [value for value in values if value is not None]
    most = max((known.count(value) for value in known), default=0)
    return None if len(known) < len(values) else sorted({value for value in known if known.count(value) == most})


_MODE: LiteralString = (
    "CASE WHEN {list} IS NOT NULL AND array_position({list}, NULL) IS NULL"
    " THEN coalesce((SELECT array_agg(w.x ORDER BY w.x) FROM"
    " (SELECT u.x, count(*) AS times, max(count(*)) OVER () AS most FROM unnest({list}) AS u(x) GROUP BY u.x) AS w"
    " WHERE w.times = w.most), '{{}}') END"
)


def _product(values: Sequence[Decimal | None]) -> Decimal | None:
    product = Decimal(1)
    for value in values:
        if value is None or abs(product) > LARGEST:
            return None
        product = to_scale(EXACT.multiply(product, value), POWER_DECIMALS, decimal.ROUND_HALF_UP)
    return to_scale(product, QUOTIENT_DECIMALS, decimal.ROUND_HALF_UP) if values and abs(product) <= LARGEST else None


_PRODUCT: LiteralString = """(
    WITH RECURSIVE step(n, product) AS (
        SELECT 0, 1::numeric WHERE {list} IS NOT NULL
        UNION ALL
        SELECT n + 1, round(product * ({list})[n + 1], 60) FROM step
        WHERE n < cardinality({list}) AND abs(product) <= 1e150
    )
    SELECT round(product, 38) FROM step WHERE n = cardinality({list}) AND n > 0 AND abs(product) <= 1e150
)"""

FUNCTIONS: list[Function] = [
    *(function for kind in KINDS for function in _for_every_kind(kind)),
    *(function for kind in KINDS if kind not in MOMENTS for function in _for_columns(kind)),
    Function("mode", (("list", ListOf(NUMBER)),), ListOf(NUMBER), _mode, _MODE),
    Function("product", (("list", ListOf(NUMBER)),), NUMBER, _product, _PRODUCT),
    Function("string join", (("list", ListOf(STRING)),), STRING, lambda values: _join(values, ""),
             "array_to_string({list}, '')", by_order=True),
    Function("string join", (("list", ListOf(STRING)), ("delimiter", STRING)), STRING, _join,
             "array_to_string({list}, {delimiter})", by_order=True),
]  # fmt: skip
