"""Chooses the rows that a preview shows: a few of each verdict, from as many strata as possible."""

from __future__ import annotations

from collections.abc import Callable
from heapq import nlargest, nsmallest

from psycopg.sql import SQL, Composable, Identifier, Literal

from companies.models import Company, CompanyDistrict
from policies.matching.version_sql import CompiledSet
from policies.preview.rows import decided_rows, fetch_rows
from policies.preview.strata import LOT, Draw, RowKey, Strata, Stratum, StratumKey
from policies.rules.company_set import CompanySet

_KEY_COLUMNS = ("district", "industry", "size", "outcome", "missing")
_KEY = SQL(", ").join(map(Identifier, _KEY_COLUMNS))
_LARGEST, _USUAL, _NEARLY, _UNKNOWN = 3, 5, 6, 6


def choose_rows(strata: Strata) -> dict[RowKey, bool]:
    """The rows to show, in order, each with whether exactly one clause of it fails."""
    eligible, nearly, unknown = ([stratum for _key, stratum in each] for each in _strata_by_verdict(strata))
    largest = nlargest(_LARGEST, (stratum.largest for stratum in eligible if stratum.largest))
    draws = (
        ([(-company, -item) for _fen, (company, item) in largest], False),
        (_first_draws(_USUAL, eligible), False),
        (_first_draws(_NEARLY, nearly), True),
        (_first_draws(_UNKNOWN, unknown), False),
    )
    # A row with one of the largest amounts may be drawn a second time; the dict keeps it once.
    return {place: is_nearly for places, is_nearly in draws for place in places}


def _strata_by_verdict(strata: Strata) -> tuple[list[tuple[StratumKey, Stratum]], ...]:
    """The strata of eligible rows, of rows that fail exactly one clause, and of unknown rows."""
    outcomes = list(strata.with_outcomes())
    return (
        [(key, stratum) for key, outcome, stratum in outcomes if outcome.verdict],
        [(key, stratum) for key, outcome, stratum in outcomes if outcome.nearly],
        [(key, stratum) for key, outcome, stratum in outcomes if outcome.verdict is None],
    )


def _first_draws(many: int, strata: list[Stratum]) -> list[RowKey]:
    return [
        place for _number, place in nsmallest(many, (draw for stratum in strata for draw in stratum.drawn.values()))
    ]


def draw_further(
    strata: Strata, *, compile_for: Callable[[CompanySet], CompiledSet], companies: CompanySet | None
) -> None:
    """
    Draw more rows of the verdicts that have fewer drawn rows than are shown, out of some companies (None: all).

    Such a verdict has only a handful of strata; the companies of their segments are decided again.
    """
    short = _strata_drawn_too_few(strata)
    if not short:
        return
    ranked = SQL(
        "SELECT r.*, {lot} AS lot, row_number() OVER (PARTITION BY {kind} ORDER BY {lot}, company_id, item_id) AS place"
        " FROM ({rows}) AS r WHERE {wanted}"
    ).format(
        lot=LOT,
        kind=_KEY,
        rows=decided_rows(compile_for(_companies_of_strata(short, companies))),
        wanted=SQL(" OR ").join(SQL("({})").format(_is_in_stratum(key)) for key in short),
    )
    found: dict[StratumKey, dict[int, Draw]] = {key: {} for key in short}
    most = Literal(max(_USUAL, _NEARLY, _UNKNOWN))
    statement = SQL("SELECT {}, place, lot, company_id, coalesce(item_id, 0) FROM ({}) AS ranked WHERE place <= {}")
    for district, industry, size, outcome, missing, place, lot, firm, item in fetch_rows(
        statement.format(_KEY, ranked, most)
    ):
        found[StratumKey(district, industry, size, int(outcome), missing)][place] = (lot, (firm, item))
    for key, draws in found.items():
        strata.by_key[key].drawn = draws


def _strata_drawn_too_few(strata: Strata) -> list[StratumKey]:
    """The strata with more rows than were drawn, of the verdicts with fewer drawn rows than are shown."""
    short: dict[StratumKey, None] = {}
    for same_verdict, wanted in zip(_strata_by_verdict(strata), (_USUAL, _NEARLY, _UNKNOWN), strict=True):
        if sum(len(stratum.drawn) for _key, stratum in same_verdict) < wanted:
            short |= {key: None for key, stratum in same_verdict if stratum.rows > len(stratum.drawn)}
    return list(short)


def _is_in_stratum(key: StratumKey) -> Composable:
    """The condition that a decided row is in the stratum."""
    same = [SQL("{} = {}").format(Identifier(name), Literal(getattr(key, name))) for name in _KEY_COLUMNS]
    return SQL(" AND ").join(same)


def _companies_of_strata(keys: list[StratumKey], companies: CompanySet | None) -> CompanySet:
    """Narrow a set of companies to the segments of some strata."""
    ids = SQL("SELECT id FROM {} WHERE {}").format(
        Identifier(Company._meta.db_table),
        SQL(" OR ").join(SQL("({})").format(_company_condition(key)) for key in keys),
    )

    def among(company: Composable) -> Composable:
        wider = companies(company) if companies else SQL("true")
        return SQL("({} AND {} IN ({}))").format(wider, company, ids)

    return among


def _company_condition(key: StratumKey) -> Composable:
    """The condition that a company has the industry and size of a stratum, and once was in its district."""
    part = [
        SQL("left(industry_code, 1) = {}").format(Literal(key.industry)),
        SQL("coalesce(size, '') = {}").format(Literal(key.size)),
    ]
    if key.district:
        districts = SQL("id IN (SELECT company_id FROM {} WHERE district_id = {})")
        part.append(districts.format(Identifier(CompanyDistrict._meta.db_table), Literal(key.district)))
    return SQL(" AND ").join(part)
