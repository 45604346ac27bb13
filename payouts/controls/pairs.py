"""The pairs of people of whom one decides about the other's work, for the auditor."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from qinqing.kernel.database.reading import as_reader
from qinqing.kernel.database.sql_files import read_sql
from qinqing.kernel.database.statements import fetch_rows_as

# Fewer decisions than these say nothing about a habit.
ALWAYS_FROM = 3
LARGEST_PAGE = 500
_WHO_DECIDES = read_sql(__package__, "who_decides_for_whom.sql")


@dataclass(frozen=True, slots=True)
class Pair:
    """
    A person whose work of a kind another person decided about, and how often.

    `of_first` is the share of the first person's work that the second decided; `of_second` the share of the second
    person's decisions that were about the first.
    """

    kind: str
    first_id: int
    second_id: int
    first: str
    second: str
    count: int
    of_first: Decimal
    of_second: Decimal

    @property
    def is_always(self) -> bool:
        """Whether the two have decided about nobody else's work, and had nobody else decide."""
        return self.count >= ALWAYS_FROM and self.of_first == self.of_second == 1


def list_pairs(*, limit: int = LARGEST_PAGE) -> list[Pair]:
    """The pairs, those first of which the one decides most exclusively about the other."""
    with as_reader():
        return fetch_rows_as(Pair, _WHO_DECIDES, always_from=ALWAYS_FROM, limit=limit)
