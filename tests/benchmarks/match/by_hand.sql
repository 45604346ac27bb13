-- The 34 policies as somebody who knows SQL and these tables well would write them, each from its smallest table on.
--
-- A statement gives the firm, the person, the district, the subject, the period, the amount, its base and its limit,
-- which row of several of one subject comes first, and the facts that go into the evidence, in the order of the rules.
-- :district(x) is the district of the firm x on :day; :hit_industry says that the firm c is in one of the five industries
-- hit hardest; :mean is the mean of the insured to 38 digits, as the rules have it.

-- policy P-01
SELECT i.company_id, i.employee_id, d.district_id AS district, 'couple:' || least(i.employee_id, p.spouse_id) AS key,
    '' AS period, 500.00 AS amount, NULL::numeric AS base, NULL::numeric AS most, i.hired_on AS starts, i.id AS item_id,
    d.district_id AS f1, t.district AS f2, i.insured_from AS f3, i.insured_until AS f4, w.total AS f5, w.months AS f6,
    h.in_public_housing AS f7, h.has_subsidy AS f8, m.is_married AS f9, s.in_public_housing AS f10,
    s.has_subsidy AS f11, h.owns_home AS f12, s.owns_home AS f13
FROM dataset_employees i
JOIN companies_employee p ON p.id = i.employee_id
JOIN dataset_wages w ON w.employee_id = i.employee_id AND w.year = 2019
JOIN dataset_housing h ON h.employee_id = i.employee_id
JOIN dataset_taxpayer t ON t.company_id = i.company_id AND t.district LIKE '3301%'
JOIN (
    SELECT DISTINCT ON (company_id) company_id, district_id FROM companies_companydistrict
    WHERE valid_from <= :day ORDER BY company_id, valid_from DESC
) d ON d.company_id = i.company_id AND d.district_id LIKE '3301%'
LEFT JOIN dataset_marriage m ON m.employee_id = i.employee_id
LEFT JOIN dataset_housing s ON s.employee_id = p.spouse_id
WHERE i.insured_from <= '2019-12-31' AND (i.insured_until IS NULL OR i.insured_until >= '2020-01-01')
AND w.total / nullif(w.months, 0) * 12 < CASE d.district_id WHEN '330127' THEN 57000 ELSE 72000 END
AND NOT h.in_public_housing AND NOT h.has_subsidy AND NOT h.owns_home
AND (NOT m.is_married OR (NOT s.in_public_housing AND NOT s.has_subsidy AND NOT s.owns_home))
-- end

-- policy P-02
SELECT i.company_id, NULL::bigint AS employee_id, :district(i.company_id) AS district, 'compound:' || i.code AS key,
    '' AS period, round(i.managed_m2 * 0.5 * 2, 2) AS amount, NULL::numeric AS base, NULL::numeric AS most,
    NULL::date AS starts, i.id AS item_id,
    c.industry_code AS f1, i.joined_epidemic_control AS f2, i.managed_m2 AS f3
FROM dataset_compounds i JOIN companies_company c ON c.id = i.company_id
WHERE c.industry_code LIKE 'K702%' AND i.joined_epidemic_control AND i.managed_m2 >= 0.005
-- end

-- policy P-05
SELECT i.company_id, NULL::bigint AS employee_id, :district(i.company_id) AS district,
    'company:' || i.company_id AS key, i.month AS period,
    CASE l.retail > 0 AND i.retail - b.retail >= 10000000 WHEN true THEN 100000 WHEN false THEN 50000 END AS amount,
    NULL::numeric AS base, NULL::numeric AS most, NULL::date AS starts, i.id AS item_id,
    i.month AS f1, l.retail AS f2, l.catering AS f3, i.retail AS f4, b.retail AS f5, i.year AS f6,
    i.month_of_year AS f7, i.catering AS f8, b.catering AS f9
FROM dataset_sales i
JOIN (
    SELECT company_id, count(*) FILTER (WHERE trade = 'retail') AS retail,
        count(*) FILTER (WHERE trade = 'catering') AS catering
    FROM dataset_library WHERE trade IN ('retail', 'catering') AND (left_on IS NULL OR left_on > :day)
    GROUP BY company_id
) l ON l.company_id = i.company_id
LEFT JOIN dataset_sales b
    ON b.company_id = i.company_id AND b.year = i.year - 1 AND b.month_of_year = i.month_of_year
