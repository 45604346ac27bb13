-- Records that a demand is for fraud.
CREATE OR REPLACE FUNCTION carry_out_fraud(proposal proposals_proposal) RETURNS void LANGUAGE sql AS $$
    INSERT INTO payouts_fraudfinding (recovery_id, proposal_id) VALUES (proposal.subject_id, proposal.id)
$$;
