-- A new entitlement names a policy, a version, a company and an employee that exist.
--
-- PostgreSQL's own foreign keys would look up four rows for each entitlement, one by one, and take half as long as all
-- the rest of matching. None of the named rows can be deleted, so checking the new entitlements is enough.
DECLARE
    unknown text;
BEGIN
    -- planned anew
    SELECT 'policy and version'
    FROM (SELECT DISTINCT policy_id, version_id FROM new_rows) AS n
    WHERE NOT EXISTS (
        SELECT FROM policies_policyversion AS v
        WHERE v.id = n.version_id AND v.policy_id = n.policy_id AND v.status NOT IN ('draft', 'submitted')
    )
    UNION ALL
    SELECT 'company'
    FROM (SELECT DISTINCT company_id FROM new_rows) AS n
    LEFT JOIN companies_company AS c ON c.id = n.company_id
    WHERE c.id IS NULL
    UNION ALL
    SELECT 'employee'
    FROM (SELECT DISTINCT employee_id FROM new_rows WHERE employee_id IS NOT NULL) AS n
    LEFT JOIN companies_employee AS p ON p.id = n.employee_id
    WHERE p.id IS NULL
    LIMIT 1
    INTO unknown;
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'entitlement_names_known',
            MESSAGE = 'An entitlement names no ' || unknown || ' that there is.';
    END IF;
    RETURN NULL;
END;