WHERE i.month BETWEEN '2022-01' AND '2022-03'
AND ((l.retail > 0 AND i.retail - b.retail >= 10000000)
    OR (l.catering > 0 AND i.catering - b.catering >= 1000000))
AND (l.retail = 0 OR i.retail - b.retail IS NOT NULL)
-- end

-- policy P-07
SELECT c.id AS company_id, NULL::bigint AS employee_id, :district(c.id) AS district, 'company:' || c.id AS key,
    '2023Q3' AS period, least(floor((q3.value - b3.value) / 10000000) * 20000, 10000000) AS amount,
    NULL::numeric AS base, NULL::numeric AS most, NULL::date AS starts, NULL::bigint AS item_id,
    c.industry_code AS f1, l.entries AS f2, c.ownership AS f3, q3.value AS f4, b3.value AS f5,
    q1.value AS f6, q2.value AS f7, b1.value AS f8, b2.value AS f9
FROM dataset_output q3
JOIN dataset_output b3 ON b3.company_id = q3.company_id AND b3.quarter = '2022Q3'
JOIN companies_company c ON c.id = q3.company_id
JOIN (
    SELECT company_id, count(*) AS entries FROM dataset_library
    WHERE trade = 'industry' AND (left_on IS NULL OR left_on > :day) GROUP BY company_id
) l ON l.company_id = c.id
LEFT JOIN dataset_output q1 ON q1.company_id = c.id AND q1.quarter = '2023Q1'
LEFT JOIN dataset_output q2 ON q2.company_id = c.id AND q2.quarter = '2023Q2'
LEFT JOIN dataset_output b1 ON b1.company_id = c.id AND b1.quarter = '2022Q1'
LEFT JOIN dataset_output b2 ON b2.company_id = c.id AND b2.quarter = '2022Q2'
WHERE q3.quarter = '2023Q3' AND q3.value >= 100000000 AND c.industry_code LIKE 'C%' AND c.ownership <> 'state'
AND (q3.value >= b3.value * 1.15 OR (q3.value >= b3.value * 1.05
    AND q3.value / nullif(b3.value, 0)
        > (q1.value + q2.value) / nullif(b1.value + b2.value, 0)))
AND q3.value - b3.value >= 10000000
-- end

-- policy P-07-2023Q2
SELECT c.id AS company_id, NULL::bigint AS employee_id, :district(c.id) AS district, 'company:' || c.id AS key,
    '2023Q2' AS period, least(floor((q2.value - b2.value) / 10000000) * 20000, 10000000) AS amount,
    NULL::numeric AS base, NULL::numeric AS most, NULL::date AS starts, NULL::bigint AS item_id,
    c.industry_code AS f1, l.entries AS f2, c.ownership AS f3, q2.value AS f4, b2.value AS f5,
    q1.value AS f6, b1.value AS f7
FROM dataset_output q2
JOIN dataset_output b2 ON b2.company_id = q2.company_id AND b2.quarter = '2022Q2'
JOIN companies_company c ON c.id = q2.company_id
JOIN (
    SELECT company_id, count(*) AS entries FROM dataset_library
    WHERE trade = 'industry' AND (left_on IS NULL OR left_on > :day) GROUP BY company_id
) l ON l.company_id = c.id
LEFT JOIN dataset_output q1 ON q1.company_id = c.id AND q1.quarter = '2023Q1'
LEFT JOIN dataset_output b1 ON b1.company_id = c.id AND b1.quarter = '2022Q1'
WHERE q2.quarter = '2023Q2' AND q2.value >= 100000000 AND c.industry_code LIKE 'C%' AND c.ownership <> 'state'
AND (q2.value >= b2.value * 1.15 OR (q2.value >= b2.value * 1.05
    AND q2.value / nullif(b2.value, 0)
        > (q1.value + q2.value) / nullif(b1.value + b2.value, 0)))
AND q2.value - b2.value >= 10000000
-- end

