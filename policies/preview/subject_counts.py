"""Counts eligible subjects where a firm may have many of them; the counts of several shards add up."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from psycopg.sql import SQL

from policies.preview.counts import Scale, amounts_spread, largest_first, margins_of_error
from policies.preview.figures import Segment, Segments, Unpayable
from policies.preview.rows import PreviewTables, fetch_rows

# The figures name so many third parties without an account.
CODES_SHOWN = 5
# The values of PostgreSQL's grouping(): a bit is set for each column that a row is not grouped by.
_WHOLE, _BY_DISTRICT, _BY_INDUSTRY, _BY_SIZE = 0b111, 0b011, 0b101, 0b110


class SubjectCounts(NamedTuple):
    """The counts of one shard's eligible subjects, as the statements below return them."""

    parts: Sequence[tuple[Any, ...]]
    people: int
    fen: Sequence[int]
    without_account: Sequence[tuple[Any, ...]]


def count_subjects(made: PreviewTables, *, names_payees: bool) -> SubjectCounts:
    """Count the eligible subjects in the tables; with `names_payees` also those whose third party has no account."""
    ((people, fen),) = fetch_rows(_AMOUNTS.format(made.eligible))
    without_account = fetch_rows(_WITHOUT_ACCOUNT.format(made.eligible)) if names_payees else ()
    return SubjectCounts(fetch_rows(_PARTS.format(made.eligible)), people, fen or (), without_account)


# A firm lies in one segment, so the statement adds up firm by firm and counts no firm twice.
_PARTS = SQL("""
    WITH firms AS (
        SELECT company_id, district, industry, size, count(*) AS subjects, sum(amount_cny) AS cny
        FROM {} GROUP BY company_id, district, industry, size
    )
    SELECT grouping(district, industry, size), coalesce(district, industry, size, ''),
        coalesce(sum(subjects), 0)::bigint, count(*), coalesce(sum(cny), 0), coalesce(sum(cny::float8 ^ 2), 0)
    FROM firms GROUP BY GROUPING SETS ((), (district), (industry), (size))
""")
_AMOUNTS = SQL("SELECT count(DISTINCT employee_id), array_agg((amount_cny * 100)::bigint) FROM {}")
_WITHOUT_ACCOUNT = SQL("""
    SELECT * FROM (SELECT payee_code, count(*), sum(amount_cny) FROM {} GROUP BY payee_code) AS e
    WHERE NOT EXISTS (
        SELECT FROM companies_thirdparty t JOIN companies_payeeaccount a ON a.third_party_id = t.id AND a.is_active
        WHERE t.code = e.payee_code
    )
""")


@dataclass(slots=True)
class _Sums:
    subjects: int = 0
    firms: int = 0
    cny: Decimal = Decimal(0)
    squares: float = 0.0

    def add(self, subjects: int, firms: int, cny: Decimal, squares: float) -> None:
        self.subjects, self.firms = self.subjects + subjects, self.firms + firms
        self.cny, self.squares = self.cny + cny, self.squares + squares

    def part(self, key: str, scale: Scale) -> Segment:
        return Segment(key, scale.count(self.subjects), scale.count(self.firms), scale.cny(self.cny))


@dataclass(slots=True)
class EntitledTotals:
    """The eligible subjects of all shards; no two shards share a firm or a subject."""

    _people: int = 0
    _fen: array[int] = field(default_factory=lambda: array("q"))
    # By the value of grouping(), and the key of the segment.
    _parts: dict[tuple[int, str], _Sums] = field(default_factory=lambda: defaultdict(_Sums))
    _without_account: dict[str, _Sums] = field(default_factory=lambda: defaultdict(_Sums))

    def add(self, piece: SubjectCounts) -> None:
        """Add the counts of another shard."""
        self._people += piece.people
        self._fen.extend(piece.fen)
        for grouping, key, *sums in piece.parts:
            self._parts[grouping, key].add(*sums)
        for code, subjects, cny in piece.without_account:
            self._without_account[code].add(subjects, 0, cny, 0.0)

    def figures(self, *, scale: Scale) -> dict[str, Any]:
        """The figures of the preview that are about eligible subjects."""
        whole = self._parts[_WHOLE, ""]
        return {
            "count": scale.count(whole.subjects),
            "firm_count": scale.count(whole.firms),
            "employee_count": scale.count(self._people),
            "total_cny": scale.cny(whole.cny),
            "spread": amounts_spread(sorted(self._fen)),
            **margins_of_error(whole.firms, float(whole.cny), whole.squares, scale),
            "parts": Segments(
                *(self._parts_by(grouping, scale) for grouping in (_BY_DISTRICT, _BY_INDUSTRY, _BY_SIZE))
            ),
            "unpayable": self._unpayable(scale),
        }

    def _parts_by(self, wanted: int, scale: Scale) -> tuple[Segment, ...]:
        return largest_first(
            sums.part(key, scale) for (grouping, key), sums in self._parts.items() if grouping == wanted
        )

    def _unpayable(self, scale: Scale) -> Unpayable | None:
        waiting = self._without_account
        if not waiting:
            return None
        codes = sorted((code for code in waiting if code), key=lambda code: (-waiting[code].subjects, code))
        return Unpayable(
            count=scale.count(sum(sums.subjects for sums in waiting.values())),
            total_cny=scale.cny(sum((sums.cny for sums in waiting.values()), Decimal(0))),
            unnamed=scale.count(sum(sums.subjects for code, sums in waiting.items() if not code)),
            payees=len(codes),
            codes=tuple(codes[:CODES_SHOWN]),
        )
