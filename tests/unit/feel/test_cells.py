"""Cells that the reader takes without the grammar mean what the grammar makes of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.feel.messages.errors import FeelError
from policies.feel.syntax import cells
from policies.feel.syntax.nodes import Cell, Node
from policies.feel.syntax.parse import parse, parse_cell

PIECES = st.sampled_from(['"', "a", "阿", "1", "20", "0.5", "<", "<=", "> ", ">=", "[", "(", "..", "]", ")", "-", ",",
                          " ", "not(", "null", "?", "\\", "\x00", "\ud800", "e5", "٣"])  # fmt: skip


@given(st.lists(PIECES, max_size=7).map("".join))
def test_read_fast_or_slowly_it_is_the_same(text: str) -> None:
    assert _outcome(lambda: cells._read_cell(text).node) == _outcome(lambda: parse_cell(text))
    assert _outcome(lambda: cells._read_text(text).node) == _outcome(lambda: parse(text))


def _outcome(read: object) -> object:
    assert callable(read)
    try:
        return read()
    except FeelError as refused:
        return refused.code, refused.position


@pytest.mark.parametrize(
    "text",
    ["5", "0.25", '"H61"', '""', "< 5", ">=0.5", "[1..2)", "(1..2]", "[1.5..2.5]", '"a", "b"', "1,2", "1, [2..3)"],
)
def test_the_usual_cells_need_no_grammar(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected: Node = parse_cell(text)
    monkeypatch.setattr(cells, "parse_cell", None)
    assert cells._read_cell(text).node == expected


@pytest.mark.parametrize(
    ("text", "count", "is_negated"),
    [("-", 0, False), ("", 0, False), ("-1", 1, False), ("1, 2", 2, False), ("not(1, 2)", 2, True),
     ("not(1), not(2)", 2, False), ("not (< 5)", 1, True), ('not(")")', 1, True)],
)  # fmt: skip
def test_what_a_cell_holds(text: str, count: int, *, is_negated: bool) -> None:
    cell = parse_cell(text)
    assert isinstance(cell, Cell)
    assert (len(cell.tests), cell.is_negated) == (count, is_negated)
