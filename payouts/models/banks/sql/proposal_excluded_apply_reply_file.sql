-- Who opened or sealed a batch that the file is about neither proposes nor confirms that the file is applied.
CREATE OR REPLACE FUNCTION proposal_excluded_apply_reply_file(subject bigint) RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(DISTINCT maker.person), '{}')
    FROM payouts_batch b
    CROSS JOIN LATERAL (VALUES (b.opened_by_id), (b.sealed_by_id)) AS maker (person)
    WHERE maker.person IS NOT NULL AND b.channel = 'file' AND b.id IN (
        SELECT i.batch_id FROM payouts_replyline l JOIN payouts_instruction i ON i.id = l.instruction_id
        WHERE l.file_id = subject
    )
$$;
