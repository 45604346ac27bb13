"""
Rows that are alike, counted together: same part of the city, same outcome of every rule, same data missing.

A million rows are some hundreds of kinds, which the database counts as it decides; the rest is arithmetic on those.
What is counted piece by piece adds up, so pieces can be decided in any order and side by side.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from psycopg.sql import SQL, Composable, Identifier, Literal

from policies.matching.version_sql import CompiledVersion
from policies.preview.rows import BASE, FALSE, TRUE, fetch_rows, measured_clauses

# Company and item of a row; 0 where it has no item.
RowKey = tuple[int, int]
# A number of the lottery, and the row that has it.
Draw = tuple[int, RowKey]
# So many rows of each kind are drawn, one by each of as many lotteries.
LOTTERIES = 3
# The order of the hash is a lottery that always draws the same.
LOT = SQL("hashint8extended(company_id, 20)")


@dataclass(slots=True)
class Stratum:
    """
    The rows of one kind.

    `fen` are the amounts of the eligible ones, which are no money before the end; `squares` the sum of their squares
    in yuan. `drawn` are the rows that lotteries draw first, each behind its number in one. `largest` is that of the
    largest amount behind that, its ids below zero so that of two the lower ones are the larger. `distances` are those
    of the rows that fail this clause and no other.
    """

    rows: int
    squares: float
    fen: array[int]
    drawn: dict[int, Draw]
    largest: tuple[int, RowKey] | None
    distances: dict[int, list[Decimal]]

    def add(self, other: Stratum) -> None:
        """Take in the rows of the same kind from another piece."""
        self.rows += other.rows
        self.squares += other.squares
        self.fen.extend(other.fen)
        for lottery, draw in other.drawn.items():
            self.drawn[lottery] = min(self.drawn.get(lottery, draw), draw)
        self.largest = max(self.largest, other.largest) if self.largest and other.largest else self.largest
        for number, distances in other.distances.items():
            self.distances[number] += distances


@dataclass(frozen=True, slots=True)
class StratumKey:
    """What rows have in common; `outcome` and `missing` as `rows.decided` has them."""

    district: str
    industry: str
    size: str
    outcome: int
    missing: int


@dataclass(frozen=True)
class RuleResults:
    """What came of each clause and, last, of the amount: true, false or None for unknown."""

    values: tuple[bool | None, ...]

    @cached_property
    def verdict(self) -> bool | None:
        """Eligible, ineligible or unknown."""
        return False if False in self.values else None if None in self.values else True

    @cached_property
    def stopped_at(self) -> int:
        """The number of the first step that is not true; one more than there are when all are."""
        return next((number for number, value in enumerate(self.values, 1) if value is not True), len(self.values) + 1)

    @cached_property
    def nearly(self) -> int:
        """The number of the one clause that fails while all others hold; 0 when there is none such."""
        others = [number for number, value in enumerate(self.values[:-1], 1) if value is not True]
        return others[0] if len(others) == 1 and self.values[others[0] - 1] is False else 0


@dataclass(frozen=True)
class Strata:
    """All rows of a version, kind by kind."""

    compiled: CompiledVersion
    by_key: dict[StratumKey, Stratum] = field(default_factory=dict)

    def add(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Take in what `strata_query` answered about a piece."""
        numbers = measured_clauses(self.compiled)
        for district, industry, size, outcome, missing, count, squares, fen, largest, *rest in rows:
            draws, distances = rest[:LOTTERIES], rest[LOTTERIES:]
            stratum = Stratum(
                rows=count,
                squares=squares or 0.0,
                fen=array("q", fen or ()),
                drawn={place: (each[0], (each[1], each[2])) for place, each in enumerate(draws) if each},
                largest=(largest[0], (largest[1], largest[2])) if largest else None,
                distances={number: list(each or ()) for number, each in zip(numbers, distances, strict=True)},
            )
            key = StratumKey(district, industry, size, int(outcome), missing)
            if key in self.by_key:
                self.by_key[key].add(stratum)
            else:
                self.by_key[key] = stratum

    def with_outcomes(self) -> Iterator[tuple[StratumKey, RuleResults, Stratum]]:
        """Each kind, what came of its rules, and its rows."""
        for key, stratum in self.by_key.items():
            yield key, self._outcomes[key.outcome], stratum

    def rows_by_outcome(self) -> dict[RuleResults, int]:
        """How many rows there are of each outcome."""
        rows: Counter[RuleResults] = Counter()
        for _key, outcome, stratum in self.with_outcomes():
            rows[outcome] += stratum.rows
        return rows

    @cached_property
    def _outcomes(self) -> dict[int, RuleResults]:
        steps = len(self.compiled.clauses) + 1
        return {number: _read_results(number, steps) for number in {key.outcome for key in self.by_key}}


def _read_results(number: int, steps: int) -> RuleResults:
    values: list[bool | None] = []
    for _step in range(steps):
        number, digit = divmod(number, BASE)
        values.append({TRUE: True, FALSE: False}.get(digit))
    return RuleResults(tuple(values))


def strata_query(compiled: CompiledVersion, source: Composable, *, keeps_amounts: bool) -> Composable:
    """
    The SELECT that counts decided rows kind by kind.

    Where several rows may be of one subject or of one firm the amounts say nothing, and are left out.
    """
    fen = SQL("(amount_cny * 100)::bigint")
    columns = [
        SQL("district, industry, size, outcome, missing, count(*)"),
        _if_kept("sum(amount_cny::float8 * amount_cny::float8)", keeps_amounts),
        SQL("array_agg({}) FILTER (WHERE outcome = 0)").format(fen) if keeps_amounts else SQL("NULL"),
        SQL("max(ARRAY[{}, -company_id, -coalesce(item_id, 0)]) FILTER (WHERE outcome = 0)").format(fen),
        *(_draw_column(lottery) for lottery in range(LOTTERIES)),
        *(_distances_column(number, len(compiled.clauses)) for number in measured_clauses(compiled)),
    ]
    return SQL("SELECT {} FROM {} GROUP BY district, industry, size, outcome, missing").format(
        SQL(", ").join(columns), source
    )


def _draw_column(lottery: int) -> Composable:
    return SQL(
        "min(ARRAY[{}, company_id, coalesce(item_id, 0)]) FILTER (WHERE (company_id + coalesce(item_id, 0)) % {} = {})"
    ).format(LOT, Literal(LOTTERIES), Literal(lottery))


def _if_kept(aggregate: str, keeps_amounts: bool) -> Composable:  # noqa: FBT001
    return SQL(f"{aggregate} FILTER (WHERE outcome = 0)") if keeps_amounts else SQL("NULL")


def _distances_column(number: int, clauses: int) -> Composable:
    return SQL("array_agg({}) FILTER (WHERE outcome % {} = {})").format(
        Identifier(f"distance_{number}"), Literal(BASE**clauses), Literal(FALSE * BASE ** (number - 1))
    )


def count_strata(compiled: CompiledVersion, source: Composable, *, keeps_amounts: bool) -> Sequence[tuple[Any, ...]]:
    """What `strata_query` answers, from a relation of decided rows."""
    return fetch_rows(strata_query(compiled, source, keeps_amounts=keeps_amounts))
