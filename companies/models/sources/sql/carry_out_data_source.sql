-- Gives a source the terms that two people agreed on, or lets a paused one go on; its next pull is due at once.
--
-- What was noted about another place or another question says nothing about the new one, so it is forgotten.
CREATE OR REPLACE FUNCTION carry_out_data_source(proposal proposals_proposal) RETURNS void AS $$
DECLARE
    terms companies_datasource;
BEGIN
    SELECT (jsonb_populate_record(s, proposal.after - 'state')).* FROM companies_datasource s
    WHERE s.id = proposal.subject_id INTO terms;
    UPDATE companies_datasource s
    SET name = terms.name, kind = terms.kind, address = terms.address, username = terms.username,
        secret_id = terms.secret_id, trusted = terms.trusted, file_pattern = terms.file_pattern, query = terms.query,
        begins_at = terms.begins_at, bookmark_from = terms.bookmark_from, bookmark_name = terms.bookmark_name,
        as_of_from = terms.as_of_from, as_of_name = terms.as_of_name, every_minutes = terms.every_minutes,
        largest_mib = terms.largest_mib,
        confirmed_at = CASE WHEN proposal.after ? 'address' THEN proposal.decided_at ELSE s.confirmed_at END,
        bookmark = CASE WHEN is_other THEN '' ELSE s.bookmark END,
        seen = CASE WHEN is_other THEN '{}' ELSE s.seen END,
        paused_at = CASE WHEN proposal.after ->> 'state' = 'runs' THEN NULL ELSE s.paused_at END,
        paused_by_id = CASE WHEN proposal.after ->> 'state' = 'runs' THEN NULL ELSE s.paused_by_id END,
        next_pull_at = proposal.decided_at,
        failure_count = 0
    FROM (
        SELECT (o.kind, o.address, o.file_pattern, o.query, o.begins_at, o.bookmark_from, o.bookmark_name)
            IS DISTINCT FROM (
                terms.kind, terms.address, terms.file_pattern, terms.query, terms.begins_at, terms.bookmark_from,
                terms.bookmark_name
            ) AS is_other
        FROM companies_datasource o WHERE o.id = proposal.subject_id
    ) AS compared
    WHERE s.id = proposal.subject_id;
END;
$$ LANGUAGE plpgsql SET search_path = public, pg_temp;