-- policy P-09
SELECT c.id AS company_id, NULL::bigint AS employee_id, :district(c.id) AS district, 'company:' || c.id AS key,
    '' AS period, CASE WHEN s.retail + s.catering >= 50000000 THEN 100000 ELSE 80000 END AS amount,
    NULL::numeric AS base, NULL::numeric AS most, NULL::date AS starts, NULL::bigint AS item_id,
    c.founded_on AS f1, l.entries AS f2, c.standing AS f3, s.decembers AS f4, s.retail AS f5, s.catering AS f6
FROM companies_company c
JOIN (
    SELECT company_id, count(*) AS entries FROM dataset_library
    WHERE trade IN ('retail', 'catering') AND entered_on BETWEEN '2023-01-01' AND '2023-12-31' GROUP BY company_id
) l ON l.company_id = c.id
JOIN LATERAL (
    SELECT count(*) FILTER (WHERE month = '2023-12') AS decembers, sum(retail) AS retail,
        sum(catering) AS catering
    FROM dataset_sales WHERE company_id = c.id AND year = 2023
) s ON s.decembers > 0
WHERE c.founded_on >= '2022-10-01' AND c.standing = 'active'
-- end

-- policy P-11
SELECT i.company_id, i.employee_id, :district(i.company_id) AS district, 'car:' || i.vin AS key, '' AS period,
    CASE WHEN i.price_ex_tax >= 300000 THEN 10000 WHEN i.price_ex_tax >= 200000 THEN 6000 ELSE 2000 END AS amount,
    NULL::numeric AS base, NULL::numeric AS most, i.sold_on AS starts, i.id AS item_id,
    i.is_new_energy AS f1, i.sold_on AS f2, 0 AS f3, i.price_ex_tax AS f4
FROM dataset_car_sales i
WHERE i.is_new_energy AND i.sold_on BETWEEN '2022-01-01' AND '2022-12-31' AND i.price_ex_tax IS NOT NULL
AND NOT EXISTS (
    SELECT FROM dataset_person_credit r
    WHERE r.employee_id = i.employee_id AND r.kind = 'serious_dishonesty' AND r.removed_on IS NULL
)
-- end

-- policy P-14
SELECT c.id AS company_id, NULL::bigint AS employee_id, :district(c.id) AS district, 'company:' || c.id AS key,
    ':period' AS period,
    round(y.unemployment_premium * CASE WHEN c.size = 'large' THEN :large ELSE :other END, 2) AS amount,
    NULL::numeric AS base, NULL::numeric AS most, NULL::date AS starts, NULL::bigint AS item_id,
    y.paid_months AS f1, y.layoff_rate AS f2, y.insured AS f3, 0 AS f4, 0 AS f5, y.unemployment_premium AS f6,
    c.size AS f7
FROM dataset_insurance_year y JOIN companies_company c ON c.id = y.company_id
WHERE y.year = :year AND y.paid_months >= 12
AND (y.layoff_rate <= 0.055 OR (y.insured <= 30 AND y.layoff_rate <= 0.20)) AND c.size IS NOT NULL
AND y.unemployment_premium * CASE WHEN c.size = 'large' THEN :large ELSE :other END >= 0.005
AND NOT EXISTS (
    SELECT FROM dataset_credit r
    WHERE r.company_id = c.id AND r.kind IN ('serious_dishonesty', 'zombie') AND r.removed_on IS NULL
)
-- end

-- policy P-16
SELECT c.id AS company_id, NULL::bigint AS employee_id, :district(c.id) AS district, 'company:' || c.id AS key,
    '' AS period, round(round(m.mean, 2) * 500, 2) AS amount,
    NULL::numeric AS base, NULL::numeric AS most, NULL::date AS starts, NULL::bigint AS item_id,
    c.industry_code AS f1, coalesce(r.periods, 0) AS f2, c.founded_on AS f3, 0 AS f4, m.months AS f5, m.mean AS f6
