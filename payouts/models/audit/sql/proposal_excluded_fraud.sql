-- Who found the breach neither proposes nor confirms that it was fraud, nor does a member of the firm.
CREATE OR REPLACE FUNCTION proposal_excluded_fraud(subject bigint) RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT payouts_concerned_with_demand(subject)
$$;
