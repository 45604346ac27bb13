-- Grants the fund the proposed amount.
CREATE OR REPLACE FUNCTION carry_out_grant(proposal proposals_proposal) RETURNS void AS $$
    INSERT INTO payouts_grant (fund_id, amount_cny, proposal_id)
    VALUES (proposal.subject_id, (proposal.after ->> 'amount_cny')::numeric, proposal.id)
$$ LANGUAGE sql;
