-- Whoever proposed or confirmed a ban neither proposes nor confirms its end, nor does a member of the firm.
CREATE OR REPLACE FUNCTION proposal_excluded_lift_ban(subject bigint) RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(DISTINCT person), '{}') FROM (
        SELECT b.listed_by_id AS person FROM payouts_blacklisting b WHERE b.id = subject
        UNION ALL
        SELECT p.proposed_by_id FROM payouts_blacklisting b JOIN proposals_proposal p ON p.id = b.proposal_id
        WHERE b.id = subject
        UNION ALL
        SELECT m.user_id FROM payouts_blacklisting b JOIN companies_membership m ON m.company_id = b.company_id
        WHERE b.id = subject
    ) concerned
    WHERE person IS NOT NULL
$$;
