-- A proposal is confirmed only while its stacking group still has the terms that the proposing officer saw.
BEGIN
    PERFORM FROM policies_stackinggroup WHERE id = NEW.group_id FOR NO KEY UPDATE;
    IF (SELECT terms FROM policies_groupterms WHERE group_id = NEW.group_id) IS DISTINCT FROM OLD.before THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'group_proposal_is_of_today',
            MESSAGE = 'The group was changed since this was proposed.';
    END IF;
    RETURN NEW;
END;
