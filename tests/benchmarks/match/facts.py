"""The facts that the engines beside SQL get: one row for each firm, for the six policies that all of them decide."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

# All policies of these kinds, so that none of ours shares joins with a policy that the others do not decide.
CODES = ("P-07", "P-14-2023", "P-27", "P-37", "P-37-330108", "P-42")
PERIODS = {"P-07": "2023Q3", "P-14-2023": "2023", "P-27": "2022", "P-37": "", "P-37-330108": "", "P-42": "2022"}

_OF_FIRMS = "company_id BETWEEN %(first)s AND %(last)s"
# The facts of the firms in a range of ids; numbers are exact, and an unknown fact is null.
EXTRACT = f"""
SELECT c.id, c.industry_code AS industry, c.size, c.standing, c.ownership, t.is_normal,
    coalesce(u.bills, CASE WHEN u.company_id IS NOT NULL THEN 0 END) AS bills,
    coalesce(r.dishonest, 0) AS dishonest, coalesce(r.zombie, 0) AS zombie,
    y.paid_months, y.layoff_rate, y.insured, y.unemployment_premium AS premium,
    coalesce(l.in_2023, 0) AS industry_entries, coalesce(l.in_2022, 0) AS scale_entries,
    coalesce(h.titles, 0) AS titles,
    o.q3, o.q3_before, o.q1, o.q2, o.q1_before, o.q2_before,
    x.revenue_2022, x.revenue_2021, x.tax_2022, e.expense AS expense,
    d.newest, d.newest_from, d.older, d.older_from
FROM companies_company AS c
LEFT JOIN dataset_taxpayer AS t ON t.company_id = c.id
LEFT JOIN dataset_insurance_year AS y ON y.company_id = c.id AND y.year = 2022
LEFT JOIN dataset_research AS e ON e.company_id = c.id AND e.year = 2022
LEFT JOIN (SELECT company_id, count(*) FILTER (WHERE amount > 0) AS bills FROM dataset_utilities
    WHERE {_OF_FIRMS} GROUP BY company_id) AS u ON u.company_id = c.id
LEFT JOIN (SELECT company_id, count(*) FILTER (WHERE kind = 'serious_dishonesty') AS dishonest,
    count(*) FILTER (WHERE kind = 'zombie') AS zombie FROM dataset_credit
    WHERE removed_on IS NULL AND {_OF_FIRMS} GROUP BY company_id) AS r ON r.company_id = c.id
LEFT JOIN (SELECT company_id,
    count(*) FILTER (WHERE trade = 'industry' AND (left_on IS NULL OR left_on > '2023-09-30')) AS in_2023,
    count(*) FILTER (WHERE trade IN ('industry', 'service') AND entered_on <= '2022-12-31'
        AND (left_on IS NULL OR left_on > '2022-12-31')) AS in_2022
    FROM dataset_library WHERE {_OF_FIRMS} GROUP BY company_id) AS l ON l.company_id = c.id
LEFT JOIN (SELECT company_id, count(*) AS titles FROM dataset_titles WHERE kind = 'national_high_tech'
    AND awarded_on <= '2022-12-31' AND awarded_on > '2019-12-31' AND {_OF_FIRMS} GROUP BY company_id) AS h
    ON h.company_id = c.id
LEFT JOIN (SELECT company_id, max(value) FILTER (WHERE quarter = '2023Q3') AS q3,
    max(value) FILTER (WHERE quarter = '2022Q3') AS q3_before,
    max(value) FILTER (WHERE quarter = '2023Q1') AS q1, max(value) FILTER (WHERE quarter = '2023Q2') AS q2,
    max(value) FILTER (WHERE quarter = '2022Q1') AS q1_before,
    max(value) FILTER (WHERE quarter = '2022Q2') AS q2_before
    FROM dataset_output WHERE {_OF_FIRMS} GROUP BY company_id) AS o ON o.company_id = c.id
LEFT JOIN (SELECT company_id, max(revenue) FILTER (WHERE year = 2022) AS revenue_2022,
    max(revenue) FILTER (WHERE year = 2021) AS revenue_2021,
    max(tax_paid) FILTER (WHERE year = 2022) AS tax_2022
    FROM dataset_tax WHERE {_OF_FIRMS} GROUP BY company_id) AS x ON x.company_id = c.id
LEFT JOIN (SELECT company_id, (array_agg(district_id ORDER BY valid_from DESC))[1] AS newest,
    (array_agg(valid_from ORDER BY valid_from DESC))[1] AS newest_from,
    (array_agg(district_id ORDER BY valid_from DESC))[2] AS older,
    (array_agg(valid_from ORDER BY valid_from DESC))[2] AS older_from
    FROM companies_companydistrict WHERE {_OF_FIRMS} GROUP BY company_id) AS d ON d.company_id = c.id
WHERE c.id BETWEEN %(first)s AND %(last)s
"""
# The facts that each policy reads, for the evidence.
LOOKED_AT = {
    "P-07": (
        *("industry", "industry_entries", "ownership", "q3", "q3_before"),
        *("q1", "q2", "q1_before", "q2_before"),
    ),
    "P-14-2023": ("paid_months", "layoff_rate", "insured", "dishonest", "zombie", "premium", "size"),
    "P-27": ("scale_entries", "titles", "expense", "tax_2022"),
    "P-37": ("size", "standing", "is_normal", "bills"),
    "P-37-330108": ("size", "standing", "is_normal", "bills", "newest"),
    "P-42": ("industry", "revenue_2022", "revenue_2021", "standing"),
}


def district_on(firm: Mapping[str, Any], day: dt.date) -> str:
    """The district of a firm on a day."""
    for name in ("newest", "older"):
        if firm[name] and str(firm[f"{name}_from"]) <= str(day):
            return str(firm[name])
    return ""
