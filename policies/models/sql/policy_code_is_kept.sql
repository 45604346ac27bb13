-- A policy keeps its code once a version of it was submitted.
--
-- Rules of other policies name the code (received[policy = …]), and so does the sealed text. If the code changed, those
-- rules would overlook earlier payouts, and a firm could be paid twice without a second officer having agreed.
BEGIN
    PERFORM FROM policies_policyversion WHERE policy_id = NEW.id FOR SHARE;
    IF EXISTS (SELECT FROM policies_policyversion WHERE policy_id = NEW.id AND status <> 'draft') THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'policy_code_is_kept',
            MESSAGE = 'A policy keeps its code once a version of it was submitted.';
    END IF;
    RETURN NEW;
END;
