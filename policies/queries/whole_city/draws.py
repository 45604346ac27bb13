"""Which rows of a preview are shown: a few of each verdict, of as many kinds as there are."""

from __future__ import annotations

from collections.abc import Callable
from heapq import nlargest, nsmallest

from psycopg.sql import SQL, Composable, Identifier, Literal

from companies.models import Company, CompanyDistrict
from policies.queries.whole_city.alike import LOT, Alike, Counted, Kind, Place
from policies.queries.whole_city.rows import asked, decided
from policies.scope import CompanySet
from policies.verdicts import Verdicts

_LARGEST, _USUAL, _NEARLY, _UNKNOWN = 3, 5, 6, 6


def drawn(counted: Counted) -> dict[Place, bool]:
    """The rows to show, in order, and whether one clause alone fails."""
    eligible, nearly, unknown = ([alike for _kind, alike in each] for each in _by_verdict(counted))
    largest = nlargest(_LARGEST, (alike.largest for alike in eligible if alike.largest))
    draws = (
        ([(-company, -item) for _fen, (company, item) in largest], False),
        (_first(_USUAL, eligible), False),
        (_first(_NEARLY, nearly), True),
        (_first(_UNKNOWN, unknown), False),
    )
    # Who got the largest amount may be a usual row, too.
    return {place: is_nearly for places, is_nearly in draws for place in places}


def _by_verdict(counted: Counted) -> tuple[list[tuple[Kind, Alike]], ...]:
    """The kinds of eligible rows, of those that fail one clause alone, and of unknown ones."""
    kinds = list(counted.with_outcomes())
    return (
        [(kind, alike) for kind, outcome, alike in kinds if outcome.verdict],
        [(kind, alike) for kind, outcome, alike in kinds if outcome.nearly],
        [(kind, alike) for kind, outcome, alike in kinds if outcome.verdict is None],
    )


def _first(many: int, kinds: list[Alike]) -> list[Place]:
    return [place for _number, place in nsmallest(many, (draw for alike in kinds for draw in alike.drawn.values()))]


def draw_further(
    counted: Counted, *, verdicts_of: Callable[[CompanySet], Verdicts], companies: CompanySet | None
) -> None:
    """
    Draw more rows of the kinds of which the lotteries drew too few, out of some companies (None: all).

    A verdict is short only while it has a handful of kinds, and of each its part of the city alone is decided again.
    """
    for kind in _short(counted):
        rows = decided(verdicts_of(_in_part_of(kind, companies)))
        draws = asked(
            SQL("SELECT {}, company_id, coalesce(item_id, 0) FROM ({}) AS r WHERE {} ORDER BY 1, 2, 3 LIMIT {}").format(
                LOT, rows, _is_of(kind), Literal(max(_USUAL, _NEARLY, _UNKNOWN))
            )
        )
        counted.kinds[kind].drawn = {lot: (number, (firm, item)) for lot, (number, firm, item) in enumerate(draws)}


def _short(counted: Counted) -> list[Kind]:
    """The kinds with rows that were not drawn, of verdicts of which fewer were drawn than are shown."""
    short: dict[Kind, None] = {}
    for kinds, wanted in zip(_by_verdict(counted), (_USUAL, _NEARLY, _UNKNOWN), strict=True):
        if sum(len(alike.drawn) for _kind, alike in kinds) < wanted:
            short |= {kind: None for kind, alike in kinds if alike.rows > len(alike.drawn)}
    return list(short)


def _is_of(kind: Kind) -> Composable:
    """The condition that a decided row is of the kind."""
    columns = ("district", "industry", "size", "outcome", "missing")
    same = [SQL("{} = {}").format(Identifier(name), Literal(getattr(kind, name))) for name in columns]
    return SQL(" AND ").join(same)


def _in_part_of(kind: Kind, companies: CompanySet | None) -> CompanySet:
    """Of the companies those of the kind's industry and size, that once were in its district."""
    part = [
        SQL("left(industry_code, 1) = {}").format(Literal(kind.industry)),
        SQL("coalesce(size, '') = {}").format(Literal(kind.size)),
    ]
    if kind.district:
        districts = SQL("id IN (SELECT company_id FROM {} WHERE district_id = {})")
        part.append(districts.format(Identifier(CompanyDistrict._meta.db_table), Literal(kind.district)))
    ids = SQL("SELECT id FROM {} WHERE {}").format(Identifier(Company._meta.db_table), SQL(" AND ").join(part))

    def among(company: Composable) -> Composable:
        wider = companies(company) if companies else SQL("true")
        return SQL("({} AND {} IN ({}))").format(wider, company, ids)

    return among
