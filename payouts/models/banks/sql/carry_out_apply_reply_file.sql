-- Marks the reply file as applied by whoever confirmed it; the platform then records its rows as replies.
CREATE OR REPLACE FUNCTION carry_out_apply_reply_file(proposal proposals_proposal) RETURNS void LANGUAGE sql AS $$
    UPDATE payouts_replyfile
    SET status = proposal.after->>'status', applied_at = proposal.decided_at, applied_by_id = proposal.decided_by_id
    WHERE id = proposal.subject_id
$$;
