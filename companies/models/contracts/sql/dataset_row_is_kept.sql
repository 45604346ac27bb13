-- Rows that decided about money are kept: those of datasets are replaced, never deleted, and earlier ones stay as they are.
CREATE OR REPLACE FUNCTION dataset_row_is_kept() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME,
        MESSAGE = 'Rows of datasets and their earlier forms are kept, because decisions name them.';
END $$;
