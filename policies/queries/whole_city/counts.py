"""Counting decided rows: totals, the funnel, the parts of the city, and the data that is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import sqrt
from typing import Any

from psycopg.sql import SQL, Composable, Identifier, Literal

from policies.queries.whole_city.figures import Part, Parts, Spread, Step, UnknownFor
from policies.queries.whole_city.rows import Tables, asked, datasets_of, has_distance
from policies.verdicts import Judged, named
from qinqing.kernel.money import rounded_to_fen

# Of a normal distribution 95 % lie within so many standard deviations.
CERTAINTY = 1.96


@dataclass(frozen=True, slots=True)
class Scale:
    """From the firms that were looked at to all firms of the city."""

    city_firms: int
    looked_at: int

    @property
    def factor(self) -> Decimal:
        """How many firms one of them stands for."""
        return Decimal(self.city_firms) / max(self.looked_at, 1)

    def count(self, counted: int) -> int:
        """A count for the whole city."""
        return int((counted * self.factor).to_integral_value(ROUND_HALF_UP))

    def cny(self, counted: Decimal) -> Decimal:
        """A sum for the whole city."""
        return rounded_to_fen(counted * self.factor)

    def margin(self, deviation: float) -> float:
        """How far a scaled total of firms lies off at most, with 95 % certainty, by the deviation from firm to firm."""
        if self.looked_at >= self.city_firms or self.looked_at == 0:
            return 0.0
        rest = sqrt(1 - self.looked_at / self.city_firms)
        return CERTAINTY * self.city_firms * deviation / sqrt(self.looked_at) * rest


def verdicts_counted(made: Tables, judged: Judged, *, stale: frozenset[str], scale: Scale) -> dict[str, Any]:
    """The figures that are counted over all rows: verdicts, steps and missing data."""
    datasets, steps = datasets_of(judged), [*range(1, len(judged.clauses) + 1), None]
    columns: list[tuple[str, Composable]] = [
        ("rows", SQL("count(*)")),
        ("ineligible", _where("verdict IS FALSE")),
        ("unknown", _where("verdict IS NULL")),
        *((f"misses_{place}", _where("verdict IS NULL AND {}", f"misses_{place}")) for place in range(len(datasets))),
    ]
    for number in steps:
        columns += _step_columns(judged, number)
    values = asked(SQL("SELECT {} FROM {}").format(named(columns), made.rows))[0]
    row = dict(zip((name for name, _sql in columns), values, strict=True))
    return {
        **{name: scale.count(row[name]) for name in ("rows", "ineligible", "unknown")},
        "steps": _steps(row, steps, scale),
        "unknown_for": _unknown_for(
            {name: row[f"misses_{place}"] for place, name in enumerate(datasets)}, stale, scale
        ),
    }


def _where(condition: str, *columns: str, aggregate: str = "count(*)") -> Composable:
    template = SQL(f"{aggregate} FILTER (WHERE {condition})")
    return template.format(*(Identifier(column) for column in columns))


def _step_columns(judged: Judged, number: int | None) -> list[tuple[str, Composable]]:
    place = Literal(len(judged.clauses) + 1 if number is None else number)
    value, name = Identifier("pays" if number is None else f"clause_{number}"), str(number)
    counts = {
        "failed": SQL("stopped_at = {place} AND {value} IS FALSE"),
        "unknown": SQL("stopped_at = {place} AND {value} IS NULL"),
        "left": SQL("stopped_at > {place} OR stopped_at = 0"),
        "fails_alone": SQL("{value} IS FALSE"),
        "unknown_alone": SQL("{value} IS NULL"),
        "nearly": SQL("nearly = {place}"),
    }
    columns: list[tuple[str, Composable]] = [
        (f"{what}_{name}", SQL("count(*) FILTER (WHERE {})").format(condition.format(place=place, value=value)))
        for what, condition in counts.items()
    ]
    if number is not None and has_distance(judged, number):
        middle = SQL("percentile_disc(0.5) WITHIN GROUP (ORDER BY {}) FILTER (WHERE nearly = {})")
        columns.append((f"distance_{name}", middle.format(Identifier(f"distance_{number}"), place)))
    return columns


def _steps(row: dict[str, Any], numbers: Sequence[int | None], scale: Scale) -> tuple[Step, ...]:
    counted = ("failed", "unknown", "left", "fails_alone", "unknown_alone", "nearly")
    return tuple(
        Step(
            number=number,
            distance=row.get(f"distance_{number}"),
            **{what: scale.count(row[f"{what}_{number}"]) for what in counted},
        )
        for number in numbers
    )


def _unknown_for(counts: dict[str, int], stale: frozenset[str], scale: Scale) -> tuple[UnknownFor, ...]:
    found = [UnknownFor(name, scale.count(count), name in stale) for name, count in counts.items() if count]
    return tuple(sorted(found, key=lambda unknown: (-unknown.count, unknown.dataset)))


def eligible_counted(made: Tables, *, scale: Scale) -> dict[str, Any]:
    """The figures that are counted over the eligible subjects: how many, whose, how much, and where."""
    rows = asked(
        SQL(
            "SELECT grouping(district, industry, size), coalesce(district, industry, size, ''),"
            " count(*), count(DISTINCT company_id), count(DISTINCT employee_id), coalesce(sum(amount_cny), 0),"
            " min(amount_cny), percentile_disc(0.5) WITHIN GROUP (ORDER BY amount_cny), max(amount_cny)"
            " FROM {} GROUP BY GROUPING SETS ((), (district), (industry), (size))"
        ).format(made.eligible)
    )
    whole = next(row for row in rows if row[0] == _WHOLE)
    deviation_of_count, deviation_of_sum = _deviations(made, scale.looked_at)
    return {
        "count": scale.count(whole[2]),
        "firm_count": scale.count(whole[3]),
        "employee_count": scale.count(whole[4]),
        "total_cny": scale.cny(whole[5]),
        "spread": Spread(*whole[6:9]) if whole[2] else None,
        "firm_margin": round(scale.margin(deviation_of_count)),
        "total_margin_cny": rounded_to_fen(Decimal(scale.margin(deviation_of_sum))),
        "parts": Parts(*(_parts(rows, kind, scale) for kind in (_BY_DISTRICT, _BY_INDUSTRY, _BY_SIZE))),
    }


# What PostgreSQL's grouping() answers: a bit for each column that a row is not grouped by.
_WHOLE, _BY_DISTRICT, _BY_INDUSTRY, _BY_SIZE = 0b111, 0b011, 0b101, 0b110


def _parts(rows: Sequence[tuple[Any, ...]], kind: int, scale: Scale) -> tuple[Part, ...]:
    found = [
        Part(row[1], scale.count(row[2]), scale.count(row[3]), scale.cny(row[5])) for row in rows if row[0] == kind
    ]
    return tuple(sorted(found, key=lambda part: (-part.total_cny, part.key)))


def _deviations(made: Tables, looked_at: int) -> tuple[float, float]:
    """How much firms differ in being entitled at all, and in what they get, over all that were looked at."""
    firms, total, squares = asked(
        SQL(
            "SELECT count(*), coalesce(sum(firm_cny), 0)::float8, coalesce(sum(firm_cny::float8 ^ 2), 0)"
            " FROM (SELECT sum(amount_cny) AS firm_cny FROM {} GROUP BY company_id) AS firms"
        ).format(made.eligible)
    )[0]
    share, mean = firms / max(looked_at, 1), total / max(looked_at, 1)
    mean_square = squares / max(looked_at, 1)
    return sqrt(max(share - share**2, 0.0)), sqrt(max(mean_square - mean**2, 0.0))
