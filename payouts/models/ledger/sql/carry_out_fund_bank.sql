-- Gives the fund the bank that the proposal names; null is the interface of the settings.
CREATE OR REPLACE FUNCTION carry_out_fund_bank(proposal proposals_proposal) RETURNS void LANGUAGE sql AS $$
    UPDATE payouts_fund SET bank_id = (proposal.after->>'bank')::bigint WHERE id = proposal.subject_id
$$;
