-- The person who found the breach does not demand the money back.
BEGIN
    IF (
        NEW.demanded_by_id <> (SELECT checked_by_id FROM payouts_postcheck WHERE id = NEW.check_found_id)
    ) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'recovery_is_demanded_by_another_person',
            MESSAGE = 'As things stand this is not written.';
    END IF;
    RETURN NEW;
END;
