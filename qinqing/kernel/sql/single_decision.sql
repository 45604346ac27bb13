-- A row changes only while it is open, and only in the columns that its decision writes.
BEGIN
    IF NOT ({{is_open}}) OR to_jsonb(OLD) - {{columns}} IS DISTINCT FROM to_jsonb(NEW) - {{columns}} THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = '{{promise}}',
            MESSAGE = '{{why}}';
    END IF;
    RETURN NEW;
END;
