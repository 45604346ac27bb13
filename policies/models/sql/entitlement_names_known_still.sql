-- A changed entitlement still names a policy, a version, a company and an employee that exist;
-- `entitlement_names_known.sql` checks the new ones.
DECLARE
    unknown text;
BEGIN
    SELECT CASE
        WHEN NOT EXISTS (
            SELECT FROM policies_policyversion AS v
            WHERE v.id = NEW.version_id AND v.policy_id = NEW.policy_id AND v.status NOT IN ('draft', 'submitted')
        ) THEN 'policy and version'
        WHEN NOT EXISTS (SELECT FROM companies_company AS c WHERE c.id = NEW.company_id) THEN 'company'
        WHEN NEW.employee_id IS NOT NULL
            AND NOT EXISTS (SELECT FROM companies_employee AS p WHERE p.id = NEW.employee_id) THEN 'employee'
    END
    INTO unknown;
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'entitlement_names_known',
            MESSAGE = 'An entitlement names no ' || unknown || ' that there is.';
    END IF;
    RETURN NEW;
END;
