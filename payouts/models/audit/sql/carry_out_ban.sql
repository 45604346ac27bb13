-- Puts the firm of the demand on the blacklist for the days that the proposal names.
CREATE OR REPLACE FUNCTION carry_out_ban(proposal proposals_proposal) RETURNS void LANGUAGE sql AS $$
    INSERT INTO payouts_blacklisting (
        company_id, recovery_id, begins_on, ends_on, listed_by_id, lifted_because, proposal_id
    )
    SELECT
        p.company_id, r.id, (proposal.after ->> 'begins_on')::date, (proposal.after ->> 'ends_on')::date,
        proposal.decided_by_id, '', proposal.id
    FROM payouts_recovery r JOIN payouts_payout p ON p.id = r.payout_id
    WHERE r.id = proposal.subject_id
$$;
