BEGIN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = '{{promise}}', MESSAGE = '{{why}}';
END;
