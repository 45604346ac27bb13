-- Matches a row to the instruction that the proposal names; the platform then records what the row says as its reply.
CREATE OR REPLACE FUNCTION carry_out_match_reply_line(proposal proposals_proposal) RETURNS void LANGUAGE sql AS $$
    UPDATE payouts_replyline l
    SET instruction_id = i.id, verdict = 'news', decided_at = proposal.decided_at, decided_by_id = proposal.decided_by_id,
        decided_because = i.end_to_end_id
    FROM payouts_instruction i
    WHERE l.id = proposal.subject_id AND i.end_to_end_id = proposal.after->>'instruction'
$$;
