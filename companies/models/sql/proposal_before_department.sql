-- The names of a department; one that is still to be added is number 0, and has none.
CREATE OR REPLACE FUNCTION proposal_before_department(subject bigint) RETURNS jsonb AS $$
BEGIN
    IF subject = 0 THEN
        RETURN '{}';
    END IF;
    PERFORM FROM companies_department WHERE id = subject FOR NO KEY UPDATE;
    RETURN (
        SELECT jsonb_build_object('code', d.code, 'name_zh', d.name_zh, 'name_en', d.name_en)
        FROM companies_department d WHERE d.id = subject
    );
END;
$$ LANGUAGE plpgsql SET search_path = public, pg_temp;
