"""Checks the cells and outputs of a decision table, and makes the table one term."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Protocol

from policies.feel import terms
from policies.feel.checking import compare
from policies.feel.checking.coercion import fit, type_mismatch, unify_types
from policies.feel.checking.scope import Frame, Scope
from policies.feel.checking.session import Session
from policies.feel.definitions import NOWHERE, SUM, RowText, TableText
from policies.feel.messages.errors import FeelError
from policies.feel.syntax import nodes
from policies.feel.syntax.cells import ParsedText, read_cell, read_text
from policies.feel.terms import Term
from policies.feel.types.types import FeelType, ListOf, words

BOOLEAN = FeelType.BOOLEAN
ALWAYS = terms.Constant(BOOLEAN, value=True)


class Texts(Protocol):
    """What a decision table needs of a rule: a count of its texts, and a check of each."""

    scope: Scope

    def add(self, read: ParsedText) -> None:
        """Count a text."""

    def text(self, text: str, scope: Scope) -> Term:
        """Check a text."""


def expand_table(table: TableText, texts: Texts, session: Session, *, given: Sequence[Term] | None = None) -> Term:
    """
    Make a table one term; `given` are the values of its inputs when the rule gives them.

    An input whose text is a mere name that no fact has belongs to the table: rows may use it, and a rule calls the
    table with a value for it.

    Raises:
        FeelError: an input, cell or output does not check; it names the row and the column.
    """
    values = list(given) if given is not None else list(_check_inputs(table, texts))
    inputs = tuple(_require_single(value, column) for column, value in enumerate(values, start=1))
    items = tuple(terms.Item(value.type, session.fresh()) for value in inputs)
    scope = _scope_inside(table, items, texts) if given is not None else texts.scope
    conditions = tuple(
        _check_condition(row, number, items, scope, texts, session) for number, row in enumerate(table.rows, start=1)
    )
    outputs = _check_outputs(table, scope, texts)
    return terms.Decision(
        type=outputs[0].type,
        table=table,
        inputs=inputs,
        scopes=tuple(item.scope for item in items),
        conditions=conditions,
        outputs=outputs,
        is_called=given is not None,
    )


def find_own_names(table: TableText, scope: Scope) -> list[str | None]:
    """Of each input the name that only the table knows; None for one that looks at facts."""
    return [_find_own_name(text.feel, scope) for text in table.inputs]


def _find_own_name(text: str, scope: Scope) -> str | None:
    try:
        node = read_text(text).node
    except FeelError:
        return None
    if not isinstance(node, nodes.Name):
        return None
    try:
        scope.resolve(node)
    except FeelError as refused:
        return node.text if refused.code.startswith(("unknown_name", "fact_without_group", "value_by_name")) else None
    return None


def _scope_inside(table: TableText, items: Sequence[Term], texts: Texts) -> Scope:
    scope = texts.scope
    for name, item in zip(find_own_names(table, texts.scope), items, strict=True):
        if name is not None:
            scope = scope.with_frame(Frame(name, item, is_filter=False))
    return scope


def _check_inputs(table: TableText, texts: Texts) -> Iterator[Term]:
    for column, text in enumerate(table.inputs, start=1):
        with _locate_refusal("input_refused", column=column):
            yield texts.text(text.feel, texts.scope)


def _require_single(value: Term, column: int) -> Term:
    single = fit(value, value.type.element) if isinstance(value.type, ListOf) else value
    if single is None or not isinstance(single.type, FeelType):
        english, chinese = words(value.type)
        with _locate_refusal("input_refused", column=column):
            raise FeelError("not_comparable", NOWHERE, found=english, found_zh=chinese)
    return single


def infer_input_types(table: TableText, texts: Texts, session: Session) -> list[FeelType]:
    """
    The types of a table's inputs; one that only the table knows is of the type that its cells compare it with.

    Raises:
        FeelError: an input looks at something that is no single value.
    """
    kinds = []
    for column, (text, own) in enumerate(zip(table.inputs, find_own_names(table, texts.scope), strict=True), start=1):
        if own is not None:
            kinds.append(_infer_from_cells([row.cells[column - 1] for row in table.rows], texts.scope, session))
            continue
        with _locate_refusal("input_refused", column=column):
            found = _require_single(texts.text(text.feel, texts.scope), column).type
        assert isinstance(found, FeelType)
        kinds.append(found)
    return kinds


def _infer_from_cells(cells: Sequence[str], scope: Scope, session: Session) -> FeelType:
    for text in cells:
        for kind in (FeelType.NUMBER, FeelType.STRING, FeelType.BOOLEAN, FeelType.DATE):
            with suppress(FeelError):
                cell = read_cell(text).node
                if isinstance(cell, nodes.Cell) and cell.tests:
                    compare.check_cell(terms.Item(kind, 0), cell, scope, session)
                    return kind
    return FeelType.NUMBER


def check_cells(table: TableText, items: Sequence[Term], texts: Texts, session: Session) -> list[list[Term]]:
    """
    Each row's cells as conditions on `items`; the outputs are checked too.

    Raises:
        FeelError: a cell or output does not check; it names the row and the column.
    """
    scope = _scope_inside(table, items, texts)
    rows = [
        list(_check_row(row, number, items, scope, texts, session)) for number, row in enumerate(table.rows, start=1)
    ]
    _check_outputs(table, scope, texts)
    return rows


def _check_row(
    row: RowText, number: int, items: Sequence[Term], scope: Scope, texts: Texts, session: Session
) -> Iterator[Term]:
    for column, (text, item) in enumerate(zip(row.cells, items, strict=True), start=1):
        with _locate_refusal("cell_refused", row=number, column=column):
            read = read_cell(text)
            cell = read.node
            assert isinstance(cell, nodes.Cell)
            if cell.tests or cell.is_negated:
                texts.add(read)
                yield compare.check_cell(item, cell, scope, session)
            else:
                yield ALWAYS


def _check_condition(
    row: RowText, number: int, items: Sequence[Term], scope: Scope, texts: Texts, session: Session
) -> Term:
    parts = [part for part in _check_row(row, number, items, scope, texts, session) if part is not ALWAYS]
    if not parts:
        return ALWAYS
    return parts[0] if len(parts) == 1 else terms.Junction(BOOLEAN, "and", tuple(parts))


def _check_outputs(table: TableText, scope: Scope, texts: Texts) -> tuple[Term, ...]:
    found = []
    for number, row in enumerate(table.rows, start=1):
        with _locate_refusal("output_refused", row=number):
            output = texts.text(row.output, scope)
            single = fit(output, output.type.element) if isinstance(output.type, ListOf) else output
            if single is None or not isinstance(single.type, FeelType):
                english, chinese = words(output.type)
                raise FeelError("not_comparable", NOWHERE, found=english, found_zh=chinese)
            found.append(single)
    kind = unify_types(found)
    if kind is None:
        raise _refuse_mixed(found)
    if kind == FeelType.NULL and table.hit_policy == SUM:
        kind = FeelType.NUMBER
    if table.hit_policy == SUM and kind != FeelType.NUMBER:
        english, chinese = words(kind)
        raise FeelError("outputs_not_numbers", NOWHERE, found=english, found_zh=chinese)
    fitted = tuple(term for each in found if (term := fit(each, kind)))
    assert len(fitted) == len(found)
    return fitted


def _refuse_mixed(found: Sequence[Term]) -> FeelError:
    known = next(term for term in found if term.type != FeelType.NULL)
    number, other = next(
        (number, term) for number, term in enumerate(found, start=1) if unify_types([known, term]) is None
    )
    return type_mismatch("mixed_outputs", NOWHERE, known, other, row=number)


@contextmanager
def _locate_refusal(code: str, **place: int) -> Iterator[None]:
    """Name the row and the column in a refusal; refusals of limits and circles stay as they are."""
    try:
        yield
    except FeelError as refused:
        if refused.code in ("definition_cycle", "too_large_in_full", "too_deep_in_full"):
            raise
        span = type(NOWHERE)(refused.position, refused.length)
        raise FeelError(code, span, **place, reason=refused.message, reason_zh=refused.message_zh) from refused
