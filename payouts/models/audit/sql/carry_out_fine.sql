-- Records the fine, and adds it to the demand, which is due no earlier than fifteen days after the decision.
CREATE OR REPLACE FUNCTION carry_out_fine(proposal proposals_proposal) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO payouts_fine (recovery_id, percentage, amount_cny, proposal_id)
    VALUES (
        proposal.subject_id,
        (proposal.after ->> 'percentage')::smallint,
        (proposal.after ->> 'fine_cny')::numeric,
        proposal.id
    );
    UPDATE payouts_recovery
    SET fine_percentage = (proposal.after ->> 'percentage')::smallint,
        fine_cny = (proposal.after ->> 'fine_cny')::numeric,
        due_on = greatest(due_on, (proposal.decided_at AT TIME ZONE 'Asia/Shanghai')::date + 15)
    WHERE id = proposal.subject_id;
END;
$$;
