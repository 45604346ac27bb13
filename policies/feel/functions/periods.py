"""Functions that give the first day of a period: departments name it by text or number, "2023-02", "2023Q3", 2023."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

from policies.feel.functions.table import Function
from policies.feel.types.types import FeelType

_PERIOD = re.compile(r"(?!0000)([0-9]{4})(?:-(0[1-9]|1[0-2])|Q([1-4]))?")


def _of_text(period: str) -> dt.date | None:
    found = _PERIOD.fullmatch(period)
    if found is None:
        return None
    year, month, quarter = found.groups()
    return dt.date(int(year), int(month or 0) or int(quarter or 1) * 3 - 2, 1)


def _of_year(year: Decimal) -> dt.date | None:
    return dt.date(int(year), 1, 1) if 1 <= year <= 9999 and year == int(year) else None


# The casts see nothing but digits: what does not look like a period is null before them.
_TEXT_SQL = r"""(
    SELECT make_date(left(q.period, 4)::int, CASE
        WHEN substr(q.period, 5, 1) = '-' THEN right(q.period, 2)::int
        WHEN substr(q.period, 5, 1) = 'Q' THEN right(q.period, 1)::int * 3 - 2
        ELSE 1
    END, 1)
    FROM (
        SELECT CASE WHEN {period} ~ '^[0-9]{{4}}(-(0[1-9]|1[0-2])|Q[1-4])?$' AND left({period}, 4) <> '0000'
            THEN {period} END AS period OFFSET 0
    ) AS q
)"""
_YEAR_SQL = """(
    SELECT make_date(y.year, 1, 1) FROM (
        SELECT trunc(least(greatest({year}, 1), 9999))::int AS year
        WHERE {year} BETWEEN 1 AND 9999 AND {year} = trunc({year}) OFFSET 0
    ) AS y
)"""

START_OF_PERIOD: list[Function] = [
    Function("start of period", (("period", FeelType.STRING),), FeelType.DATE, _of_text, _TEXT_SQL),
    Function("start of period", (("year", FeelType.NUMBER),), FeelType.DATE, _of_year, _YEAR_SQL),
]
