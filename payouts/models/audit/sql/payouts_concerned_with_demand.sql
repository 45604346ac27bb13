-- The persons who neither propose nor confirm a finding about a demand: who found the breach, and the firm's members.
CREATE OR REPLACE FUNCTION payouts_concerned_with_demand(demand bigint) RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(DISTINCT person), '{}') FROM (
        SELECT c.checked_by_id AS person
        FROM payouts_recovery r JOIN payouts_postcheck c ON c.id = r.check_found_id
        WHERE r.id = demand
        UNION ALL
        SELECT m.user_id
        FROM payouts_recovery r
        JOIN payouts_payout p ON p.id = r.payout_id
        JOIN companies_membership m ON m.company_id = p.company_id
        WHERE r.id = demand
    ) concerned
    WHERE person IS NOT NULL
$$;
