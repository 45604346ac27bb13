-- What was granted to the fund so far, for whoever decides about more.
CREATE OR REPLACE FUNCTION proposal_before_grant(subject bigint) RETURNS jsonb AS $$
    SELECT jsonb_build_object('granted_cny', granted_cny::text) FROM payouts_fund WHERE id = subject
$$ LANGUAGE sql STABLE;
