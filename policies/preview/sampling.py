"""Which rows of a preview are shown: a few of each verdict, of as many kinds as there are."""

from __future__ import annotations

from collections.abc import Callable
from heapq import nlargest, nsmallest

from psycopg.sql import SQL, Composable, Identifier, Literal

from companies.models import Company, CompanyDistrict
from policies.matching.version_sql import Verdicts
from policies.preview.rows import asked, decided
from policies.preview.strata import LOT, Alike, Counted, Draw, Kind, Place
from policies.rules.company_set import CompanySet

_KIND_NAMES = ("district", "industry", "size", "outcome", "missing")
_KIND = SQL(", ").join(map(Identifier, _KIND_NAMES))
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

    A verdict is short only while it has a handful of kinds; the parts of the city that they lie in are decided again.
    """
    short = _short(counted)
    if not short:
        return
    ranked = SQL(
        "SELECT r.*, {lot} AS lot, row_number() OVER (PARTITION BY {kind} ORDER BY {lot}, company_id, item_id) AS place"
        " FROM ({rows}) AS r WHERE {wanted}"
    ).format(
        lot=LOT,
        kind=_KIND,
        rows=decided(verdicts_of(_in_parts_of(short, companies))),
        wanted=SQL(" OR ").join(SQL("({})").format(_is_of(kind)) for kind in short),
    )
    found: dict[Kind, dict[int, Draw]] = {kind: {} for kind in short}
    most = Literal(max(_USUAL, _NEARLY, _UNKNOWN))
    statement = SQL("SELECT {}, place, lot, company_id, coalesce(item_id, 0) FROM ({}) AS ranked WHERE place <= {}")
    for district, industry, size, outcome, missing, place, lot, firm, item in asked(
        statement.format(_KIND, ranked, most)
    ):
        found[Kind(district, industry, size, int(outcome), missing)][place] = (lot, (firm, item))
    for kind, draws in found.items():
        counted.kinds[kind].drawn = draws


def _short(counted: Counted) -> list[Kind]:
    """The kinds with rows that were not drawn, of verdicts of which fewer were drawn than are shown."""
    short: dict[Kind, None] = {}
    for kinds, wanted in zip(_by_verdict(counted), (_USUAL, _NEARLY, _UNKNOWN), strict=True):
        if sum(len(alike.drawn) for _kind, alike in kinds) < wanted:
            short |= {kind: None for kind, alike in kinds if alike.rows > len(alike.drawn)}
    return list(short)


def _is_of(kind: Kind) -> Composable:
    """The condition that a decided row is of the kind."""
    same = [SQL("{} = {}").format(Identifier(name), Literal(getattr(kind, name))) for name in _KIND_NAMES]
    return SQL(" AND ").join(same)


def _in_parts_of(kinds: list[Kind], companies: CompanySet | None) -> CompanySet:
    """Of the companies those that lie in the part of the city of one of the kinds."""
    ids = SQL("SELECT id FROM {} WHERE {}").format(
        Identifier(Company._meta.db_table), SQL(" OR ").join(SQL("({})").format(_part(kind)) for kind in kinds)
    )

    def among(company: Composable) -> Composable:
        wider = companies(company) if companies else SQL("true")
        return SQL("({} AND {} IN ({}))").format(wider, company, ids)

    return among


def _part(kind: Kind) -> Composable:
    """The condition that a company is of the kind's industry and size, and once was in its district."""
    part = [
        SQL("left(industry_code, 1) = {}").format(Literal(kind.industry)),
        SQL("coalesce(size, '') = {}").format(Literal(kind.size)),
    ]
    if kind.district:
        districts = SQL("id IN (SELECT company_id FROM {} WHERE district_id = {})")
        part.append(districts.format(Identifier(CompanyDistrict._meta.db_table), Literal(kind.district)))
    return SQL(" AND ").join(part)
