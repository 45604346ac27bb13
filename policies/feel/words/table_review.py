"""
Finds what a decision table leaves open or decides twice, before the table is saved.

Each column is divided at the values that its cells compare it with. Within one piece all cells answer alike, so that
one sample of each piece is enough. A column with a cell that does more than compare with written values cannot be
divided; then the review says nothing about what the cell covers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice, pairwise, zip_longest
from typing import Any, NamedTuple

from companies.datasets.catalogue import Catalogue
from policies.feel import terms
from policies.feel.checking import registrations  # noqa: F401 – registers what the checker knows
from policies.feel.checking.decision_tables import check_cells, infer_input_types
from policies.feel.checking.expand import Expansion
from policies.feel.checking.session import Session
from policies.feel.definitions import FIRST, UNIQUE, Definitions, TableText
from policies.feel.messages.definition_sentences import SENTENCES
from policies.feel.messages.errors import Span
from policies.feel.passes.limits import written_number
from policies.feel.python.evaluate import compute
from policies.feel.python.terms import Environment
from policies.feel.syntax.nodes import Literal
from policies.feel.terms import Term
from policies.feel.types.types import FeelType, Type
from policies.feel.words.explain import write_canonical

LIMIT_STEPS = 20_000
LIMIT_WARNINGS = 20
ORDERED = frozenset({FeelType.NUMBER, FeelType.DATE})


@dataclass(frozen=True, slots=True)
class TableWarning:
    """A warning: `code` is "rows_overlap", "rows_gap" or "row_unreachable"; `rows` are numbered from 1."""

    code: str
    rows: tuple[int, ...]
    message: str
    message_zh: str


class _Piece(NamedTuple):
    """A stretch of a column's values: one of them, and how it is written as a cell around the values beside it."""

    sample: Any
    written: str
    beside: tuple[Any, ...] = ()

    def text(self, kind: Type) -> str:
        """The piece as a cell; written when it is asked for, for nearly none is."""
        return self.written.format(*(write_canonical(terms.Constant(kind, value)) for value in self.beside))


@dataclass(frozen=True, slots=True)
class _Column:
    """A column's pieces; for each row the pieces that it accepts, for each piece the rows that accept it, as bits."""

    label: str
    label_zh: str
    kind: Type
    pieces: tuple[_Piece, ...]
    accepted: tuple[int, ...]
    accepting: tuple[int, ...]


def review_table(
    table: TableText, *, catalogue: Catalogue, definitions: Definitions | None = None
) -> tuple[TableWarning, ...]:
    """
    Check a table by itself, whether or not a rule calls it, and say what to look at.

    Overlaps under "U", rows that never count under "F", and values that no row matches; at most `LIMIT_WARNINGS`.

    Raises:
        FeelError: an input, cell or output does not check; it names the row and the column.
    """
    session = Session()
    written = Expansion(catalogue, definitions or Definitions(), Literal(Span(0, 0), None, FeelType.NULL), session)
    items = [
        terms.Item(kind, -number) for number, kind in enumerate(infer_input_types(table, written, session), start=1)
    ]
    cells = check_cells(table, items, written, session)
    columns = [_read_column(table, number, item, [row[number] for row in cells]) for number, item in enumerate(items)]
    known = [column for column in columns if column is not None]
    if len(known) < len(columns):
        return ()
    return tuple(found for found, _place in zip(_find_warnings(table, known), range(LIMIT_WARNINGS), strict=False))


def _find_warnings(table: TableText, columns: Sequence[_Column]) -> Iterator[TableWarning]:
    if table.hit_policy == UNIQUE:
        yield from _find_overlaps(columns, len(table.rows))
    if table.hit_policy == FIRST:
        yield from _find_unreachable(columns, len(table.rows))
    everything = [(1 << len(column.pieces)) - 1 for column in columns]
    open_ = _find_uncovered(columns, everything, (1 << len(table.rows)) - 1)
    if open_ is not None:
        yield _warn("rows_gap", (), columns, open_)


def _find_overlaps(columns: Sequence[_Column], count: int) -> Iterator[TableWarning]:
    for one in range(count):
        for other in range(one + 1, count):
            shared = [column.accepted[one] & column.accepted[other] for column in columns]
            if all(shared):
                yield _warn("rows_overlap", (one + 1, other + 1), columns, shared)


