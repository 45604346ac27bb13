"""Replies in a table: it needs only the columns of the end-to-end id and of the result, in any place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from payouts.formats.replies.amounts import read_amount
from payouts.formats.replies.answer import LONGEST_AMOUNT, FileOutcome, ReplyRow, UnreadableReply
from qinqing.kernel.tables.refusals import LARGEST_ROWS, ROWS_BEFORE_TITLES, Row, too_many_rows


@dataclass(frozen=True, slots=True)
class TableWords:
    """The titles of a bank's columns, and its words for outcomes; a column with an empty title is not read."""

    id_title: str
    result_title: str
    paid: frozenset[str]
    refused: frozenset[str]
    returned: frozenset[str] = frozenset()
    pending: frozenset[str] = frozenset()
    amount_title: str = ""
    reference_title: str = ""
    reason_title: str = ""
    delimiter: str = ","


def split_words(text: str) -> frozenset[str]:
    """Split a list of words that commas or line ends separate."""
    return frozenset(word.strip() for word in re.split(r"[,，、\n]", text) if word.strip())


def read_replies(rows: Iterable[Row], words: TableWords) -> Iterator[ReplyRow]:
    """
    Read each row below the titles; skip rows without an end-to-end id, for these hold the bank's sums.

    Raises:
        UnreadableReply: a title is missing, also that of the amount if the layout names one; a row ends before its
            result; there is no row, or there are too many.
    """
    stream = iter(rows)
    columns = _find_columns(stream, words)
    if words.amount_title and words.amount_title not in columns:
        raise _refuse_missing_amounts(words)
    wanted = max(columns[words.id_title], columns[words.result_title])
    count = 0
    for number, cells in stream:
        if not any(cells) or len(cells) <= columns[words.id_title] or not cells[columns[words.id_title]].strip():
            continue
        if len(cells) <= wanted:
            sentence = _("Row %(row)s ends before its result; the file may be cut off. Fetch it from the bank again.")
            raise UnreadableReply(sentence, row=number)
        count += 1
        if count > LARGEST_ROWS:
            raise too_many_rows()
        yield _read_row(number, cells, columns, words)
    if not count:
        raise UnreadableReply(_("There is no row with an end-to-end id below the titles; the file says nothing."))


def _find_columns(stream: Iterator[Row], words: TableWords) -> dict[str, int]:
    for number, cells in stream:
        titles = [cell.strip() for cell in cells]
        if words.id_title in titles and words.result_title in titles:
            return {title: column for column, title in reversed(list(enumerate(titles)))}
        if number >= ROWS_BEFORE_TITLES:
            break
    sentence = _(
        "None of the first %(count)s rows holds the titles “%(id)s” and “%(result)s”; choose the bank whose layout"
        " of replies this is, or correct the layout."
    )
    raise UnreadableReply(sentence, count=ROWS_BEFORE_TITLES, id=words.id_title, result=words.result_title)


def _refuse_missing_amounts(words: TableWords) -> UnreadableReply:
    sentence = _(
        "No title reads “%(title)s”, the column of the amount; choose the bank whose layout of replies this is, or"
        " correct the layout."
    )
    return UnreadableReply(sentence, title=words.amount_title)


def _read_row(number: int, cells: Sequence[str], columns: dict[str, int], words: TableWords) -> ReplyRow:
    said = cells[columns[words.result_title]].strip()
    amount = read_amount(_read_cell(cells, columns, words.amount_title))
    return ReplyRow(
        number=number,
        end_to_end_id=cells[columns[words.id_title]].strip()[:35],
        outcome=_read_outcome(said, words),
        said=said[:60],
        bank_reference=_read_cell(cells, columns, words.reference_title)[:35],
        reason=_read_cell(cells, columns, words.reason_title)[:200],
        amount_cny=amount.cny,
        amount_said=amount.said[:LONGEST_AMOUNT],
        is_pending=said in words.pending,
    )


def _read_outcome(said: str, words: TableWords) -> FileOutcome:
    if said in words.paid:
        return "paid"
    if said in words.refused:
        return "refused"
    return "returned" if said in words.returned else ""


def _read_cell(cells: Sequence[str], columns: dict[str, int], title: str) -> str:
    column = columns.get(title) if title else None
    return cells[column].strip() if column is not None and column < len(cells) else ""
