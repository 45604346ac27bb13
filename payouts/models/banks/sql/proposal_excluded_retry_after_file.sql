-- Who brought, applied or matched what a file says of the payout's outstanding attempts: neither proposes nor confirms.
CREATE OR REPLACE FUNCTION proposal_excluded_retry_after_file(subject bigint) RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(DISTINCT hand.person), '{}')
    FROM payouts_outstanding_attempt o
    JOIN payouts_reply r ON r.instruction_id = o.instruction_id
    JOIN payouts_replyline l ON l.id = r.line_id
    JOIN payouts_replyfile f ON f.id = l.file_id
    CROSS JOIN LATERAL (VALUES (f.uploaded_by_id), (f.applied_by_id), (l.decided_by_id)) AS hand (person)
    WHERE o.payout_id = subject AND hand.person IS NOT NULL
$$;