FROM companies_company c
LEFT JOIN (
    SELECT company_id, count(*) AS periods FROM dataset_risk_periods
    WHERE started_on <= ':year-04-30' AND (ended_on IS NULL OR ended_on >= ':year-01-01') GROUP BY company_id
) r ON r.company_id = c.id
JOIN LATERAL (
    SELECT count(*) AS months, :mean AS mean FROM dataset_insurance
    WHERE company_id = c.id AND month BETWEEN ':year-01' AND ':year-04'
) m ON m.months = CASE WHEN c.founded_on < ':year-02-01' THEN 4 ELSE 5 - extract(month FROM c.founded_on) END
WHERE c.founded_on <= ':year-04-30' AND (:hit_industry OR r.periods > 0) AND m.mean >= 0.005
AND NOT EXISTS (
    SELECT FROM dataset_credit r WHERE r.company_id = c.id AND r.kind = 'zombie' AND r.removed_on IS NULL
)
-- end

-- policy P-17
SELECT i.company_id, i.employee_id, :district(i.company_id) AS district, 'employee:' || i.employee_id AS key,
    '' AS period, 1500 AS amount, NULL::numeric AS base, NULL::numeric AS most, i.hired_on AS starts, i.id AS item_id,
    i.hired_on AS f1, i.graduated_on AS f2, i.is_registered_unemployed AS f3, i.age_at_hire AS f4,
    i.has_contract AS f5, i.insured_months AS f6
FROM dataset_employees i
WHERE i.hired_on BETWEEN ':year-01-01' AND ':year-12-31' AND i.has_contract AND i.insured_months >= 1
AND (i.graduated_on BETWEEN ':year-01-01' AND ':year-12-31'
    OR (i.is_registered_unemployed AND (i.graduated_on >= ':since' OR i.age_at_hire BETWEEN 16 AND 24)))
-- end

-- policy P-18
SELECT i.company_id, i.employee_id, :district(i.company_id) AS district, 'employee:' || i.employee_id AS key,
    '' AS period, 1000 AS amount, NULL::numeric AS base, NULL::numeric AS most, i.hired_on AS starts, i.id AS item_id,
    i.hired_on AS f1, i.is_registered_unemployed AS f2, i.has_contract AS f3, i.insured_months AS f4,
    c.industry_code AS f5
FROM dataset_employees i JOIN companies_company c ON c.id = i.company_id
WHERE i.hired_on > '2021-12-31' AND i.hired_on <= '2022-12-31' AND i.is_registered_unemployed AND i.has_contract
AND i.insured_months >= 3 AND c.industry_code NOT LIKE 'L7264%'
-- end

-- policy P-19
SELECT i.company_id, i.employee_id, :district(i.company_id) AS district, 'employee:' || i.employee_id AS key,
    i.month AS period, 500 AS amount, NULL::numeric AS base, NULL::numeric AS most, i.hired_on AS starts,
    i.id AS item_id,
    i.month AS f1, i.month_number AS f2, i.kind AS f3, i.hired_on AS f4, c.size AS f5, coalesce(s.stoppages, 0) AS f6,
    c.industry_code AS f7
FROM dataset_trainings i JOIN companies_company c ON c.id = i.company_id
LEFT JOIN (SELECT company_id, count(*) AS stoppages FROM dataset_stoppages GROUP BY company_id) s
    ON s.company_id = c.id
WHERE i.month BETWEEN '2020-07' AND '2021-12' AND i.month_number <= 6
AND ((i.kind IN ('hardship', 'graduate', 'registered_unemployed') AND i.hired_on >= '2020-01-01')
    OR (c.size IN ('medium', 'small', 'micro') AND s.stoppages > 0) OR :hit_industry)
-- end

-- policy P-21
SELECT i.company_id, i.employee_id, :district(i.company_id) AS district, 'employee:' || i.employee_id AS key,
    '2022/23' AS period, round(m.fees, 2) AS amount, NULL::numeric AS base, NULL::numeric AS most,
    i.hired_on AS starts, i.id AS item_id,
    c.is_government_unit AS f1, i.last_left_on AS f2, i.hired_on AS f3, m.months AS f4, c.credit_code AS f5,
    m.fees AS f6, i.gender AS f7, i.age_at_hire AS f8
