"""The columns of a delivery, and the header line that names them."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from companies.contracts.contract import Word
from companies.datasets.column_types import Kind, Sealed, StagedColumn
from qinqing.kernel.refusals import Refusal
from qinqing.kernel.text import mask_id_number

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

NAMED_AT_MOST = 5
SHOWN_CHARACTERS = 60
LONG_NUMBER = re.compile(r"[0-9]{6,}[0-9X]?")


@dataclass(frozen=True, slots=True)
class Column:
    """
    A column that a department delivers.

    `stored_as` is the column of the table where its values land. A column that `may_be_left_out` may be
    missing from the header; a column that `is_required` has a value in each row.
    """

    name: str
    word: Word
    kind: Kind
    is_required: bool = False
    may_be_left_out: bool = False
    stored_as: str = ""

    @property
    def staged(self) -> tuple[StagedColumn, ...]:
        """The staging columns that hold its values."""
        return self.kind.staged(self.name)

    @property
    def identified_by(self) -> str:
        """The staging column by which equal values are recognised."""
        return f"{self.name}_hash" if isinstance(self.kind, Sealed) else self.name


class WrongColumns(Refusal):
    """The header does not name the columns of the dataset."""


def in_file_order(*, header: Sequence[str], columns: Sequence[Column]) -> list[Column]:
    """
    The columns in the order of a header that names them in English or in Chinese.

    Raises:
        WrongColumns: a column is unknown, missing or named twice.
    """
    by_name = {name: column for column in columns for name in (column.name, column.word.zh)}
    named = [by_name.get(name.strip().lower()) for name in header]
    found = [column for column in named if column is not None]
    times = Counter(column.name for column in found)
    _refuse_if_any(
        [name for name, column in zip(header, named, strict=True) if column is None],
        [column.name for column in columns if column.name not in times and not column.may_be_left_out],
        [name for name, count in times.items() if count > 1],
        columns,
    )
    return found


def _refuse_if_any(
    unknown: Sequence[str], missing: Sequence[str], twice: Sequence[str], columns: Sequence[Column]
) -> None:
    faults = [_unknown(name, columns) for name in unknown[:NAMED_AT_MOST]]
    faults += [format_lazy(_("column “{name}” is missing"), name=name) for name in missing[:NAMED_AT_MOST]]
    faults += [format_lazy(_("column “{name}” is there twice"), name=name) for name in twice[:NAMED_AT_MOST]]
    if faults:
        expected = ", ".join(column.name for column in columns)
        sentence = _("The columns do not fit: {faults}. Expected are: {expected}.")
        said = format_lazy("; ".join(["{}"] * len(faults)), *faults)
        raise WrongColumns(format_lazy(sentence, faults=said, expected=expected))


def _unknown(name: str, columns: Sequence[Column]) -> StrOrPromise:
    known = [word for column in columns for word in (column.name, column.word.zh)]
    close = difflib.get_close_matches(name.strip().lower()[:SHOWN_CHARACTERS], known, n=1)
    if close:
        return format_lazy(_("column “{name}” is unknown (did you mean “{close}”?)"), name=_shown(name), close=close[0])
    return format_lazy(_("column “{name}” is unknown"), name=_shown(name))


def _shown(name: str) -> str:
    # A file without a header has a row there, and the refusal is logged; so it must not repeat a person's number.
    return LONG_NUMBER.sub(lambda number: mask_id_number(number[0]), name[:SHOWN_CHARACTERS])
