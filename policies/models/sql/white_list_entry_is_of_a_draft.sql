-- Rows of a list are inserted while the list is a draft, in status waiting, and each names a firm or a person as its
-- version requires.
BEGIN
    PERFORM FROM policies_whitelist WHERE id IN (SELECT white_list_id FROM new_rows) ORDER BY id FOR SHARE;
    IF EXISTS (
        SELECT FROM new_rows n
        LEFT JOIN policies_whitelist l ON l.id = n.white_list_id AND l.version_id = n.version_id
        LEFT JOIN policies_policyversion v ON v.id = l.version_id
        WHERE (
            l.status = 'draft' AND n.standing = 'waiting' AND (v.subject = 'company') = (n.id_number_hash IS NULL)
        ) IS NOT TRUE
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'white_list_entry_is_of_a_draft',
            MESSAGE = 'Rows are written while the list is a draft.';
    END IF;
    RETURN NULL;
END;
