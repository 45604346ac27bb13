-- What a proposal to give a released batch another layout shows: its layout, its seal, and how often its file was taken.
CREATE OR REPLACE FUNCTION proposal_before_batch_layout(subject bigint) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM payouts_batch WHERE id = subject FOR NO KEY UPDATE;
    RETURN (
        SELECT jsonb_build_object(
            'kind', b.layout_kind,
            'template', b.layout_template_id,
            'lines', b.line_count,
            'total', b.control_sum_cny::text,
            'downloads', (
                SELECT count(*) FROM payouts_download d JOIN payouts_batchfile f ON f.id = d.file_id
                WHERE f.batch_id = b.id
            )
        )
        FROM payouts_batch b WHERE b.id = subject AND b.channel = 'file' AND b.status = 'exported'
    );
END;
$$;
