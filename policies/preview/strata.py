"""
Strata: rows with the same segment of the city, the same result of every rule and the same missing data.

A million rows have some hundreds of strata. The database counts the strata while it decides the rows; all figures are
arithmetic over them. The counts of several shards add up, so shards can be decided in any order and in parallel.
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
# A row's number in a lottery, and the row.
Draw = tuple[int, RowKey]
# So many lotteries draw one row each of every stratum.
LOTTERIES = 3
# The number of a row in a lottery is a hash, so that a lottery always draws the same row.
LOT = SQL("hashint8extended(company_id, 20)")


@dataclass(slots=True)
class Stratum:
    """
    The counts of the rows of one stratum.

    `fen` has the amounts of the eligible rows, in fen, and `squares` the sum of their squares in yuan. `drawn` has for
    each lottery the lowest number and its row. `largest` is the largest amount and its row; the ids in it are negative,
    so that of two equal amounts the lower id is the larger. `distances` has, by clause, the distances of the rows that
    fail this clause and no other.
    """

    rows: int
    squares: float
    fen: array[int]
    drawn: dict[int, Draw]
    largest: tuple[int, RowKey] | None
    distances: dict[int, list[Decimal]]

    def add(self, other: Stratum) -> None:
        """Add the counts of the same stratum in another shard."""
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
    """What the rows of a stratum have in common; `rows.decided_rows` explains `outcome` and `missing`."""

    district: str
    industry: str
    size: str
    outcome: int
    missing: int


@dataclass(frozen=True)
class RuleResults:
    """The result of each clause and, last, of the amount: true, false or None for unknown."""

    values: tuple[bool | None, ...]

    @cached_property
    def verdict(self) -> bool | None:
        """Whether the row is eligible; None while that is unknown."""
        return False if False in self.values else None if None in self.values else True

    @cached_property
    def stopped_at(self) -> int:
        """The number of the first step that is not true; one more than there are when all are."""
        return next((number for number, value in enumerate(self.values, 1) if value is not True), len(self.values) + 1)

    @cached_property
    def nearly(self) -> int:
        """The number of the clause that fails while all others hold; 0 if there is no such clause."""
        others = [number for number, value in enumerate(self.values[:-1], 1) if value is not True]
        return others[0] if len(others) == 1 and self.values[others[0] - 1] is False else 0


@dataclass(frozen=True)
class Strata:
    """The strata of a version's rows, by their keys."""

    compiled: CompiledVersion
    by_key: dict[StratumKey, Stratum] = field(default_factory=dict)

    def add(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Add the rows that `count_strata` returned about a shard."""
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
        """Each stratum: its key, the results of its rules, and its counts."""
        for key, stratum in self.by_key.items():
            yield key, self._outcomes[key.outcome], stratum

    def rows_by_outcome(self) -> dict[RuleResults, int]:
        """How many rows have the same results of all rules."""
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
    The SELECT that counts decided rows by stratum.

    Without `keeps_amounts` the amounts are left out, as where several rows belong to one subject or one firm.
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
    """Count the strata of a relation of decided rows; returns what `Strata.add` takes."""
    return fetch_rows(strata_query(compiled, source, keeps_amounts=keeps_amounts))
