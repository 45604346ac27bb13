-- Only an update of a row writes its earlier form.
CREATE OR REPLACE FUNCTION dataset_history_is_written_by_trigger() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME,
            MESSAGE = 'Only an update of a row writes its earlier form.';
    END IF;
    RETURN NULL;
END $$;
