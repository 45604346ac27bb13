-- The trigger refuses the statement, whatever it writes.
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = '{{promise}}', MESSAGE = '{{why}}';
END;
