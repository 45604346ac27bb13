"""P-07 and P-14 as a person would count them: the tables' own columns, joined on their keys, in one statement."""

from __future__ import annotations

from typing import LiteralString

_DISTRICT: LiteralString = """
    LEFT JOIN (
        SELECT DISTINCT ON (company_id) company_id, district_id FROM companies_companydistrict
        WHERE valid_from <= '{day}' ORDER BY company_id, valid_from DESC
    ) AS l ON l.company_id = c.id
"""

# The figures by industry and size are further grouping sets; the row of the total has no district.
_COUNTS: LiteralString = """
    SELECT CASE WHEN grouping(industry, size) = 3 THEN district END, count(*),
        count(*) FILTER (WHERE c1 AND c2 AND c3 AND c4 AND pays),
        sum(amount) FILTER (WHERE c1 AND c2 AND c3 AND c4 AND pays),
        count(*) FILTER (WHERE NOT (c1 AND c2 AND c3 AND c4 AND pays)),
        count(*) FILTER (WHERE (c1 AND c2 AND c3 AND c4 AND pays) IS NULL),
        count(*) FILTER (WHERE c1), count(*) FILTER (WHERE c1 AND c2), count(*) FILTER (WHERE c1 AND c2 AND c3),
        count(*) FILTER (WHERE c1 AND c2 AND c3 AND c4), count(*) FILTER (WHERE c1 AND c2 AND c3 AND c4 AND pays)
    FROM decided GROUP BY GROUPING SETS ((), (district), (industry), (size))
    HAVING grouping(industry, size) = 3
"""

_P_14: LiteralString = (
    """
WITH decided AS NOT MATERIALIZED (
    SELECT district, industry, size, c1, c2, c3, c4, amount, amount > 0 AS pays FROM (
        SELECT coalesce(l.district_id, '') AS district, left(c.industry_code, 1) AS industry,
            coalesce(c.size, '') AS size, y.paid_months >= 12 AS c1,
            y.layoff_rate <= 0.055 OR (y.insured <= 30 AND y.layoff_rate <= 0.20) AS c2,
            NOT coalesce(r.is_dishonest, false) AS c3, NOT coalesce(r.is_zombie, false) AS c4,
            round(y.unemployment_premium * CASE WHEN c.size = 'large' THEN 0.3 WHEN c.size <> 'large' THEN 0.6 END,
                2) AS amount
        FROM companies_company AS c
"""
    + _DISTRICT.replace("{day}", "2022-05-31")
    + """
        LEFT JOIN dataset_insurance_year AS y ON y.company_id = c.id AND y.year = 2021
        LEFT JOIN (
            SELECT company_id, bool_or(kind = 'serious_dishonesty') AS is_dishonest,
                bool_or(kind = 'zombie') AS is_zombie
            FROM dataset_credit WHERE removed_on IS NULL GROUP BY company_id
        ) AS r ON r.company_id = c.id
        OFFSET 0
    ) AS worked_out
)
"""
    + _COUNTS
)

_P_07: LiteralString = (
    """
WITH decided AS NOT MATERIALIZED (
    SELECT district, industry, size, c1, c2, c3, c4, amount, amount > 0 AS pays FROM (
        SELECT coalesce(l.district_id, '') AS district, left(c.industry_code, 1) AS industry,
            coalesce(c.size, '') AS size, c.industry_code LIKE 'C%' AND e.company_id IS NOT NULL AS c1,
            c.ownership <> 'state' AS c2, o.now >= 100000000 AS c3,
            (o.now >= o.before * 1.05 AND o.now / nullif(o.before, 0) > o.half / nullif(o.half_before, 0))
                OR o.now >= o.before * 1.15 AS c4,
            least(floor((o.now - o.before) / 10000000) * 20000, 10000000) AS amount
        FROM companies_company AS c
"""
    + _DISTRICT.replace("{day}", "2023-09-30")
    + """
        LEFT JOIN dataset_library AS e ON e.company_id = c.id AND e.trade = 'industry'
            AND (e.left_on IS NULL OR e.left_on > '2023-09-30')
        LEFT JOIN (
            SELECT company_id,
                min(value) FILTER (WHERE quarter = '2023Q3') AS now,
                min(value) FILTER (WHERE quarter = '2022Q3') AS before,
                min(value) FILTER (WHERE quarter = '2023Q1') + min(value) FILTER (WHERE quarter = '2023Q2')
                    AS half,
                min(value) FILTER (WHERE quarter = '2022Q1') + min(value) FILTER (WHERE quarter = '2022Q2')
                    AS half_before
            FROM dataset_output GROUP BY company_id
        ) AS o ON o.company_id = c.id
        OFFSET 0
    ) AS worked_out
)
"""
    + _COUNTS
)

BY_HAND: dict[str, LiteralString] = {"P-07": _P_07, "P-14": _P_14}
