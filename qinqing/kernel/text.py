"""Small rules for text from people and for people."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import get_language, override

HEAD, TAIL = 3, 2
# A spreadsheet takes a cell that begins so for a formula; in Chinese or Japanese it reads the wide signs as well.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# Python refuses to read more than 4,300 digits, with an error; no id needs more than these.
MOST_DIGITS = 18


def number(text: str) -> int | None:
    """The whole number that somebody sent, if it can be an id."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else None


def mask(number: str) -> str:
    """A personal number with its middle hidden: the first three and last two characters remain."""
    if len(number) <= HEAD + TAIL:
        return "*" * len(number)
    return f"{number[:HEAD]}{'*' * (len(number) - HEAD - TAIL)}{number[-TAIL:]}"


def mask_id_number(number: str) -> str:
    """
    A citizen's ID number with everything hidden but its first and last character.

    Beside a birth date, which pages show, each character more leaves few numbers that it can be: the first six name the
    district, the last one follows from the others.
    """
    return f"{number[:1]}{'*' * (len(number) - 2)}{number[-1:]}"


def mask_name(name: str) -> str:
    """A person's name for a public list: its first character and stars."""
    return name[:1] + "*" * max(len(name) - 1, 1)


def disarm_formulas(cells: Iterable[str]) -> tuple[str, ...]:
    """The texts, changed so that a spreadsheet takes none of them for a formula."""
    return tuple(f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells)


def csv_lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Rows of texts as CSV, streamed; the mark in front tells a spreadsheet that it is UTF-8."""
    yield "\ufeff"
    for row in rows:
        line = io.StringIO()
        csv.writer(line).writerow(row)
        yield line.getvalue()


@dataclass(frozen=True, slots=True)
class Bilingual:
    """A word in both languages; as a string it is the word of the active language, Chinese by default."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.in_language(get_language())

    def in_language(self, language: str | None) -> str:
        """The English word for English, the Chinese one for anything else or where English is missing."""
        return self.en if (language or "").startswith("en") and self.en else self.zh


def in_both_languages(say: Callable[[], str]) -> Bilingual:
    """A sentence that the platform stores, in both languages because nobody knows who will read it."""
    with override("zh-hans"):
        zh = say()
    with override("en"):
        return Bilingual(zh, say())
