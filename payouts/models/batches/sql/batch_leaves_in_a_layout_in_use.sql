-- A batch gets a layout that two people took into use; the lock keeps it from being retired meanwhile.
BEGIN
    PERFORM FROM payouts_banktemplate WHERE id = NEW.layout_template_id AND status = 'in_use' FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_leaves_in_a_layout_in_use',
            MESSAGE = 'A batch leaves in a layout that is in use.';
    END IF;
    RETURN NEW;
END;