FROM dataset_hardship_hires i JOIN companies_company c ON c.id = i.company_id
JOIN LATERAL (
    SELECT count(*) AS months, sum(CASE
        WHEN b.id IS NOT NULL THEN 0
        WHEN m.month >= '2023-02' THEN m.fees
        WHEN (i.gender = 'male' AND i.age_at_hire >= 55) OR (i.gender = 'female' AND i.age_at_hire >= 45) THEN 800
        ELSE 600 END) AS fees
    FROM dataset_contributions m
    LEFT JOIN dataset_unemployment_benefits b ON b.employee_id = m.employee_id AND b.month = m.month
    WHERE m.employee_id = i.employee_id AND m.month BETWEEN '2022-11' AND '2023-04' AND m.employer = c.credit_code
) m ON m.months > 0 AND m.fees >= 0.005
WHERE NOT c.is_government_unit AND (i.last_left_on IS NULL OR i.hired_on > i.last_left_on + interval '6 months')
-- end

-- policy P-23
SELECT i.company_id, NULL::bigint AS employee_id, :district(i.company_id) AS district, 'title:' || i.certificate AS key,
    '' AS period, CASE i.recognition WHEN 'first' THEN 200000 ELSE 100000 END AS amount,
    NULL::numeric AS base, NULL::numeric AS most, NULL::date AS starts, i.id AS item_id,
    i.kind AS f1, i.awarded_on AS f2, i.recognition AS f3, c.standing AS f4
FROM dataset_titles i JOIN companies_company c ON c.id = i.company_id
WHERE i.kind = 'national_high_tech' AND i.awarded_on BETWEEN ':year-01-01' AND ':year-12-31'
AND i.recognition IN ('first', 'renewal') AND c.standing = 'active'
-- end

-- policy P-24
SELECT i.company_id, NULL::bigint AS employee_id, :district(i.company_id) AS district,
    'entry:' || i.company_id || ':' || i.trade AS key, ':year' AS period,
    (coalesce(r.instalments, 0) + 1) * 100000 AS amount, NULL::numeric AS base, NULL::numeric AS most,
    NULL::date AS starts, i.id AS item_id,
    i.trade AS f1, i.is_first_entry AS f2, i.entered_on AS f3, i.left_on AS f4, coalesce(r.instalments, 0) AS f5
FROM dataset_library i
LEFT JOIN (
    SELECT company_id, count(*) AS instalments FROM payouts_received
    WHERE policy = 'P-24' AND period < ':year' GROUP BY company_id
) r ON r.company_id = i.company_id
WHERE i.trade = 'industry' AND i.is_first_entry AND i.entered_on BETWEEN make_date(:year - 2, 1, 1) AND :day
AND (i.left_on IS NULL OR i.left_on > :day)
AND coalesce(r.instalments, 0) = :year - extract(year FROM i.entered_on)
-- end

-- policy P-27
SELECT c.company_id, NULL::bigint AS employee_id, :district(c.company_id) AS district,
    'company:' || c.company_id AS key, ':year' AS period,
    least(round(c.expense, 2), round(t.tax_paid, 2), 5000000) AS amount, round(c.expense, 2) AS base,
    round(t.tax_paid, 2) AS most, NULL::date AS starts, NULL::bigint AS item_id,
    l.entries AS f1, h.titles AS f2, c.expense AS f3, t.tax_paid AS f4
FROM dataset_research c
JOIN dataset_tax t ON t.company_id = c.company_id AND t.year = :year AND t.tax_paid >= 0.005
JOIN (
    SELECT company_id, count(*) AS entries FROM dataset_library
    WHERE trade IN ('industry', 'service') AND entered_on <= :day AND (left_on IS NULL OR left_on > :day)
    GROUP BY company_id
) l ON l.company_id = c.company_id
JOIN (
    SELECT company_id, count(*) AS titles FROM dataset_titles
    WHERE kind = 'national_high_tech' AND awarded_on <= :day AND awarded_on > :day - interval '3 years'
    GROUP BY company_id
) h ON h.company_id = c.company_id
WHERE c.year = :year AND c.expense >= 0.005
-- end

