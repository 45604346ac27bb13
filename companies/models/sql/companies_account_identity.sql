-- To what the number of an account is bound; `account_identity` says the same before the row is written.
CREATE OR REPLACE FUNCTION companies_account_identity(account companies_payeeaccount) RETURNS text LANGUAGE sql STABLE AS
$$
    SELECT CASE
        WHEN account.company_id IS NOT NULL THEN (
            SELECT c.credit_code FROM companies_company c WHERE c.id = account.company_id
        )
        WHEN account.employee_id IS NOT NULL THEN (
            SELECT encode(e.id_number_hash, 'hex') FROM companies_employee e WHERE e.id = account.employee_id
        )
        ELSE (SELECT t.code FROM companies_thirdparty t WHERE t.id = account.third_party_id)
    END || '/' || encode(account.number_hash, 'hex')
$$;
