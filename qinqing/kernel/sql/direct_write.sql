-- Only other triggers write this table: at depth 1 the statement itself is writing.
BEGIN
    IF pg_trigger_depth() = 1 THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = '{{promise}}', MESSAGE = '{{why}}';
    END IF;
    RETURN NULL;
END;