-- policy P-28
SELECT i.company_id, NULL::bigint AS employee_id, :district(i.company_id) AS district, 'loan:' || i.contract AS key,
    '' AS period, round(greatest(least(i.principal, 50000000 - coalesce(e.principal, 0)), 0) * 0.015
        * least((i.due_on - i.drawn_on) / 365.0, 2), 2) AS amount,
    NULL::numeric AS base, NULL::numeric AS most, NULL::date AS starts, i.id AS item_id,
    i.is_fixed_asset AS f1, i.drawn_on AS f2, c.size AS f3, l.listings AS f4, i.has_other_subsidy AS f5,
    i.principal AS f6, e.loans AS f7, i.contract AS f8, e.principal AS f9, i.due_on AS f10
FROM dataset_loans i JOIN companies_company c ON c.id = i.company_id
JOIN (
    SELECT company_id, count(*) AS listings FROM dataset_lists WHERE name = 'key_chain' AND year = 2026
    GROUP BY company_id
) l ON l.company_id = c.id
CROSS JOIN LATERAL (
    SELECT count(*) AS loans, sum(principal) AS principal FROM dataset_loans o
    WHERE o.company_id = i.company_id AND o.is_fixed_asset AND o.drawn_on >= '2026-01-01'
    AND (o.drawn_on, o.contract) < (i.drawn_on, i.contract)
) e
WHERE i.is_fixed_asset AND i.drawn_on >= '2026-01-01' AND NOT i.has_other_subsidy
AND c.size IN ('medium', 'small', 'micro')
AND greatest(least(i.principal, 50000000 - coalesce(e.principal, 0)), 0) * 0.015
    * least((i.due_on - i.drawn_on) / 365.0, 2) >= 0.005
-- end

-- policy P-29
SELECT i.company_id, NULL::bigint AS employee_id, :district(i.company_id) AS district, 'loan:' || i.contract AS key,
    '' AS period, least(round(i.principal * least(i.rate, 0.031 - 50 / 10000.0, 0.025)
        * least(i.due_on - i.drawn_on, 365) / 360, 2), 1000000) AS amount,
    NULL::numeric AS base, NULL::numeric AS most, NULL::date AS starts, i.id AS item_id,
    i.is_fixed_asset AS f1, i.drawn_on AS f2, i.has_other_subsidy AS f3, 0 AS f4, i.principal AS f5, i.rate AS f6,
    i.due_on AS f7
FROM dataset_loans i
WHERE i.is_fixed_asset AND i.drawn_on >= '2025-01-01' AND NOT i.has_other_subsidy
AND i.principal > 0 AND i.rate > 0 AND i.due_on > i.drawn_on
AND NOT EXISTS (
    SELECT FROM dataset_credit r
    WHERE r.company_id = i.company_id AND r.kind = 'serious_dishonesty' AND r.removed_on IS NULL
)
-- end

-- policy P-33
SELECT c.id AS company_id, NULL::bigint AS employee_id, :district(c.id) AS district, 'company:' || c.id AS key,
    '' AS period, least(round(r.paid * 0.2, 2), 200000) AS amount, NULL::numeric AS base, NULL::numeric AS most,
    NULL::date AS starts, NULL::bigint AS item_id,
    c.industry_code AS f1, l.entries AS f2, 0 AS f3, r.months AS f4, r.paid AS f5
FROM (
    SELECT company_id, count(*) AS entries FROM dataset_library
    WHERE trade IN ('lodging', 'catering', 'retail', 'service') AND entered_on <= :day
    AND (left_on IS NULL OR left_on > :day) GROUP BY company_id
) l
JOIN companies_company c ON c.id = l.company_id
JOIN (
    SELECT company_id, count(*) AS months, sum(amount) AS paid FROM dataset_rents
    WHERE paid_on BETWEEN '2022-03-01' AND '2022-05-31' GROUP BY company_id
) r ON r.company_id = c.id
WHERE (left(c.industry_code, 3) IN ('H61', 'H62') OR left(c.industry_code, 4) IN ('F526', 'N786', 'R876'))
AND r.paid * 0.2 >= 0.005
AND NOT EXISTS (
    SELECT FROM dataset_lists q WHERE q.company_id = c.id AND q.name = 'quarantine_hotel' AND q.year = 2022
)
-- end

