-- Whoever entered an account neither proposes nor confirms it, nor does a member of the firm that it is for.
CREATE OR REPLACE FUNCTION proposal_excluded_payee_account(subject bigint) RETURNS bigint[] AS $$
    SELECT coalesce(array_agg(DISTINCT person), '{}') FROM (
        SELECT a.entered_by_id AS person FROM companies_payeeaccount a WHERE a.id = subject
        UNION ALL
        SELECT m.user_id FROM companies_payeeaccount a JOIN companies_membership m ON m.company_id = a.company_id
        WHERE a.id = subject
    ) concerned
    WHERE person IS NOT NULL
$$ LANGUAGE sql STABLE;
