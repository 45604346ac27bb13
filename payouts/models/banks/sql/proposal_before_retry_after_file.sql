-- What a proposal about a payout with an outstanding attempt shows: the payout, its last outstanding attempt, and what a
-- file said of it. Null if the payout has none, or neither stopped nor waits for the answer to a file.
--
-- Aliases: p payout, a the account in use, o outstanding attempt, i its instruction, r reply, l row, f file, u and x the
-- persons who brought and applied it.
CREATE OR REPLACE FUNCTION proposal_before_retry_after_file(subject bigint) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM payouts_payout WHERE id = subject FOR NO KEY UPDATE;
    RETURN (
        SELECT jsonb_build_object(
            'status', p.status,
            'amount', p.amount_cny::text,
            'payee', a.holder_name || ' · ' || a.number_masked,
            'attempt', i.end_to_end_id,
            'valid_until', i.valid_until,
            'outcome', r.outcome,
            'reason', r.reason,
            'file', f.name || ' · SHA-256 ' || f.sha256,
            'row', l.number,
            'brought_by', u.username,
            'applied_by', x.username
        )
        FROM payouts_payout p
        JOIN companies_payeeaccount a ON a.id = p.account_id
        JOIN payouts_outstanding_attempt o ON o.payout_id = p.id
        JOIN payouts_instruction i ON i.id = o.instruction_id
        LEFT JOIN payouts_reply r ON r.instruction_id = i.id
        LEFT JOIN payouts_replyline l ON l.id = r.line_id
        LEFT JOIN payouts_replyfile f ON f.id = l.file_id
        LEFT JOIN companies_user u ON u.id = f.uploaded_by_id
        LEFT JOIN companies_user x ON x.id = f.applied_by_id
        WHERE p.id = subject
            AND (p.status IN ('failed', 'returned') OR p.status IN ('sent', 'in_doubt') AND o.channel = 'file')
        ORDER BY i.attempt DESC, r.id DESC NULLS LAST
        LIMIT 1
    );
END;
$$;
