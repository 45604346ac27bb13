-- Rules of other policies name the code ("received[policy = …]"), and what was sealed says it: with another code a
-- payout would be overlooked, and paid for again, without a second officer.
BEGIN
    PERFORM FROM policies_policyversion WHERE policy_id = NEW.id FOR SHARE;
    IF EXISTS (SELECT FROM policies_policyversion WHERE policy_id = NEW.id AND status <> 'draft') THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'policy_code_is_kept',
            MESSAGE = 'A policy keeps its code once a version of it was submitted.';
    END IF;
    RETURN NEW;
END;
