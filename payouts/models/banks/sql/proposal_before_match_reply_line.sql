-- What a proposal to match a row of a reply file shows: the row as the bank wrote it, and its meaning so far. Null if the
-- row waits for nobody.
CREATE OR REPLACE FUNCTION proposal_before_match_reply_line(subject bigint) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM payouts_replyline WHERE id = subject FOR NO KEY UPDATE;
    RETURN (
        SELECT jsonb_build_object(
            'instruction', i.end_to_end_id,
            'verdict', l.verdict,
            'written_id', l.end_to_end_id,
            'said', l.said,
            'outcome', l.outcome,
            'amount', coalesce(l.amount_cny::text, nullif(l.amount_said, '')),
            'bank_reference', l.bank_reference,
            'file', f.name || ' · SHA-256 ' || f.sha256,
            'row', l.number,
            'brought_by', u.username
        )
        FROM payouts_replyline l
        JOIN payouts_replyfile f ON f.id = l.file_id
        JOIN companies_user u ON u.id = f.uploaded_by_id
        LEFT JOIN payouts_instruction i ON i.id = l.instruction_id
        WHERE l.id = subject AND l.decided_at IS NULL AND f.status = 'applied'
            AND l.verdict IN ('ambiguous', 'wrong_amount', 'unknown', 'unsent', 'unclear')
    );
END;
$$;
