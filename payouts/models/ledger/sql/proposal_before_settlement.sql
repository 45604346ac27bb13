-- A settlement changes no row of its fund, and what is owed follows from the books: `settlement_is_owed` looks there.
CREATE OR REPLACE FUNCTION proposal_before_settlement(subject bigint) RETURNS jsonb AS $$
    SELECT '{}'::jsonb FROM payouts_fund WHERE id = subject
$$ LANGUAGE sql STABLE;
