-- The terms of a source, and whether it runs; it stays locked until the transaction ends.
CREATE OR REPLACE FUNCTION proposal_before_data_source(subject bigint) RETURNS jsonb AS $$
BEGIN
    PERFORM FROM companies_datasource WHERE id = subject FOR NO KEY UPDATE;
    RETURN (
        SELECT jsonb_build_object(
            'dataset', s.dataset, 'name', s.name, 'kind', s.kind, 'address', s.address, 'username', s.username,
            'secret_id', s.secret_id, 'trusted', s.trusted, 'file_pattern', s.file_pattern, 'query', s.query,
            'begins_at', s.begins_at, 'bookmark_from', s.bookmark_from, 'bookmark_name', s.bookmark_name,
            'as_of_from', s.as_of_from, 'as_of_name', s.as_of_name, 'every_minutes', s.every_minutes,
            'largest_mib', s.largest_mib,
            'state', CASE WHEN s.confirmed_at IS NULL THEN 'new' WHEN s.paused_at IS NULL THEN 'runs' ELSE 'paused' END
        )
        FROM companies_datasource s WHERE s.id = subject
    );
END;
$$ LANGUAGE plpgsql SET search_path = public, pg_temp;
