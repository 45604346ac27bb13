-- Adds a department, or gives one other names.
CREATE OR REPLACE FUNCTION carry_out_department(proposal proposals_proposal) RETURNS void AS $$
DECLARE
    told jsonb := proposal.after;
BEGIN
    IF proposal.subject_id = 0 THEN
        INSERT INTO companies_department (code, name_zh, name_en, added_at, added_by_id)
        VALUES (
            told ->> 'code', told ->> 'name_zh', told ->> 'name_en', proposal.decided_at, proposal.decided_by_id
        );
    ELSE
        UPDATE companies_department SET name_zh = told ->> 'name_zh', name_en = told ->> 'name_en'
        WHERE id = proposal.subject_id;
    END IF;
END;
$$ LANGUAGE plpgsql SET search_path = public, pg_temp;
