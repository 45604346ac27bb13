-- Who brought the file neither proposes nor confirms what a row of it is about.
CREATE OR REPLACE FUNCTION proposal_excluded_match_reply_line(subject bigint) RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY[f.uploaded_by_id]
    FROM payouts_replyline l JOIN payouts_replyfile f ON f.id = l.file_id
    WHERE l.id = subject
$$;
