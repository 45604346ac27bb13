-- A new account may be used at once only if it is the first of a company or an employee and its holder is called as they
-- are registered. Any other account waits until it is confirmed.
--
-- Aliases: n new account, c company, e employee, a another account of the same payee.
DECLARE
    is_broken boolean;
BEGIN
    -- planned by size
    SELECT EXISTS (
        SELECT FROM new_rows n
        LEFT JOIN companies_company c ON c.id = n.company_id
        LEFT JOIN companies_employee e ON e.id = n.employee_id
        WHERE n.confirmation <> '' OR n.stopped_at IS NOT NULL OR n.usable_from IS NOT NULL AND (
            n.third_party_id IS NOT NULL
            OR {{holder}} IS DISTINCT FROM {{registered}}
            OR EXISTS (
                SELECT FROM companies_payeeaccount a
                WHERE a.company_id = n.company_id AND a.id <> n.id AND a.usable_from IS NOT NULL AND a.stopped_at IS NULL
            )
            OR EXISTS (
                SELECT FROM companies_payeeaccount a
                WHERE a.employee_id = n.employee_id AND a.id <> n.id AND a.usable_from IS NOT NULL AND a.stopped_at IS NULL
            )
        )
    )
    INTO is_broken;
    IF is_broken THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'payee_account_is_first_or_waits',
            MESSAGE = 'An account that replaces another, or whose holder is called otherwise, waits for confirmation.';
    END IF;
    RETURN NULL;
END;
