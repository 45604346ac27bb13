-- The places that each entitlement takes in stacking groups. A place is a group, a holder and a period.
--
-- This view alone says whose place it is: the claim, the portal, matching and the triggers read it. A couple's
-- entitlement takes a place for each spouse, whoever they are married to later. A policy without a period of its own
-- counts in the year of its facts.
--
-- Aliases: e entitlement, m group member, g group, v version, h holder.
CREATE OR REPLACE VIEW policies_stackingplace AS
SELECT
    e.id AS entitlement_id,
    e.policy_id,
    e.status,
    e.amount_cny,
    e.company_id,
    m.group_id,
    h.holder_key,
    CASE g.span
        WHEN 'ever' THEN ''
        WHEN 'year' THEN coalesce(
            substring(e.period_key FROM '^[0-9]{4}'), to_char(coalesce(v.as_of_on, v.opens_on), 'YYYY')
        )
        ELSE e.period_key
    END AS period_key
FROM policies_entitlement e
JOIN policies_stackingmember m ON m.policy_id = e.policy_id
JOIN policies_stackinggroup g ON g.id = m.group_id AND g.rule <> 'may_coexist'
JOIN policies_policyversion v ON v.id = e.version_id
CROSS JOIN LATERAL (
    SELECT 'company:' || e.company_id AS holder_key WHERE g.holder = 'company'
    UNION ALL
    SELECT 'person:' || e.employee_id WHERE g.holder = 'person' AND e.employee_id IS NOT NULL
    UNION ALL
    SELECT 'person:' || n.person FROM (VALUES (e.persons[1]), (e.persons[2])) AS n (person)
    WHERE g.holder = 'person' AND n.person <> e.employee_id
    UNION ALL
    SELECT e.subject_key WHERE g.holder = 'subject'
) h;
