-- Takes the firm off the blacklist before its time.
CREATE OR REPLACE FUNCTION carry_out_lift_ban(proposal proposals_proposal) RETURNS void LANGUAGE sql AS $$
    UPDATE payouts_blacklisting
    SET lifted_at = proposal.decided_at, lifted_by_id = proposal.decided_by_id,
        lifted_because = left(proposal.because, 200)
    WHERE id = proposal.subject_id
$$;
