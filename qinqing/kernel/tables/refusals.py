"""Why a file from outside cannot be read, and how long it may be."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

LARGEST_ROWS = 1_000_000
# Some write a title and a date above the table.
ROWS_BEFORE_TITLES = 20

# A row's number in the file, from 1, and its cells.
Row = tuple[int, Sequence[str]]


class UnreadableTable(Exception):
    """The file is nothing that we can read; the sentence says what, where, and what to do."""


def too_many_rows() -> UnreadableTable:
    """The refusal of a file that is longer than any."""
    sentence = _("The file has more than %(count)s rows; have it split.")
    return UnreadableTable(sentence % {"count": f"{LARGEST_ROWS:,}"})
