-- The layout of a batch does not change while the bank's drop has its file, or may have it: the bank would get a second one.
DECLARE
    last text;
BEGIN
    SELECT kind INTO last FROM payouts_handoverstep WHERE batch_id = NEW.id ORDER BY number DESC LIMIT 1;
    IF last NOT IN ('refused', 'absent') THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'layout_stays_once_handed_over',
            MESSAGE = 'The bank has the file of this batch, or may have it.';
    END IF;
    RETURN NEW;
END;
