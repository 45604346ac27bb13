-- A finding is about a reply that says “paid” and contradicts what the platform knew, and of which nothing was found.
CREATE OR REPLACE FUNCTION proposal_before_finding(subject bigint) RETURNS jsonb AS $$
    SELECT '{}'::jsonb FROM payouts_reply r
    WHERE r.id = subject AND r.outcome = 'paid' AND r.contradicted_status <> ''
$$ LANGUAGE sql STABLE;
