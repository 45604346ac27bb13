-- What a proposal to apply a reply file shows: its bytes by their SHA-256, and how many rows of which meaning and outcome
-- it has, with their sums. Null if the file does not wait to be applied.
CREATE OR REPLACE FUNCTION proposal_before_apply_reply_file(subject bigint) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM payouts_replyfile WHERE id = subject FOR NO KEY UPDATE;
    RETURN (
        SELECT jsonb_build_object(
            'status', f.status,
            'sha256', f.sha256,
            'kind', f.kind,
            'rows', f.row_count,
            'brought_by', u.username,
            'changes', (
                SELECT coalesce(jsonb_agg(to_jsonb(c) ORDER BY c.verdict, c.outcome), '[]') FROM (
                    SELECT l.verdict, l.outcome, count(*) AS count, sum(i.amount_cny)::text AS total
                    FROM payouts_replyline l LEFT JOIN payouts_instruction i ON i.id = l.instruction_id
                    WHERE l.file_id = f.id GROUP BY l.verdict, l.outcome
                ) c
            )
        )
        FROM payouts_replyfile f JOIN companies_user u ON u.id = f.uploaded_by_id
        WHERE f.id = subject AND f.status = 'read'
    );
END;
$$;
