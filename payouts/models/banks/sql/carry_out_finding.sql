-- Records whether the bank made the payment.
CREATE OR REPLACE FUNCTION carry_out_finding(proposal proposals_proposal) RETURNS void AS $$
    INSERT INTO payouts_finding (reply_id, was_paid, proposal_id)
    VALUES (proposal.subject_id, (proposal.after ->> 'was_paid')::boolean, proposal.id)
$$ LANGUAGE sql;