-- policy P-34
SELECT c.id AS company_id, NULL::bigint AS employee_id, :district(c.id) AS district, 'company:' || c.id AS key,
    '' AS period, floor(r.owed / 100) * 100 AS amount, NULL::numeric AS base, NULL::numeric AS most,
    NULL::date AS starts, NULL::bigint AS item_id,
    c.size AS f1, c.ownership AS f2, r.owed AS f3
FROM (
    SELECT company_id, sum(CASE WHEN is_state_owned THEN amount ELSE 0 END) AS owed FROM dataset_rents
    GROUP BY company_id HAVING bool_and(is_state_owned IS NOT NULL)
) r
JOIN companies_company c ON c.id = r.company_id
WHERE r.owed >= 100 AND c.size IN ('small', 'micro') AND c.ownership <> 'state'
-- end

-- policy P-35
SELECT l.company_id, NULL::bigint AS employee_id, :district(l.company_id) AS district,
    'company:' || l.company_id AS key, '' AS period, least(round(m.march * 500, 2), 200000, e.amount_cny) AS amount,
    NULL::numeric AS base, NULL::numeric AS most, NULL::date AS starts, NULL::bigint AS item_id,
    l.listings AS f1, m.months AS f2, m.mean AS f3, m.january AS f4, m.march AS f5,
    jsonb_build_object('entry', e.id, 'row', e.row, 'title', w.title, 'number', w.document_number, 'department',
        w.department, 'as_of', (w.published_at AT TIME ZONE 'Asia/Shanghai')::date, 'amount', e.amount_cny) AS listed
FROM (
    SELECT company_id, count(*) AS listings FROM dataset_lists WHERE name = 'top_100' AND year = 2022
    GROUP BY company_id
) l
JOIN LATERAL (
    SELECT count(*) AS months, :mean AS mean,
        (SELECT insured FROM dataset_insurance WHERE company_id = l.company_id AND month = '2022-01') AS january,
        max(insured) FILTER (WHERE month = '2022-03') AS march
    FROM dataset_insurance WHERE company_id = l.company_id AND month BETWEEN '2022-03' AND '2022-05'
) m ON m.months = 3 AND m.mean >= m.january * 0.95
JOIN companies_company c ON c.id = l.company_id
JOIN policies_whitelistentry e ON e.version_id = :version AND e.standing = 'live' AND e.credit_code = c.credit_code
    AND e.id_number_hash IS NULL
JOIN policies_whitelist w ON w.id = e.white_list_id AND w.status = 'published'
-- end

-- policy P-36
SELECT i.company_id, NULL::bigint AS employee_id, :district(i.company_id) AS district,
    'bill:' || i.company_id || ':' || i.kind AS key, i.month AS period, round(i.amount * 0.1, 2) AS amount,
    NULL::numeric AS base, NULL::numeric AS most, NULL::date AS starts, i.id AS item_id,
    i.is_resident AS f1, i.month AS f2, i.amount AS f3, i.supplier AS f4
FROM dataset_utilities i
WHERE NOT i.is_resident AND i.month BETWEEN '2022-06' AND '2022-08' AND i.amount * 0.1 >= 0.005
-- end

-- policy P-36-330106
SELECT i.company_id, NULL::bigint AS employee_id, d.district_id AS district,
    'bill:' || i.company_id || ':' || i.kind AS key, i.month AS period, round(i.amount * 0.05, 2) AS amount,
    NULL::numeric AS base, NULL::numeric AS most, NULL::date AS starts, i.id AS item_id,
    i.is_resident AS f1, i.month AS f2, d.district_id AS f3, i.amount AS f4, i.supplier AS f5
FROM dataset_utilities i
JOIN (
    SELECT DISTINCT ON (company_id) company_id, district_id FROM companies_companydistrict
    WHERE valid_from <= :day ORDER BY company_id, valid_from DESC
) d ON d.company_id = i.company_id AND d.district_id = '330106'
WHERE NOT i.is_resident AND i.month BETWEEN '2022-06' AND '2022-08' AND i.amount * 0.05 >= 0.005
-- end

-- policy P-37
SELECT c.id AS company_id, NULL::bigint AS employee_id, :district(c.id) AS district, 'company:' || c.id AS key,
    '' AS period, 1500 AS amount, NULL::numeric AS base, NULL::numeric AS most, NULL::date AS starts,
    NULL::bigint AS item_id,
    c.size AS f1, c.standing AS f2, t.is_normal AS f3, u.bills AS f4
