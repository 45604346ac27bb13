-- A part of a version is written only while the version is a draft.
--
-- The share lock makes the writer of a part wait while another transaction submits the version; the writer is then
-- refused.
BEGIN
    PERFORM FROM policies_policyversion WHERE id IN ({{owners}}) FOR SHARE;
    IF EXISTS (SELECT FROM policies_policyversion WHERE id IN ({{owners}}) AND status <> 'draft') THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = '{{promise}}', MESSAGE = '{{why}}';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END;
