"""Splits text into rows, one by one, for files that PostgreSQL cannot read as they are."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from companies.datasets.row_faults import Reason
from companies.deliveries.registry.columns import Column, WrongColumns, in_file_order
from companies.deliveries.staging.read_file import MAX_ROW_CHARACTERS, UnreadableFile

# Characters that a JSON escape can name, but a text in PostgreSQL cannot hold: NUL, and half of a surrogate pair.
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


class ReadRow(NamedTuple):
    """The texts of one row in the order of the dataset's columns, or the reason why the row cannot be read."""

    number: int
    values: Sequence[str | None]
    fault: Reason | None = None
    detail: str = ""
    column: str = ""


def read_header(line: str) -> list[str]:
    """
    The names in a CSV file's first line.

    Raises:
        UnreadableFile: a quote in it is never closed, or its line ends are those of an old Macintosh.
    """
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error as fault:
        sentence = _("Row 1, the header, cannot be read ({fault}); save the file as CSV again.")
        raise UnreadableFile(format_lazy(sentence, fault=fault)) from None


def csv_rows(*, pieces: Iterator[str], columns: Sequence[Column]) -> Iterator[ReadRow]:
    """
    The rows of a CSV file, its header being row 1; blank lines count as rows, and are skipped.

    Raises:
        WrongColumns: the header does not fit the columns.
        UnreadableFile: the file ends within a row, or a row is longer than `MAX_ROW_CHARACTERS`.
    """
    lines = _lines(pieces)
    order = in_file_order(header=read_header(next(lines)), columns=columns)
    places = [order.index(column) if column in order else None for column in columns]
    lines, number = _WatchedLines(lines), 1
    reader = csv.reader(lines, strict=True)
    while True:
        number += 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            yield _unreadable_row(number, fault)
            continue
        if len(fields) == len(order):
            yield ReadRow(number, [None if place is None else fields[place] or None for place in places])
        elif fields:
            yield _row_of_wrong_length(number, len(fields), len(order), is_last_line_open=lines.is_last_line_open)


class _WatchedLines:
    """
    An iterator over lines that remembers whether the last line it gave lacks a line end, as only a file's last line
    can.
    """

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.is_last_line_open = False

    def __iter__(self) -> _WatchedLines:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.is_last_line_open = not line.endswith("\n")
        return line


def _row_of_wrong_length(number: int, found: int, expected: int, *, is_last_line_open: bool) -> ReadRow:
    if is_last_line_open and found < expected:
        raise UnreadableFile(format_lazy(_("The file is cut off within row {row}; send it again."), row=number))
    return ReadRow(number, (), Reason.RAGGED, f"{found}/{expected}")


def _unreadable_row(number: int, fault: csv.Error) -> ReadRow:
    if "unexpected end" in str(fault):
        raise UnreadableFile(
            format_lazy(_("Row {row}: a quote is opened and never closed; the file is cut off."), row=number)
        )
    if "limit" in str(fault):
        raise _length_refusal(number)
    return ReadRow(number, (), Reason.MALFORMED, str(fault)[:100])


def ndjson_rows(*, pieces: Iterator[str], columns: Sequence[Column]) -> Iterator[ReadRow]:
    """
    The rows of an NDJSON file; a key that a row leaves out is null there.

    Raises:
        WrongColumns: a row has a key that is no column, or no row has some column at all.
        UnreadableFile: the last line is cut off, or a line is longer than `MAX_ROW_CHARACTERS`.
    """
    expected = {name: column.name for column in columns for name in (column.name, column.word.zh)}
    seen: set[str] = set()
    for number, line in enumerate(_lines(pieces), start=1):
        if not line.strip():
            continue
        found = _json_object(line)
        if found is None and not line.endswith("\n"):
            raise UnreadableFile(format_lazy(_("The file is cut off within row {row}; send it again."), row=number))
        if found is None:
            yield ReadRow(number, (), Reason.MALFORMED, "JSON")
            continue
        if "\\u" in line and (escape := _find_unstorable(found)):
            yield ReadRow(number, (), Reason.MALFORMED, escape)
            continue
        if not found.keys() <= seen:
            _refuse_unknown_keys(number, found, expected, columns)
            seen |= found.keys()
        named = {expected[name]: value for name, value in found.items()}
        if len(named) < len(found):
            twice = next(name for name in found if name != expected[name] and expected[name] in found)
            yield ReadRow(number, (), Reason.MALFORMED, f"{expected[twice]} = {twice}")
            continue
        yield _json_row(number, named, columns)
    _refuse_missing_keys({expected[name] for name in seen}, columns)


def _json_object(line: str) -> dict[str, object] | None:
    try:
        # Numbers stay text, so that no digit of a sum is lost.
        found = json.loads(
            line, parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_refuse_repeated_keys
        )
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _find_unstorable(found: dict[str, object]) -> str:
    """The first character in a key or a value that PostgreSQL would refuse, as an escape."""
    for text in (*found, *found.values()):
        if isinstance(text, str) and (refused := _UNSTORABLE.search(text)):
            return f"\\u{ord(refused[0]):04x}"
    return ""


def _refuse_repeated_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("A key is there twice.")
    return found


def _json_row(number: int, found: dict[str, object], columns: Sequence[Column]) -> ReadRow:
    texts: list[str | None] = []
    for column in columns:
        value = found.get(column.name)
        if isinstance(value, dict | list):
            return ReadRow(number, (), Reason.MALFORMED, column.name)
        texts.append(_text(value))
    return ReadRow(number, texts)


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None or value == "" else str(value)


def _refuse_unknown_keys(
    number: int, found: dict[str, object], expected: dict[str, str], columns: Sequence[Column]
) -> None:
    unknown = [name for name in found if name not in expected]
    if unknown:
        try:
            in_file_order(header=[*(column.name for column in columns), *unknown], columns=columns)
        except WrongColumns as refusal:
            raise WrongColumns(format_lazy(_("Row {row}: {refusal}"), row=number, refusal=refusal)) from None


def _refuse_missing_keys(seen: set[str], columns: Sequence[Column]) -> None:
    in_file_order(header=sorted(seen), columns=columns)


def _lines(pieces: Iterator[str]) -> Iterator[str]:
    """The lines of the text, each with its line end. A line is held in memory, so its length has a limit."""
    begun, number = "", 1
    for piece in pieces:
        *whole, begun = (begun + piece).split("\n")
        for line in whole:
            yield f"{line}\n"
        number += len(whole)
        if len(begun) > MAX_ROW_CHARACTERS:
            raise _length_refusal(number)
    if begun:
        yield begun


def _length_refusal(number: int) -> UnreadableFile:
    sentence = _("Row {row} is longer than {limit} characters; is a line end or a closing quote missing?")
    return UnreadableFile(format_lazy(sentence, row=number, limit=csv.field_size_limit()))