FROM companies_company c
JOIN dataset_taxpayer t ON t.company_id = c.id AND t.is_normal
JOIN (
    SELECT company_id, count(*) AS bills FROM dataset_utilities WHERE amount > 0 GROUP BY company_id
) u ON u.company_id = c.id
WHERE c.size IN ('small', 'micro') AND c.standing = 'active'
-- end

-- policy P-37-330108
SELECT c.id AS company_id, NULL::bigint AS employee_id, d.district_id AS district, 'company:' || c.id AS key,
    '' AS period, 800 AS amount, NULL::numeric AS base, NULL::numeric AS most, NULL::date AS starts,
    NULL::bigint AS item_id,
    c.size AS f1, c.standing AS f2, t.is_normal AS f3, u.bills AS f4, d.district_id AS f5
FROM (
    SELECT DISTINCT ON (company_id) company_id, district_id FROM companies_companydistrict
    WHERE valid_from <= :day ORDER BY company_id, valid_from DESC
) d
JOIN companies_company c ON c.id = d.company_id AND c.size IN ('small', 'micro') AND c.standing = 'active'
JOIN dataset_taxpayer t ON t.company_id = c.id AND t.is_normal
CROSS JOIN LATERAL (
    SELECT count(*) AS bills FROM dataset_utilities WHERE company_id = c.id AND amount > 0
) u
WHERE d.district_id = '330108' AND u.bills > 0
-- end

-- policy P-39
SELECT i.company_id, NULL::bigint AS employee_id, :district(i.company_id) AS district, 'title:' || i.certificate AS key,
    '' AS period, 200000 AS amount, NULL::numeric AS base, NULL::numeric AS most, NULL::date AS starts, i.id AS item_id,
    i.kind AS f1, i.awarded_on AS f2, c.size AS f3, c.standing AS f4
FROM dataset_titles i JOIN companies_company c ON c.id = i.company_id
WHERE i.kind = 'provincial_specialised' AND i.awarded_on >= '2022-01-01' AND c.size IN ('medium', 'small', 'micro')
AND c.standing = 'active'
-- end

-- policy P-40
SELECT i.company_id, NULL::bigint AS employee_id, :district(i.company_id) AS district, 'title:' || i.certificate AS key,
    '' AS period, 500000 + 500000 * 0.5 AS amount, NULL::numeric AS base, NULL::numeric AS most, NULL::date AS starts,
    i.id AS item_id,
    i.kind AS f1, i.recognition AS f2, i.awarded_on AS f3, c.standing AS f4
FROM dataset_titles i JOIN companies_company c ON c.id = i.company_id
WHERE i.kind = 'little_giant' AND i.recognition = 'first' AND i.awarded_on BETWEEN '2024-01-01' AND '2024-12-31'
AND c.standing = 'active'
-- end

-- policy P-42
SELECT c.id AS company_id, NULL::bigint AS employee_id, :district(c.id) AS district, 'company:' || c.id AS key,
    '2022' AS period, least(round(least(g.growth, 10000000) * 0.005
        + CASE WHEN g.growth > 10000000 THEN (least(g.growth, 50000000) - 10000000) * 0.003 ELSE 0 END
        + CASE WHEN g.growth > 50000000 THEN (g.growth - 50000000) * 0.001 ELSE 0 END, 2), 1000000) AS amount,
    NULL::numeric AS base, NULL::numeric AS most, NULL::date AS starts, NULL::bigint AS item_id,
    c.industry_code AS f1, y.revenue AS f2, b.revenue AS f3, c.standing AS f4
FROM companies_company c
JOIN dataset_tax y ON y.company_id = c.id AND y.year = 2022
JOIN dataset_tax b ON b.company_id = c.id AND b.year = 2021
CROSS JOIN LATERAL (SELECT y.revenue - b.revenue AS growth OFFSET 0) g
WHERE left(c.industry_code, 1) IN ('I', 'L', 'M', 'R') AND c.standing = 'active'
AND y.revenue >= b.revenue * 1.1 AND g.growth >= 1
-- end
