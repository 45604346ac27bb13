"""The size classes of 2017, at every edge of the table, in Python and in SQL."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import pytest
from django.db import connection
from psycopg.sql import SQL, Literal

from companies.classifications.size_classes import TABLE, Size, size_class, size_sql

# industry, staff, revenue in yuan, assets in yuan, class
KNOWN = [
    ("A01", None, 200_000_000, None, "large"),
    ("A01", None, 199_999_999, None, "medium"),
    ("C1310", 1_000, 400_000_000, None, "large"),
    ("C1310", 1_000, 399_999_999, None, "medium"),
    ("C1310", 1_000, 3_000_000, None, "small"),
    ("C1310", 19, 400_000_000, None, "micro"),
    ("E4710", None, 800_000_000, 800_000_000, "large"),
    ("F5111", 200, 400_000_000, None, "large"),
    ("F5211", 300, 200_000_000, None, "large"),
    ("F52", 10, 1_000_000, None, "small"),
    ("F52", 9, 1_000_000, None, "micro"),
    ("G5430", 20, 2_000_000, None, "small"),
    ("G5310", 5_000, 9_000_000_000, None, None),
    ("H6210", 300, 100_000_000, None, "large"),
    ("I6513", 10, 500_000, None, "small"),
    ("K7010", None, 2_000_000_000, 100_000_000, "large"),
    ("K7020", 1_000, 50_000_000, None, "large"),
    ("K7020", 99, 50_000_000, None, "micro"),
    ("K70", 1_000, 2_000_000_000, 2_000_000_000, None),
    ("L7211", 300, None, 1_200_000_000, "large"),
    ("M7320", 300, None, None, "large"),
    ("Q8510", 10, None, None, "small"),
    ("Q8411", 1_000, None, None, None),
    ("J6620", 1_000, 9_000_000_000, 9_000_000_000, None),
    ("P8300", 1_000, None, None, None),
    ("F5211", None, 200_000_000, None, None),
    ("F5211", 300, None, None, None),
]


@pytest.mark.parametrize(("industry", "staff", "revenue", "assets", "expected"), KNOWN)
def test_classes_of_the_table(
    industry: str, staff: int | None, revenue: int | None, assets: int | None, expected: str | None
) -> None:
    found = size_class(industry_code=industry, staff=staff, revenue_cny=_money(revenue), assets_cny=_money(assets))
    assert found == (None if expected is None else Size(expected))


@pytest.mark.django_db
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.prefixes[0])
def test_sql_agrees_at_every_edge(row: object) -> None:
    edges = {"staff": {None}, "revenue_cny": {None}, "assets_cny": {None}}
    for bound in row.bounds:
        for value in (bound.large, bound.medium, bound.small):
            edges[bound.measure] |= {value - 1, value, value + 1}
    firms = [(code, *numbers) for code in row.prefixes for numbers in product(*edges.values())]
    assert _by_sql(firms) == [
        size_class(industry_code=code, staff=staff, revenue_cny=_money(revenue), assets_cny=_money(assets))
        for code, staff, revenue, assets in firms
    ]


@pytest.mark.django_db
def test_sql_agrees_where_nothing_is_covered() -> None:
    assert _by_sql([("J6620", 10, 10, 10), ("G5310", 10, 10, 10), ("K70", 10, 10, 10)]) == [None] * 3


def _money(yuan: int | None) -> Decimal | None:
    return None if yuan is None else Decimal(yuan)


def _by_sql(firms: list[tuple[str, int | None, int | None, int | None]]) -> list[Size | None]:
    rows = SQL(", ").join(
        SQL("({}, {}, {}::integer, {}::numeric, {}::numeric)").format(Literal(place), *map(Literal, firm))
        for place, firm in enumerate(firms)
    )
    query = SQL(
        "SELECT {} FROM (VALUES {}) AS firm (place, industry_code, staff, revenue_cny, assets_cny) ORDER BY place"
    ).format(size_sql(), rows)
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [None if size is None else Size(size) for [size] in cursor.fetchall()]
