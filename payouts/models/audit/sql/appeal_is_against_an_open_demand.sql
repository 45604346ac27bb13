-- An appeal enters undecided, and against an open demand.
--
-- The lock on the demand makes an appeal and the end of the demand wait for each other.
BEGIN
    PERFORM FROM payouts_recovery WHERE id = NEW.recovery_id FOR NO KEY UPDATE;
    IF (
        NEW.is_upheld IS NULL AND (SELECT ended_as FROM payouts_recovery WHERE id = NEW.recovery_id) = ''
    ) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'appeal_is_against_an_open_demand',
            MESSAGE = 'As things stand this is not written.';
    END IF;
    RETURN NEW;
END;