def _find_unreachable(columns: Sequence[_Column], count: int) -> Iterator[TableWarning]:
    for row in range(1, count):
        own = [column.accepted[row] for column in columns]
        if all(own) and _is_covered(columns, own, (1 << row) - 1):
            yield _warn("row_unreachable", (row + 1,), columns, own)


def _is_covered(columns: Sequence[_Column], allowed: Sequence[int], rows: int) -> bool:
    steps = _Steps()
    return _find_uncovered(columns, allowed, rows, steps) is None and not steps.are_used_up


class _Steps:
    """Counts the steps of a search, so that the review of a huge table ends soon."""

    def __init__(self) -> None:
        self._left = LIMIT_STEPS

    def take(self) -> bool:
        """Whether one more step may be taken."""
        self._left -= 1
        return self._left > 0

    @property
    def are_used_up(self) -> bool:
        """Whether the search was given up."""
        return self._left <= 0


def _find_uncovered(
    columns: Sequence[_Column], allowed: Sequence[int], rows: int, steps: _Steps | None = None
) -> list[int] | None:
    """Pieces of each column, among the allowed, whose combination none of the rows accepts; None when there is none."""
    steps = steps or _Steps()
    if not rows:
        return list(allowed)
    if not columns or not steps.take():
        return None
    column, own = columns[0], allowed[0]
    by_rows: dict[int, int] = {}
    for place in _bits_of(own):
        matching = rows & column.accepting[place]
        by_rows[matching] = by_rows.get(matching, 0) | 1 << place
    for matching, pieces in sorted(by_rows.items(), key=lambda each: each[0].bit_count()):
        rest = _find_uncovered(columns[1:], allowed[1:], matching, steps)
        if rest is not None:
            return [pieces, *rest]
    return None


