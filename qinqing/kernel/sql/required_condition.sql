-- The trigger refuses to write a row while the condition does not hold.
BEGIN
    IF ({{condition}}) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = '{{promise}}',
            MESSAGE = 'As things stand this is not written.';
    END IF;
    RETURN NEW;
END;
