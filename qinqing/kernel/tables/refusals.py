"""Why a file from outside cannot be read, and how long it may be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from qinqing.kernel.refusals import Refusal

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LARGEST_ROWS = 1_000_000
# Some people write a title and a date above the table.
ROWS_BEFORE_TITLES = 20

# A row's number in the file, from 1, and its cells.
Row = tuple[int, Sequence[str]]


class UnreadableTable(Refusal):
    """
    We cannot read the file; the sentence says what, where, and what to do.

    A lazy sentence is translated when it is read, into the language that is active then, and filled in with `places`.
    """

    def __init__(self, sentence: StrOrPromise, **places: object) -> None:
        super().__init__(sentence)
        self._sentence, self._places = sentence, places

    def __str__(self) -> str:
        return str(self._sentence) % self._places


def too_many_rows() -> UnreadableTable:
    """The refusal of a file with more rows than any file may have."""
    sentence = _("The file has more than %(count)s rows; have it split.")
    return UnreadableTable(sentence, count=f"{LARGEST_ROWS:,}")
