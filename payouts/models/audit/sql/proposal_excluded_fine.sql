-- Who found the breach neither proposes nor confirms a fine, nor does a member of the firm.
CREATE OR REPLACE FUNCTION proposal_excluded_fine(subject bigint) RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT payouts_concerned_with_demand(subject)
$$;