def _bits_of(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _warn(code: str, rows: tuple[int, ...], columns: Sequence[_Column], where: Sequence[int]) -> TableWarning:
    english, chinese = SENTENCES[code]
    numbers = ", ".join(str(row) for row in rows)
    found = [(column, _write_pieces(column, pieces)) for column, pieces in zip(columns, where, strict=True)]
    shown = [(column, text) for column, text in found if text != "-"] or found[:1]
    return TableWarning(
        code=code,
        rows=rows,
        message=english.format(rows=numbers, where="; ".join(f"{column.label}: {text}" for column, text in shown)),
        message_zh=chinese.format(
            rows=numbers.replace(", ", "、"),
            where_zh="；".join(f"{column.label_zh}：{text}" for column, text in shown),
        ),
    )


def _write_pieces(column: _Column, pieces: int) -> str:
    """Pieces as a cell; of many, the first three."""
    if pieces == (1 << len(column.pieces)) - 1:
        return "-"
    texts = [column.pieces[place].text(column.kind) for place in islice(_bits_of(pieces), 3)]
    return ", ".join(texts) + (", …" if pieces.bit_count() > 3 else "")


def _read_column(table: TableText, number: int, item: terms.Item, cells: Sequence[Term]) -> _Column | None:
    own: list[set[Any]] = [set() for _cell in cells]
    if not all(_gather_values(cell, item, values) for cell, values in zip(cells, own, strict=True)):
        return None
    pieces = tuple(_cut_pieces(item.type, set().union(*own)))
    places = {piece.sample: place for place, piece in enumerate(pieces)}
    text = table.inputs[number]
    label = text.label_en or text.feel
    accepted = tuple(
        _find_accepted(cell, item, pieces, sorted(places[value] for value in values))
        for cell, values in zip(cells, own, strict=True)
    )
    return _Column(label, text.label_zh or label, item.type, pieces, accepted, _transpose(accepted, len(pieces)))


def _transpose(rows: Sequence[int], width: int) -> tuple[int, ...]:
    """Bits by row as bits by column; as texts, for a table of 200 rows may have a thousand pieces."""
    lines = [f"{row:0{width}b}"[::-1] for row in reversed(rows)]
    return tuple(int("".join(column), 2) for column in zip(*lines, strict=True))


def _find_accepted(cell: Term, item: terms.Item, pieces: Sequence[_Piece], cuts: Sequence[int]) -> int:
    """The pieces that a cell accepts: its own values one by one, what lies between two of them as one."""
    accepted = 0
    for run in _runs_between(item.type, len(pieces), cuts):
        sample = pieces[run[0]].sample
        if compute(cell, Environment({}, items={item.scope: sample})) is True:
            accepted |= (1 << run[-1] + 1) - (1 << run[0]) if isinstance(run, range) else sum(1 << at for at in run)
    return accepted


def _runs_between(kind: Any, count: int, cuts: Sequence[int]) -> Iterator[Sequence[int]]:
    yield from ([place] for place in cuts)
    if kind not in ORDERED:
        rest = [place for place in range(count) if place not in cuts]
        yield from [rest] if rest else []
        return
    edges = [-1, *cuts, count]
    for low, high in pairwise(edges):
        if high - low > 1:
            yield range(low + 1, high)


def _gather_values(cell: Term, item: Term, values: set[Any]) -> bool:
    """Collect the written values that a cell compares its column with; False if the cell does more than that."""
    if isinstance(cell, terms.Constant):
        return True
    if isinstance(cell, terms.Not):
        return _gather_values(cell.operand, item, values)
    if isinstance(cell, terms.Junction):
        return all(_gather_values(part, item, values) for part in cell.parts)
    if isinstance(cell, terms.IsNull):
        return cell.operand == item
    if isinstance(cell, terms.OneOf):
        return cell.operand == item and all(_add_value(option, values) for option in cell.options)
    if not isinstance(cell, terms.Comparison) or cell.left != item:
        return False
    is_cut = cell.symbol in ("=", "!=") or item.type in ORDERED
    return is_cut and _add_value(cell.right, values)


def _add_value(term: Term, values: set[Any]) -> bool:
    value: object = term.value if isinstance(term, terms.Constant) else written_number(term)
    if value is not None:
        values.add(value)
    return value is not None


def _cut_pieces(kind: Any, values: set[Any]) -> Iterator[_Piece]:
    if kind == FeelType.BOOLEAN:
        yield from (_Piece(sample=True, written="true"), _Piece(sample=False, written="false"))
    elif kind in ORDERED:
        yield from _cut_stretches(kind, sorted(values))
    else:
        named = sorted(values, key=lambda value: write_canonical(terms.Constant(kind, value)))
        yield from (_Piece(value, "{}", (value,)) for value in named)
        yield _Piece(
            _unmentioned_value(values), f"not({', '.join(['{}'] * len(named))})" if named else "-", tuple(named)
        )


def _unmentioned_value(values: set[Any]) -> Any:
    """A value that no cell mentions; of a type without order its own kind does not matter to “=”."""
    return "".join(value for value in values if isinstance(value, str)) + "…"


def _cut_stretches(kind: FeelType, values: Sequence[Any]) -> Iterator[_Piece]:
    if not values:
        yield _Piece(Decimal(0) if kind == FeelType.NUMBER else dt.date(2000, 1, 1), "-")
        return
    below = _shift(values[0], -1)
    if below is not None:
        yield _Piece(below, "< {}", (values[0],))
    for value, following in zip_longest(values, values[1:]):
        yield _Piece(value, "{}", (value,))
        middle = None if following is None else _midpoint(value, following)
        if middle is not None:
            yield _Piece(middle, "({}..{})", (value, following))
    above = _shift(values[-1], 1)
    if above is not None:
        yield _Piece(above, "> {}", (values[-1],))


def _shift(value: Any, by: int) -> Any:
    if isinstance(value, Decimal):
        return value + by * max(abs(value), Decimal(1))
    ordinal = value.toordinal() + by
    return dt.date.fromordinal(ordinal) if 1 <= ordinal <= dt.date.max.toordinal() else None


def _midpoint(one: Any, other: Any) -> Any:
    """A value between two others; None between one day and the next."""
    if isinstance(one, Decimal):
        return (one + other) / 2
    middle = (one.toordinal() + other.toordinal()) // 2
    return dt.date.fromordinal(middle) if middle > one.toordinal() else None
