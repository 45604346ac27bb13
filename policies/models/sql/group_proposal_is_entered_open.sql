-- A proposal enters undecided, and about a group that exists.
--
-- The database itself writes the group's present terms into `before`, and locks the group while it does so.
BEGIN
    PERFORM FROM policies_stackinggroup WHERE id = NEW.group_id FOR NO KEY UPDATE;
    NEW.before := (SELECT terms FROM policies_groupterms WHERE group_id = NEW.group_id);
    IF NEW.decision <> '' OR NEW.before IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'group_proposal_is_entered_open',
            MESSAGE = 'A proposal is about a group, and decided later.';
    END IF;
    RETURN NEW;
END;
